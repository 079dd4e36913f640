"""The stages as the page shows them: a letter, a colour class, a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from itertl_eval.verdict import STAGES, Verdict

INFRA = "infra_error"


@dataclass(frozen=True)
class StageLook:
    """How a stage looks; the letter carries the meaning where colours can't be told apart."""

    name: str
    letter: str
    meaning: str


LOOKS: dict[str, StageLook] = {
    look.name: look
    for look in (
        StageLook("extract", "E", "no module could be found in the answer"),
        StageLook("policy", "P", "the design uses what a design may not, such as $system"),
        StageLook("syntax", "S", "the code does not parse"),
        StageLook("elaborate", "L", "it parses but can't be elaborated"),
        StageLook("interface", "I", "its ports are not those that were asked for"),
        StageLook("simulate", "M", "it compiles but behaves wrongly (mismatch)"),
        StageLook("pass", "✓", "all checks of the testbench passed"),
        StageLook(INFRA, "!", "not graded: this machine failed; not counted in any score"),
    )
}


def look_of(verdict: Verdict) -> StageLook:
    """The look of the stage that a verdict ended in."""
    return LOOKS[INFRA if verdict.status == INFRA else verdict.stage]


@dataclass(frozen=True)
class Share:
    """A stage's part of all samples; `share` is in 0..1, `count` None where it is not known."""

    look: StageLook
    count: int | None
    share: float


def shares(counts: Mapping[str, int]) -> list[Share]:
    """Counts by stage as shares of their sum, in the stages' order, absent ones left out."""
    total = sum(counts.get(name, 0) for name in (*STAGES, INFRA))
    return [
        Share(look, counts[name], counts[name] / total)
        for name, look in LOOKS.items()
        if counts.get(name)
    ]


def reported_shares(parts: Mapping[str, float]) -> list[Share]:
    """Shares that a harness has written, in the stages' order, absent ones left out."""
    return [
        Share(look, None, parts[name]) for name, look in LOOKS.items() if parts.get(name, 0) > 0
    ]
