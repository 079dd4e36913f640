"""Small problems for tests: an adder with a golden-model bench, a counter with a plain one."""

from __future__ import annotations

from pathlib import Path

from itertl_eval.problem import Limits, Port, Problem, Prompt

HERE = Path(__file__).parent
QUICK = Limits(wall=5, cpu=3, memory=512, file=4)

ADDER = Problem(
    id="adder",
    suite="tests",
    top="adder",
    ports=(Port("a", "input", 4), Port("b", "input", 4), Port("sum", "output", 5)),
    prompt=Prompt("add", header="module adder(input [3:0] a, b, output [4:0] sum);\n"),
    reference="module adder(input [3:0] a, b, output [4:0] sum);\n"
    "  assign sum = a + b;\nendmodule\n",
    testbench=HERE / "testbenches" / "adder.py",
    limits=QUICK,
)

COUNTER_TEXT = """\
module counter #(parameter WIDTH = 4) (input clk, rst, output reg [WIDTH-1:0] q);
  always @(posedge clk) if (rst) q <= 0; else q <= q + 1;
endmodule
"""
COUNTER = Problem(
    id="counter",
    suite="tests",
    top="counter",
    ports=(Port("clk", "input"), Port("rst", "input"), Port("q", "output", 4)),
    prompt=Prompt("count"),
    reference=COUNTER_TEXT,
    testbench=HERE / "testbenches" / "counter.py",
    parameters=({"WIDTH": 4}, {"WIDTH": 7}),
    limits=QUICK,
)
