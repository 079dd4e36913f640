"""Closeness to benchmarks: tokens of designs, and the suites of the package themselves."""

from __future__ import annotations

import re

import pytest

from itertl_eval.problem import Problem, Prompt, Suite
from itertl_eval.suites import PUBLISHED, SHIPPED, load_suite
from itertl_eval.train.data._instruction import Instruction
from itertl_eval.train.filter._contamination import (
    FEW_GRAMS,
    Benchmarks,
    design_grams,
    normal_tokens,
)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("q = 8'hF_0;", "n0 = 8'240 ;"),
        ("q = 8 'sd 3;", "n0 = 8'3 ;"),
        ("q = 4'b1x0z;", "n0 = 4'b1x0z ;"),
        ("q = '0;", "n0 = '0 ;"),
        ("q = 'X;", "n0 = 'x ;"),
        ("q = PW'(1_000);", "n0 = n1 ' ( 1000 ) ;"),
        ("q = '{a, 1};", "n0 = ' { n1 , 1 } ;"),
        ("q = '{default: '1};", "n0 = ' { default : '1 } ;"),
        ("q = '", "n0 = '"),
    ],
)
def test_tokens(text, tokens):
    assert normal_tokens(text) == tokens.split()


@pytest.mark.parametrize(
    "name", [*SHIPPED, *(pytest.param(name, marks=pytest.mark.data) for name in PUBLISHED)]
)
def test_every_suite_knows_its_own_references(name):
    suite = load_suite(name)
    benchmarks = Benchmarks([suite])
    for problem in suite.values():
        if problem.reference.strip():
            assert benchmarks.closest(Instruction(problem)) is not None, problem.id


DESIGN = """
module lights(input clk, input rst, input car, output reg [1:0] lamp);
  reg [3:0] wait_for;
  always @(posedge clk)
    if (rst) begin
      lamp <= 2'd0;
      wait_for <= 4'd9;
    end else if (wait_for != 0) wait_for <= wait_for - 1;
    else
      case (lamp)
        2'd0: if (car) begin lamp <= 2'd1; wait_for <= 4'd2; end
        2'd1: begin lamp <= 2'd2; wait_for <= 4'd12; end
        default: begin lamp <= 2'd0; wait_for <= 4'd9; end
      endcase
endmodule
"""
OTHER = """
  reg [15:0] line;
  wire fresh = ^line[15:12] | (line == 16'hbeef);
  integer at;
  always @(negedge clk or posedge rst) begin
    if (rst) line <= {8{2'b10}};
    else for (at = 0; at < 15; at = at + 1) line[at + 1] <= line[at] ^ (at[0] & fresh);
  end
  assign sum = (line[7:0] * line[15:8]) >> (fresh ? 3 : 5);
  assign odd = &line[3:0] ? ~line[9] : line[11] ~^ line[14];
"""


def instruction(code, text="Describe some hardware of which the words say nothing known."):
    return Instruction(Problem("o1", "other", "m", (), Prompt(text), code))


def of(code):
    return Benchmarks([Suite("bench", [instruction(code, "A riddle.").problem], revision="1")])


def closest(benchmark, code):
    found = benchmark.closest(instruction(code))
    return found.measure if found else None


def within(code, names):
    """The design in one that is twice as long, `names` changed, with another header."""
    head, _, body = code.partition(";")
    for old, new in names.items():
        head, body = (re.sub(rf"\b{old}\b", new, text) for text in (head, body))
    head = head.replace("(", "(output [15:0] sum, output odd,", 1)
    half = OTHER.index("  assign")
    body = body.replace("endmodule", OTHER[half:] + "endmodule")
    return f"{head};{OTHER[:half]}{body}"


@pytest.mark.parametrize("names", [{}, {"lights": "x", "lamp": "q", "wait_for": "n", "car": "go"}])
def test_a_copy_in_a_longer_design_is_found(names):
    assert closest(of(DESIGN), within(DESIGN, names)) == "13-grams of the designs"


def test_a_header_and_a_usual_register_are_nobodys():
    head = DESIGN[: DESIGN.index(";") + 1]
    usual = "always @(posedge clk) if (rst) lamp <= 2'd0; else lamp <= lamp + {1'b0, car};"
    longer = f"{head} {OTHER} {usual} endmodule"
    assert closest(of(f"{head} {usual} endmodule"), longer) is None
    assert closest(of(DESIGN), longer) is None


@pytest.mark.data
def test_references_are_found_in_longer_designs():
    suite = load_suite("verilogeval_human")
    benchmarks = Benchmarks([suite])
    long = [p for p in suite.values() if len(design_grams(p.reference)) >= FEW_GRAMS]
    assert len(long) > 80
    for problem in long:
        body = re.sub(r"\bendmodule\b", lambda _: OTHER + "endmodule", problem.reference)
        assert closest(benchmarks, body) is not None, problem.id
