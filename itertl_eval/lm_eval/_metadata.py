"""What `--metadata` may say to the lm-eval tasks, checked when a task is built."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from itertl_eval.errors import UsageError
from itertl_eval.grader import published_bench
from itertl_eval.problem import Problem
from itertl_eval.verdict import Protocol

NAMES = ("n_samples", "protocol", "seed", "jobs", "corpus")
"""What a user may set; the rest of a task's metadata is its own or the model's arguments."""


def misspelt(settings: Iterable[str]) -> list[str]:
    """A warning for each name that is nearly one of ours and so has no effect.

    lm-eval puts the model's arguments among the metadata, so an unknown name is no error.
    """
    found = []
    for name in settings:
        near = difflib.get_close_matches(name.lower(), NAMES, 1, cutoff=0.8)
        if near and name not in NAMES:
            found.append(f"--metadata {name} has no effect on this task: is {near[0]} meant?")
    return found


def protocol_of(settings: Mapping[str, Any]) -> Protocol:
    """The protocol that is asked for; UsageError when there is none of that name."""
    wanted = settings.get("protocol", "cocotb")
    if wanted not in get_args(Protocol):
        raise UsageError(
            f"--metadata protocol={wanted!r} is unknown: use one of {', '.join(get_args(Protocol))}"
        )
    return cast("Protocol", wanted)


def require_published(problem: Problem, protocol: Protocol) -> None:
    """UsageError where a protocol needs a published bench that the suite of `problem` lacks."""
    if protocol == "cocotb":
        return
    try:
        published_bench(problem)
    except UsageError:
        raise UsageError(
            f"{problem.suite} has no published harness, which --metadata protocol={protocol} "
            "needs: leave the protocol out, or choose a task of VerilogEval"
        ) from None
