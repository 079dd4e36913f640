"""Make a testbench for every pair of instruction and reference.

The command is `python -m itertl_eval.train.testbenches`; training calls `make_testbenches`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.testbenches._folder import MADE, Made, made_in, make_testbenches

__all__ = ["MADE", "Made", "made_in", "make_testbenches"]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(__name__, {"_folder": ["MADE", "Made", "made_in", "make_testbenches"]})
