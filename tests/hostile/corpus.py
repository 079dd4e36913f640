"""The hostile corpus: which problem each design answers and what the grader must say of it.

The tables are in corpus_attacks.py and corpus_forms.py.

`designs/NAME.sv` holds one attack each, named in its first line. Before it is graded its
placeholders are filled in: `@SECRET@` and the like by paths (see test_hostile.py),
`@REPEAT n text@` by n copies of a text, `@LINES n text@` by n lines in which %N counts from 1
and %P is one less.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from itertl_eval import load_suite
from itertl_eval.problem import Limits, Port, Problem, Prompt
from tests.hostile.corpus_attacks import ATTACKS
from tests.hostile.corpus_forms import FORMS

HERE = Path(__file__).parent
DESIGNS = HERE / "designs"
SHORT = Limits(wall=5, cpu=1, memory=256, file=4)
PATIENT = Limits(wall=30, cpu=10, memory=512, file=4)
"""For honest designs: a busy machine must not fail them."""
CYCLES = 174
"""Clock edges in bench_accumulator.py: its items, and two cycles of reset in each case."""


def _problem(name: str, top: str, testbench: str, *ports: Port) -> Problem:
    return Problem(
        id=name,
        suite="hostile",
        top=top,
        ports=ports,
        prompt=Prompt(""),
        testbench=HERE / testbench,
        limits=SHORT,
    )


_CLOCKED = (
    Port("clk", "input"),
    Port("rst", "input"),
    Port("d", "input", 8),
    Port("q", "output", 8),
)
_ADDER = (Port("a", "input", 8), Port("b", "input", 8), Port("y", "output", 8))
_OWN = {
    problem.id: problem
    for problem in (
        _problem("adder", "adder8", "bench_adder.py", *_ADDER),
        _problem("accumulator", "accumulator", "bench_accumulator.py", *_CLOCKED),
        _problem("late", "adder8", "late_adder.py", *_ADDER),
        _problem("plain", "accumulator", "plain_accumulator.py", *_CLOCKED),
        _problem(
            "doubler",
            "doubler",
            "bench_doubler.py",
            Port("a", "input", 64),
            Port("y", "output", 64),
        ),
        _problem("single", "single", "bench_single.py", Port("a", "input"), Port("y", "output")),
    )
}
_OWN["sized"] = replace(_OWN["adder"], id="sized", parameters=({"WIDTH": 8},))
GOOD = {
    "adder": "module adder8(input [7:0] a, b, output [7:0] y); assign y = a + b; endmodule\n",
    "accumulator": "module accumulator(input clk, rst, input [7:0] d, output reg [7:0] q);\n"
    "  always @(posedge clk) q <= rst ? 0 : q + d;\nendmodule\n",
    "single": "module single(input a, output y); assign y = ~a; endmodule\n",
    "doubler": "module doubler(input [63:0] a, output [63:0] y); assign y = 2 * a; endmodule\n",
}
GOOD["plain"] = GOOD["accumulator"]
GOOD["late"] = GOOD["adder"]
_OWN["late"] = replace(_OWN["late"], reference=GOOD["late"])
GOOD["sized"] = GOOD["adder"].replace("adder8", "adder8 #(parameter WIDTH = 8) ")


@cache
def problem(name: str) -> Problem:
    """A problem of this folder, or one of rtl_core with short limits."""
    if name in _OWN:
        return _OWN[name]
    return replace(load_suite("rtl_core")[name], limits=SHORT)


@dataclass(frozen=True)
class Case:
    """What must come of one design.

    `status` and `stage` are the allowed ones, separated by blanks; `word` must be in the
    message.
    """

    name: str
    problem: str
    status: str = "fail"
    stage: str = "simulate"
    word: str = ""

    @property
    def honest(self) -> bool:
        return self.name.startswith("honest_")

    @property
    def limits(self) -> Limits:
        return PATIENT if self.honest else SHORT

    def text(self, places: Mapping[str, str]) -> str:
        """The design with its placeholders filled in."""
        text = (DESIGNS / f"{self.name}.sv").read_text(encoding="utf-8")
        text = re.sub(r"@REPEAT (\d+) (.*?)@", lambda m: int(m[1]) * m[2], text)
        text = re.sub(r"@LINES (\d+) (.*?)@", _lines, text)
        fixed = {"CYCLES": str(CYCLES), "SURROGATE": "\ud800", "CONTROL": "\x01\x07\x1b\x7f"}
        for key, value in {**fixed, **places}.items():
            text = text.replace(f"@{key}@", value)
        return text


def _lines(match: re.Match[str]) -> str:
    numbers = range(1, int(match[1]) + 1)
    return "\n".join(match[2].replace("%N", str(n)).replace("%P", str(n - 1)) for n in numbers)


def _table(text: str) -> list[Case]:
    lines = [line for line in text.strip().splitlines() if not line.startswith("#")]
    rows = [[field.strip() for field in line.split("|")] for line in lines]
    return [Case(*row) for row in rows]


CASES = [*_table(ATTACKS), *_table(FORMS)]
