"""The recipe of a run: dataclasses that TrlParser reads from YAML and from flags."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.train.config._checks import check_together, check_values
from itertl_eval.train.config._fields import (
    FREE,
    GROUPS,
    DataArguments,
    LoopArguments,
    ObjectiveArguments,
    ReportArguments,
    SampleArguments,
    TrainerArguments,
)


@dataclass
class Recipe:
    """A whole recipe, its fields grouped by the part of a run that uses them."""

    data: DataArguments = field(default_factory=DataArguments)
    sampling: SampleArguments = field(default_factory=SampleArguments)
    objective: ObjectiveArguments = field(default_factory=ObjectiveArguments)
    trainer: TrainerArguments = field(default_factory=TrainerArguments)
    loop: LoopArguments = field(default_factory=LoopArguments)
    report: ReportArguments = field(default_factory=ReportArguments)

    def __post_init__(self) -> None:
        check_values([getattr(self, entry.name) for entry in fields(self)])
        check_together(self.data, self.sampling, self.objective, self.trainer, self.loop)

    def flat(self) -> dict[str, Any]:
        """Return all fields by name without their groups, as in a YAML recipe."""
        return {key: value for group in asdict(self).values() for key, value in group.items()}

    def fixed(self) -> dict[str, Any]:
        """Return the fields that a run folder is bound to."""
        return {key: value for key, value in self.flat().items() if key not in FREE}


def parse(arguments: Sequence[str]) -> Recipe:
    """Read `--config FILE.yaml` and flags that override it.

    An unreadable flag ends the process with status 2, in argparse.

    Raises:
        UsageError: For an unknown field, with the nearest known one.
    """
    import yaml
    from trl import TrlParser

    groups: Any = GROUPS
    parser = TrlParser(
        groups,
        prog="python -m itertl_eval.train",
        epilog="--config FILE.yaml has the defaults of a recipe, and flags override them. "
        "--no_FIELD sets a field that is true or false to false.",
        allow_abbrev=False,
    )
    try:
        parts = parser.parse_args_and_config(list(arguments))
    except ValueError as error:
        raise UsageError(_with_hints(str(error))) from None
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"the recipe can't be read: {error}") from None
    return Recipe(*parts)


def make_recipe(**values: Any) -> Recipe:
    """Return a recipe from flat fields, the others at their defaults. For tests and scripts."""
    parts: list[Any] = []
    for group in GROUPS:
        names = [entry.name for entry in fields(group)]
        parts.append(group(**{name: values.pop(name) for name in names if name in values}))
    if values:
        raise UsageError(_with_hints(f"Unknown fields: {sorted(values)}"))
    return Recipe(*parts)


def _with_hints(message: str) -> str:
    known = [entry.name for group in GROUPS for entry in fields(group)]
    hints = []
    for name in re.findall(r"'-*(\w+)'", message):
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
        if close and name not in known:
            hints.append(f"{name}: did you mean {close[0]}?")
    return "\n".join([message, *dict.fromkeys(hints)])
