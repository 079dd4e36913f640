"""Count the designs that pass although a name is missing in a sensitivity list.

    python benchmarks/sensitivity.py [PROBLEM ...] [--seeds 5] [--jobs N] [--json]

For every combinational problem, every input and every output that depends on it, the reference is
wrapped so that this output is computed as in `always @(every other input)`. Each such design is
graded with several seeds. The exit code is 1 if one passes. An output is independent of an input
if the reference passes with that input inverted for that output alone; such a pair is left out.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from itertl_eval import load_suite
from itertl_eval.grader import Item, close_workers, grade_many
from itertl_eval.problem import Port, Problem

SUITES = (
    "verilogeval_human",
    "verilogeval_machine",
    "verilogeval_spec_to_rtl",
    "verilogeval_code_complete",
    "rtl_core",
    "rtllm",
)
_CLOCKED = re.compile(r"\b(posedge|negedge|always_ff|always_latch)\b")


@dataclass(frozen=True)
class Pair:
    """An input and an output of a problem."""

    problem: Problem
    input: Port
    output: Port

    def __str__(self) -> str:
        return f"{self.problem.suite}/{self.problem.id} {self.input.name} -> {self.output.name}"

    def inverted(self) -> str:
        """Return the design in which this output sees this input inverted."""
        return self._design(f"~{self.input.name}", "")

    def deaf(self) -> str:
        """Return the design in which this output is not computed when this input changes."""
        inputs = self.problem.inputs
        listed = " or ".join(port.name for port in inputs if port != self.input)
        copies = "".join(f"  reg [$bits({p.name})-1:0] {p.name}_seen;\n" for p in inputs)
        moves = " ".join(f"{port.name}_seen = {port.name};" for port in inputs)
        return self._design("", f"{copies}  always @({listed}) begin {moves} end\n")

    def _design(self, inverted: str, process: str) -> str:
        problem, name = self.problem, self.output.name
        pins = [f".{port.name}({port.name})" for port in problem.inputs]
        others = [f".{port.name}({port.name})" for port in problem.outputs if port != self.output]
        if process:
            late = [f".{port.name}({port.name}_seen)" for port in problem.inputs]
        else:
            late = [f".{p.name}({inverted if p == self.input else p.name})" for p in problem.inputs]
        inner = re.sub(rf"\bmodule\s+{problem.top}\b", "module inner_design", problem.reference)
        settings = ", ".join(f".{name}({name})" for name in problem.parameters[0])
        instance = f"inner_design {f'#({settings}) ' if settings else ''}"
        direct = f"  {instance}direct({', '.join([*pins, *others])});\n" if others else ""
        return (
            f"{_header(problem)}\n{process}{direct}"
            f"  {instance}late({', '.join([*late, f'.{name}({name})'])});\nendmodule\n{inner}"
        )


def _header(problem: Problem) -> str:
    """Return a header that drives its outputs by nets; of a parameterised design, its own."""
    if any(problem.parameters):
        found = re.search(rf"\bmodule\s+{problem.top}\b.*?;", problem.reference, re.DOTALL)
        assert found is not None
        return found[0]
    ports = (f"{p.direction} [{p.width - 1}:0] {p.name}" for p in problem.ports)
    return f"module {problem.top}({', '.join(ports).replace('[0:0] ', '')});"


def pairs(names: list[str]) -> Iterator[Pair]:
    """Yield the inputs and outputs of the combinational problems, each testbench once."""
    seen = set()
    for suite in SUITES:
        for problem in load_suite(suite).values():
            key = problem.testbench, problem.reference
            if (names and problem.id not in names) or problem.testbench is None or key in seen:
                continue
            seen.add(key)
            if len(problem.inputs) > 1 and not _CLOCKED.search(problem.reference):
                for port in problem.inputs:
                    yield from (Pair(problem, port, output) for output in problem.outputs)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("problems", nargs="*", help="problem names (default: all)")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, help="workers (default: one per core)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    every = list(pairs(options.problems))
    inverted = [Item(p.problem, p.inverted(), cache=False, partial=False) for p in every]
    verdicts = grade_many(inverted, jobs=options.jobs)
    broken = [v for v in verdicts if v.stage not in ("simulate", "pass")]
    dependent = [p for p, verdict in zip(every, verdicts, strict=True) if not verdict.passed]
    items = [
        Item(pair.problem, pair.deaf(), seed=seed, cache=False, partial=False)
        for pair in dependent
        for seed in range(options.seeds)
    ]
    verdicts = grade_many(items, jobs=options.jobs)
    close_workers()
    broken += [v for v in verdicts if v.stage not in ("simulate", "pass")]
    living: dict[str, int] = {}
    for number, verdict in enumerate(verdicts):
        name = str(dependent[number // options.seeds])
        living[name] = living.get(name, 0) + verdict.passed
    living = {name: count for name, count in living.items() if count}
    report = {
        "problems": len({(p.problem.suite, p.problem.id) for p in every}),
        "inputs": len({(p.problem.suite, p.problem.id, p.input.name) for p in every}),
        "designs": len(dependent),
        "independent": len(every) - len(dependent),
        "seeds": options.seeds,
        "living": living,
        "not simulated": [f"{v.suite}/{v.task_id} {v.stage}: {v.message}" for v in broken],
    }
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        for key, value in report.items():
            print(f"{key}: {len(value) if isinstance(value, dict | list) else value}")
        for name, count in living.items():
            print(f"  passes with {count} of {options.seeds} seeds: {name}")
        for line in report["not simulated"]:
            print(f"  {line}")
    return 1 if living or broken else 0


if __name__ == "__main__":
    sys.exit(main())
