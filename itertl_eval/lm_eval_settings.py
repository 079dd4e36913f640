"""What `--metadata` may say to the lm-eval tasks, checked when a task is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from itertl_eval.errors import UsageError
from itertl_eval.problem import Problem
from itertl_eval.suites import published_bench
from itertl_eval.verdict import Protocol


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
