"""Check what `--metadata` passes to the lm-eval tasks, when a task is built."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from itertl_eval.errors import UsageError
from itertl_eval.grader import published_bench
from itertl_eval.problem import Problem, Suite
from itertl_eval.suites import load_suite, with_published_prompts
from itertl_eval.verdict import Protocol

NAMES = ("n_samples", "protocol", "prompt", "seed", "jobs", "corpus")
"""What users may set. The rest of a task's metadata belongs to the task or to the model."""


def misspelt(settings: Iterable[str]) -> list[str]:
    """Return a warning for each name that is almost one of ours and therefore has no effect.

    lm-eval mixes the model's arguments into the metadata, so an unknown name is not an error.
    """
    found = []
    for name in settings:
        near = difflib.get_close_matches(name.lower(), NAMES, 1, cutoff=0.8)
        if near and name not in NAMES:
            found.append(f"--metadata {name} has no effect on this task: did you mean {near[0]}?")
    return found


def setting_remarks(settings: Mapping[str, Any], protocol: Protocol, suite: Suite) -> list[str]:
    """Return a warning for each setting that has no effect on a task."""
    remarks = misspelt(settings)
    if protocol != protocol_of(settings):
        remarks.append(f"graded by {protocol} alone: {suite.name} has no published harness")
    return remarks


def protocol_of(settings: Mapping[str, Any]) -> Protocol:
    """Return the requested protocol.

    Raises:
        UsageError: There is no protocol of that name.
    """
    requested = settings.get("protocol", "cocotb")
    if requested not in get_args(Protocol):
        raise UsageError(
            f"--metadata protocol={requested!r} is unknown: "
            f"use one of {', '.join(get_args(Protocol))}"
        )
    return cast("Protocol", requested)


def whole_number(settings: Mapping[str, Any], name: str, default: int, least: int | None) -> int:
    """Return a setting that is an integer, or its text.

    Args:
        settings: The settings.
        name: The setting's name.
        default: Its value if it is not set.
        least: The smallest value it may have; None: any.

    Raises:
        UsageError: It is something else.
    """
    value = settings.get(name, default)
    if re.fullmatch(r"[+-]?[0-9]+", str(value)) and (least is None or int(value) >= least):
        return int(value)
    bound = "" if least is None else f" of at least {least}"
    raise UsageError(f"--metadata {name}={value!r} must be an integer{bound}")


def load_prompted(source: str, prompts: object) -> Suite:
    """Load a suite with our prompts or the published ones.

    Raises:
        UsageError: There are no prompts of that name for this suite.
        InfrastructureError: Published data is not on this machine.
    """
    if prompts not in ("ours", "published"):
        raise UsageError(f"--metadata prompt={prompts!r} is unknown: use ours or published")
    suite = load_suite(source)
    return suite if prompts == "ours" else with_published_prompts(suite)


def require_published(problem: Problem, protocol: Protocol) -> None:
    """Check that a problem's suite has the published testbench that the protocol needs.

    Raises:
        UsageError: It has none.
    """
    if protocol == "cocotb" or problem.harness is not None:
        return
    try:
        published_bench(problem)
    except UsageError:
        raise UsageError(
            f"{problem.suite} has no published harness, which --metadata protocol={protocol} "
            "needs: omit the protocol, or choose a VerilogEval task"
        ) from None
