"""Problems with a published testbench, and designs for them."""

from __future__ import annotations

from itertl_eval.grader.published import published_bench
from itertl_eval.problem import Problem
from itertl_eval.suites import load_suite

ENDLESS_CONSTANT = """\
  function integer endless(input integer x);
    begin endless = 0; while (endless >= 0) endless = 1; end
  endfunction
  localparam FOREVER = endless(1);
endmodule
"""


def body(problem: Problem) -> str:
    """The reference as a completion of the header."""
    return problem.reference.removeprefix(problem.prompt.header)


def v2_problem(name: str, task: str = "spec_to_rtl") -> Problem:
    return load_suite(f"verilogeval_{task}")[name]


def v2_reference(problem: Problem) -> str:
    return published_bench(problem).reference.replace("RefModule", "TopModule")
