"""Play a prover's counterexample in the simulator, the way a completion is graded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import Finding, capture_tables, interpret
from itertl_eval.problem import Port, Problem
from itertl_eval.verilog import expected_ports

Steps = tuple[Mapping[str, int], ...]
_SECONDS = 6.0, 5.0
_SHOWN = 10


@dataclass(frozen=True)
class Counterexample:
    """Inputs for which a candidate differs from the reference in the simulator.

    Attributes:
        steps: The values of all inputs, step by step. Either clocks change in a step or others.
        clocks: The inputs that are clocks.
        port: The output that differs after the last step.
        expected: What the reference shows there, in binary, the highest bit first.
        got: What the candidate shows: 0, 1, X and Z.
    """

    steps: Steps
    clocks: tuple[str, ...]
    port: str
    expected: str
    got: str

    def __str__(self) -> str:
        """The counterexample in one line; each step shows the inputs that change."""
        shown, before = [], dict[str, int]()
        for step in self.steps:
            changed = [
                f"{n}={v:#x}" if v > 1 else f"{n}={v}"
                for n, v in step.items()
                if before.get(n) != v
            ]
            shown += [" ".join(changed)] if changed else []
            before = dict(step)
        hidden = len(shown) - _SHOWN
        if hidden > 0:
            shown = [f"({hidden} more)", *shown[-_SHOWN:]]
        inputs = "; ".join(shown) or "no inputs"
        return f"{inputs}: {self.port} expected {self.expected}, got {self.got}"


def replay(
    problem: Problem, candidate: str, steps: Steps, clocks: Sequence[str]
) -> Counterexample | None:
    """Return the first difference that the simulator shows, or None if it shows none.

    Raises:
        InfrastructureError: This machine failed.
    """
    outputs = {port.name: port.width for port in _ports(problem) if port.direction == "output"}
    expected, got = (_played(problem, code, steps)[1] for code in (problem.reference, candidate))
    for at, (one, other) in enumerate(zip(expected, got, strict=False)):
        end = len(one)
        for name, width in outputs.items():
            right, wrong = one[end - width : end], other[end - width : end]
            end -= width
            if any(a in "01" and a != b for a, b in zip(right, wrong, strict=True)):
                return Counterexample(steps[: at + 1], tuple(clocks), name, right, wrong)
    return None


def refusal(problem: Problem, candidate: str) -> str:
    """Return why the grader does not simulate a candidate, or "" if it does.

    The grader's own stages come first: they read a hostile text in the sandbox.
    """
    zero = {port.name: 0 for port in _ports(problem) if port.direction == "input"}
    finding, _ = _played(problem, candidate, (zero,))
    return "" if finding.stage in ("simulate", "pass") else finding.message


def _ports(problem: Problem) -> tuple[Port, ...]:
    return expected_ports(problem, dict(problem.parameters[0]) if problem.parameters else {})


def _played(problem: Problem, code: str, steps: Steps) -> tuple[Finding, list[str]]:
    """What becomes of a design, and what it shows at the end of each step if it runs."""
    inputs, outputs = (
        {port.name: port.width for port in _ports(problem) if port.direction == way}
        for way in ("input", "output")
    )
    bench = f"bench = RecordedBench(inputs={inputs}, outputs={outputs})\n"
    rows = [" ".join(f"{step[name]:x}" for name in inputs) or "cycle" for step in steps]
    tables = [("counterexample", "".join(f"{row}\n" for row in rows))]
    result = capture_tables(problem, code, bench, tables, seconds=_SECONDS)
    finding = interpret(result)
    if finding.status == "infra_error":
        raise InfrastructureError(f"{problem.id}: it could not be simulated: {finding.message}")
    return finding, result.cases[0].captured if finding.status == "pass" else []
