"""References for tests, as problems."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from itertl_eval.from_reference import make_testbench, write_task
from itertl_eval.grader import grade
from itertl_eval.problem import Problem, Prompt
from itertl_eval.verdict import Verdict
from itertl_eval.verilog import slang


def problem(text: str, prompt: str = "Write it. The reset is synchronous.") -> Problem:
    """A problem whose reference is `text`, of a module `top`."""
    ports = slang.ports(text, "top")
    assert ports is not None
    return Problem("top", "tests", "top", ports, Prompt(prompt), text)


def grader_for(case: Problem, folder: Path, limit: int = 0):
    """A function that grades a text by the testbench made from a problem's reference."""
    made = make_testbench(case, limit=limit)
    graded = replace(case, testbench=write_task(folder / case.id, case, made))

    def verdict(text: str) -> Verdict:
        found = grade(graded, text, cache=False)
        assert found.status != "infra_error", found.message
        return found

    return verdict


ALU = """\
module top(input [7:0] a, input [7:0] b, input [1:0] op, output reg [7:0] y);
  always @(*) case (op)
    2'd0: y = a + b;
    2'd1: y = a - b;
    2'd2: y = a & b;
    default: y = a == 8'h5c ? 8'd1 : b;
  endcase
endmodule
"""

COUNTER = """\
module top(input clk, input rst, input en, output reg [3:0] q);
  always @(posedge clk)
    if (rst) q <= 0;
    else if (en) q <= q + 1;
endmodule
"""

ASYNC = """\
module top(input clk, input rst_n, input d, output reg q);
  always @(posedge clk or negedge rst_n)
    if (!rst_n) q <= 0;
    else q <= d;
endmodule
"""
