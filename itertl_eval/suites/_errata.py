"""Errata of the published benchmarks, as data; see testbenches/*/errata.yaml."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from itertl_eval._util.paths import shipped

Edition = Literal[
    "v1",
    "v1_machine",
    "v2",
    "v2_spec_to_rtl",
    "v2_code_complete",
    "rtllm",
    "chipbench",
    "cvdp",
    "cvdp_agentic",
    "cvdp_qor",
]
_EDITIONS = {
    "verilogeval_human": {"v1"},
    "verilogeval_machine": {"v1", "v1_machine"},
    "verilogeval_spec_to_rtl": {"v2", "v2_spec_to_rtl"},
    "verilogeval_code_complete": {"v2", "v2_code_complete"},
    "rtllm": {"rtllm"},
    "chipbench": {"chipbench"},
    "cvdp": {"cvdp"},
    "cvdp_agentic": {"cvdp_agentic"},
    "cvdp_qor": {"cvdp_qor"},
}
_HARNESSED = {"cvdp", "cvdp_agentic", "cvdp_qor"}
"""Editions that are graded by the published harnesses alone."""


class Erratum(BaseModel):
    """One disagreement between prompt, reference, published testbench or simulator."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    problem: str
    suites: list[Edition]
    effect: Literal[
        "reference_rejected",
        "published_over_prompt",
        "open_in_prompt",
        "not_compared",
        "ports_differ",
        "official_fails",
        "official_races",
        "official_blind",
    ]
    reason: str
    simulators: list[str] = []
    link: str = ""


@cache
def errata() -> tuple[Erratum, ...]:
    """Return all errata of VerilogEval, RTLLM, ChipBench and CVDP."""
    found: list[Erratum] = []
    for file in sorted(shipped("testbenches").glob("*/errata.yaml")):
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))
        found += TypeAdapter(list[Erratum]).validate_python(rows)
    return tuple(found)


def errata_of(suite: str) -> list[str]:
    """Return the errata of a suite, as "problem: effect"; empty for suites without errata."""
    return [f"{erratum.problem}: {erratum.effect}" for erratum in _concerning(suite)]


@cache
def undecided() -> frozenset[str]:
    """Return the problems graded by a published harness alone that can't tell right from wrong.

    It passes designs without logic, or fails the row's own design.
    """
    return frozenset(
        erratum.problem
        for erratum in errata()
        if erratum.effect in ("official_blind", "official_fails")
        and _HARNESSED.issuperset(erratum.suites)
    )


def known_failures(suite: str, simulator: str, *, official: bool = False) -> set[str]:
    """Return the problems of a suite whose published reference is known not to pass.

    Args:
        suite: The suite's name.
        simulator: The version of Icarus Verilog.
        official: Include the references that the published protocol fails, not only those that
            the simulator can't compile.
    """
    effects = {"reference_rejected", "official_fails"} if official else {"reference_rejected"}
    major = simulator.split(".")[0]
    return {
        erratum.problem
        for erratum in _concerning(suite)
        if erratum.effect in effects and (not erratum.simulators or major in erratum.simulators)
    }


def rejecting_simulators(suite: str, task_id: str) -> frozenset[str]:
    """Return the major versions of Icarus Verilog that can't compile the published testbench."""
    circuit = circuit_of(task_id)
    return frozenset(
        simulator
        for erratum in _concerning(suite)
        if erratum.effect == "reference_rejected" and erratum.problem == circuit
        for simulator in erratum.simulators
    )


def circuit_of(task_id: str) -> str:
    """Return the name of a problem in the errata and in v1; v2 puts a number in front of it."""
    return re.sub(r"^Prob\d+_", "", task_id)


def _concerning(suite: str) -> list[Erratum]:
    editions = _EDITIONS.get(suite, set())
    return [erratum for erratum in errata() if editions & set(erratum.suites)]
