"""Item: one completion to grade."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from itertl_eval.errors import InfrastructureError
from itertl_eval.problem import Problem
from itertl_eval.verdict import Order, Protocol


@dataclass(frozen=True)
class Item:
    """One completion to grade.

    Attributes:
        problem: The problem that the completion solves.
        completion: The text that the model wrote.
        sample: Number of the completion; it only numbers the verdict.
        seed: Seed of the run. The simulation's seed is derived from it, the problem and the
            design, so that equal designs get equal verdicts whatever their number, order or
            worker.
        cache: Reuse a verdict that is known, and keep a new one.
        protocol: "both" adds the published verdict to ours; "official" runs nothing else and
            makes it the verdict.
        partial: Run all test cases. Without it the simulation ends with the first failure, which
            is cheaper: pass, stage and message are the same, `cases_passed` and the score leave
            out the cases after it.
        order: The order in which the test cases run.
        most_ns: For test cases by name, the simulated nanoseconds after which one has failed.
    """

    problem: Problem
    completion: str
    sample: int = 0
    seed: int = 0
    cache: bool = True
    protocol: Protocol = "cocotb"
    partial: bool = True
    order: Order = "written"
    most_ns: Mapping[str, float] = field(default_factory=dict)


def number(
    items: Iterable[Item | tuple[Problem, str]],
    seed: int = 0,
    cache: bool = True,
    partial: bool = True,
) -> Iterator[Item]:
    """Turn pairs into Items, counting the samples of each problem."""
    counts: dict[tuple[str, str], int] = {}
    for item in items:
        if isinstance(item, Item):
            yield item
            continue
        problem, completion = item
        key = (problem.suite, problem.id)
        counts[key] = counts.get(key, -1) + 1
        yield Item(problem, completion, counts[key], seed, cache, partial=partial)


def require_testbenches(problems: Iterable[Problem]) -> None:
    """Raise an InfrastructureError that lists the problems without a testbench, if any."""
    missing = sorted({problem.id for problem in problems if problem.testbench is None})
    if missing:
        raise InfrastructureError(
            f"no testbench for {', '.join(missing)}: their completions cannot be graded. "
            "Leave them out, or write one (docs/add-a-testbench.md)."
        )


def sample_seed(problem: Problem, design: str, seed: int) -> int:
    """Return the simulation seed of one sample; it depends on problem, design and run seed."""
    text = f"{problem.suite}/{problem.id}/{seed}/{design}"
    return int.from_bytes(hashlib.sha256(text.encode(errors="replace")).digest()[:4], "big")
