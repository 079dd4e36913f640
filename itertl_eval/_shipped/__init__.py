"""What travels beside the code: `tasks`, `testbenches` and `training`.

A wheel carries them in this folder. In a checkout they lie at the top of the repository, and
this package's path leads there, so that `itertl_eval._shipped.tasks` names the same folder in
both: lm-eval finds the task files by that name through the entry point.
"""

from pathlib import Path

_checkout = Path(__file__).parents[2]
if (_checkout / "pyproject.toml").exists():
    __path__ = [str(_checkout)]
