"""How the page shows stages: a letter, a color class, a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from itertl_eval.verdict import Verdict

INFRA = "infra_error"


@dataclass(frozen=True)
class StageLook:
    """How a stage looks. The letter carries the meaning for readers who can't see colors."""

    name: str
    letter: str
    meaning: str


LOOKS: dict[str, StageLook] = {
    look.name: look
    for look in (
        StageLook("extract", "E", "the completion holds no module"),
        StageLook("policy", "P", "the design uses a forbidden construct, such as $system"),
        StageLook("syntax", "S", "the code does not parse"),
        StageLook("elaborate", "L", "it parses but does not elaborate"),
        StageLook("interface", "I", "its ports are not the requested ones"),
        StageLook("simulate", "M", "it compiles but behaves wrongly (mismatch)"),
        StageLook("pass", "✓", "all checks of the testbench passed"),
        StageLook("untested", "?", "it elaborates, and there is no testbench"),
        StageLook(INFRA, "!", "not graded: the machine failed; in no score"),
    )
}


def look_of(verdict: Verdict) -> StageLook:
    """Return the look of the stage where a verdict ended."""
    return LOOKS[INFRA if verdict.status == INFRA else verdict.stage]


@dataclass(frozen=True)
class Share:
    """The share of samples that ended in a stage, in 0..1; `count` is None if unknown."""

    look: StageLook
    count: int | None
    share: float


def shares(counts: Mapping[str, int]) -> list[Share]:
    """Turn counts by stage into shares, in stage order, without empty stages."""
    total = sum(counts.get(name, 0) for name in LOOKS)
    return [
        Share(look, counts[name], counts[name] / total)
        for name, look in LOOKS.items()
        if counts.get(name)
    ]


def reported_shares(parts: Mapping[str, float]) -> list[Share]:
    """Return shares that a harness wrote, in stage order, without empty stages."""
    return [
        Share(look, None, parts[name]) for name, look in LOOKS.items() if parts.get(name, 0) > 0
    ]
