"""Errata of the published benchmarks, as data; see testbenches/verilogeval/errata.yaml."""

from __future__ import annotations

from functools import cache
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from itertl_eval._resources import shipped


class Erratum(BaseModel):
    """One disagreement between prompt, reference, published bench or simulator."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    problem: str
    suites: list[Literal["v1", "v2"]]
    effect: Literal[
        "reference_rejected", "published_over_prompt", "open_in_prompt", "not_compared",
        "ports_differ", "official_fails",
    ]  # fmt: skip
    reason: str
    simulators: list[str] = []
    link: str = ""


@cache
def errata() -> tuple[Erratum, ...]:
    """All errata of VerilogEval."""
    text = (shipped("testbenches") / "verilogeval" / "errata.yaml").read_text(encoding="utf-8")
    return tuple(TypeAdapter(list[Erratum]).validate_python(yaml.safe_load(text)))


def errata_of(suite: str) -> list[str]:
    """What was applied to a suite, as "problem: effect"; empty for suites without errata."""
    edition = "v1" if suite in ("verilogeval_human", "verilogeval_machine") else "v2"
    if not suite.startswith("verilogeval_"):
        return []
    return [f"{e.problem}: {e.effect}" for e in errata() if edition in e.suites]


def rejected_references(simulator: str) -> set[str]:
    """The problems whose published reference an Icarus of this version can't compile."""
    major = simulator.split(".")[0]
    return {
        erratum.problem
        for erratum in errata()
        if erratum.effect == "reference_rejected" and major in erratum.simulators
    }
