"""Check a published harness: does it fail designs that do nothing, always in the same way?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.grader import HarnessError, Item, grade_many, simulations_of
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict

_SIGNAL = re.compile(r"\b(?:dut|DUT)\.([A-Za-z]\w*)")
_BIT = re.compile(
    r"(?:Edge|Clock)\(\s*(?:\w+\.)*dut\.(\w+)|\bdut\.(\w*(?:clk|rst|reset)\w*)", re.IGNORECASE
)
_GIVEN = re.compile(r"\b(?:dut|DUT)\.(\w+)\.value\s*=(?!=)")
_NO_SIGNAL = {"value"}
VALUES = {"zeros": "0", "ones": "-1", "unknown": "'x"}
"""What the signals of each stub hold."""
_SECONDS = 10
"""CPU time of one simulation of a stub, which has failed if it takes longer."""
_STOPPED = "time limit"


@dataclass
class HarnessCheck:
    """What is known of a row's harness.

    Attributes:
        task: The problem.
        simulations: What the harness asks for.
        stubs: For each stub the message of its verdict; "pass" for one that passes.
        unstable: Stubs with two verdicts.
        shortcomings: Why the harness can't be relied on; empty for one that can.
    """

    task: str
    simulations: list[str] = field(default_factory=list)
    stubs: dict[str, str] = field(default_factory=dict)
    unstable: list[str] = field(default_factory=list)
    shortcomings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields in a form that JSON can hold."""
        return asdict(self)


def check_harness(
    problem: Problem,
    *,
    jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> HarnessCheck:
    """Grade stubs by a row's harness, each twice and in another order.

    Args:
        problem: A problem with a harness.
        jobs: Number of workers; by default one per available CPU.
        progress: Called after each run with the number of runs done and of all runs.

    Raises:
        UsageError: The harness can't be run here; the message has the reason.
    """
    result = HarnessCheck(problem.id)
    try:
        result.simulations = list(map(str, simulations_of(problem)))
    except HarnessError as error:
        raise UsageError(f"{problem.id}: {error}") from None
    stubs = {name: stub_of(problem, value) for name, value in VALUES.items()}
    runs = [*stubs, *reversed(stubs)]
    done = 0

    def count(_: Verdict) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(runs))

    limits = replace(problem.limits, cpu=min(_SECONDS, problem.limits.cpu))
    hurried = replace(problem, limits=limits)
    items = [Item(hurried, stubs[name], cache=False) for name in runs]
    verdicts = grade_many(items, jobs=jobs, progress=count)
    facts: dict[str, set[tuple[str, str, int]]] = {name: set() for name in stubs}
    for name, verdict in zip(runs, verdicts, strict=True):
        message = _STOPPED if _STOPPED in verdict.message else verdict.message
        facts[name].add((verdict.status, message, verdict.cases_passed))
        result.stubs[name] = "pass" if verdict.passed else verdict.message
        if verdict.status == "infra_error":
            result.shortcomings.append(f"no verdict on stub {name}: {verdict.message}")
    result.unstable = [name for name, found in facts.items() if len(found) > 1]
    passing = [name for name, outcome in result.stubs.items() if outcome == "pass"]
    result.shortcomings += [f"a stub passes: {name}" for name in passing]
    result.shortcomings += [f"stub {name} has two verdicts" for name in result.unstable]
    return result


def stub_of(problem: Problem, value: str) -> str:
    """Return a completion that does nothing, with every signal that the tests mention.

    A row does not tell the ports of its design. In the root of a simulation tests find variables
    as they find ports, so that a stub gets as far in a test as its values take it.

    Args:
        problem: A problem with a harness.
        value: The Verilog expression that the signals begin with.

    Raises:
        UsageError: The problem asks for no Verilog file.
    """
    harness = problem.harness
    assert harness is not None
    tests = "\n".join(file.read_text() for file in sorted(harness.folder.rglob("*.py")))
    bits = {name for pair in _BIT.findall(tests) for name in pair}
    inputs = set(_GIVEN.findall(tests))
    tops: dict[str, dict[str, str]] = {}
    for simulation in simulations_of(problem):
        tops.setdefault(simulation.top, {}).update(simulation.parameters)
    modules = []
    for top, parameters in tops.items():
        if top in harness.known:
            continue
        names = set(_SIGNAL.findall(tests)) - set(parameters) - _NO_SIGNAL
        lines = [
            f"  logic {_size(name, bits, inputs)}{name} = {value};\n" for name in sorted(names)
        ]
        settable = ", ".join(f"parameter {name} = 0" for name in parameters)
        head = f"module {top}{f' #({settable})' if settable else ''} ();\n"
        modules.append(f"{head}{''.join(lines)}endmodule\n")
    files = [path for path in harness.targets if path.endswith((".v", ".sv"))]
    if not files:
        raise UsageError(f"{problem.id} asks for no Verilog file, so there is no stub to try")
    first, *others = files
    empty = [f"{path}\n```verilog\nmodule {_stem(path)}_stub; endmodule\n```\n" for path in others]
    return "".join([f"{first}\n```verilog\n{''.join(modules)}```\n", *empty])


def _size(name: str, bits: set[str], inputs: set[str]) -> str:
    if name in bits:
        return ""
    return "[1023:0] " if name in inputs else "[31:0] "


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]
