"""Testbenches made from a reference: which outputs they compare, and from when on."""

from __future__ import annotations

import random

import pytest

from itertl_eval.from_reference import make_testbench, read_circuit
from itertl_eval.from_reference._recording import record
from itertl_eval.from_reference._stimulus import Player
from tests.from_reference.designs import COUNTER, grader_for, problem

pytestmark = pytest.mark.simulator


def test_values_before_the_first_reset_are_not_compared(tmp_path):
    given = COUNTER.replace("output reg [3:0] q", "output reg [3:0] q = 5")
    verdict = grader_for(problem(given), tmp_path)
    assert verdict(COUNTER).passed
    assert verdict(given).passed


PULSE = """\
module top(input clk, input rst, input d, output bit pulse);
  bit p;
  always @(posedge clk)
    if (rst) begin p <= 0; pulse <= 0; end
    else begin p <= d; pulse <= d & ~p; end
endmodule
"""

WALK = """\
module top(input clk, input rst, input go, output busy, output last);
  enum { IDLE, RUN, FIN } s;
  always @(posedge clk)
    if (rst) s <= IDLE;
    else case (s)
      IDLE: if (go) s <= RUN;
      RUN: s <= FIN;
      default: s <= IDLE;
    endcase
  assign busy = s == RUN;
  assign last = s == FIN;
endmodule
"""


@pytest.mark.parametrize(
    ("given", "other", "wrong"),
    [
        (PULSE, PULSE.replace("bit", "reg"), ("d & ~p", "d & p")),
        (
            WALK,
            WALK.replace("enum { IDLE, RUN, FIN } s", "reg [1:0] s")
            .replace("IDLE", "2'd0")
            .replace("RUN", "2'd1")
            .replace("FIN", "2'd2"),
            ("s <= 2'd2", "s <= 2'd0"),
        ),
    ],
)
def test_zeros_of_two_state_types_before_the_first_reset_are_not_compared(
    given, other, wrong, tmp_path
):
    verdict = grader_for(problem(given), tmp_path)
    assert verdict(given).passed
    assert verdict(other).passed
    assert not verdict(other.replace(*wrong)).passed


def test_without_a_reset_the_zeros_of_two_state_types_are_compared(tmp_path):
    text = "module top(input clk, input t, output bit q);\n"
    text += "always @(posedge clk) q <= q ^ t; endmodule\n"
    verdict = grader_for(problem(text), tmp_path)
    assert verdict(text).passed
    assert verdict(text.replace("bit q", "reg q = 0")).passed
    assert not verdict(text.replace("bit q", "reg q = 1")).passed


def test_the_last_case_may_come_first():
    """What it finds there is not compared, though all recordings in the written order agree."""
    case = problem(COUNTER)
    circuit = read_circuit(case)
    blocks = []
    for name in ("first", "last"):
        player = Player(circuit, random.Random(0), frozenset())
        for level in (1, 0):
            player.set(rst=level, en=0)
            player.cycle()
        blocks.append(player.block(name))
    seen = record(case, COUNTER, circuit, blocks)
    assert seen[-1][0] == (0, 0)
    assert seen[-1][-1] == (0, 15)


def test_a_design_that_only_its_initial_value_makes_known(tmp_path):
    text = "module top(input clk, input t, output q); reg q0 = 0; assign q = q0;\n"
    text += "always @(posedge clk) q0 <= q0 ^ t; endmodule\n"
    case = problem(text)
    made = make_testbench(case, limit=10)
    assert made.power_on
    verdict = grader_for(case, tmp_path)
    assert verdict(text).passed
    assert not verdict(text.replace("^ t", "^ 1")).passed


def test_a_design_without_a_reset_starts_at_zero_where_nothing_else_makes_it_known(tmp_path):
    text = COUNTER.replace("if (rst) q <= 0;\n    else if", "if")
    verdict = grader_for(problem(text), tmp_path)
    assert verdict(text).passed
    assert verdict(text.replace("reg [3:0] q", "reg [3:0] q = 0")).passed
    assert not verdict(text.replace("q + 1", "q + 2")).passed
    assert not verdict(text.replace("reg [3:0] q", "reg [3:0] q = 3")).passed


def test_outputs_that_the_text_makes_constant_are_compared(tmp_path):
    text = "module top(input clk, output reg y); always @(posedge clk) y <= 1'b1; endmodule\n"
    verdict = grader_for(problem(text), tmp_path)
    assert verdict(text).passed
    assert not verdict(text.replace("1'b1", "1'b0")).passed


def test_unknown_outputs_are_not_compared(tmp_path):
    text = "module top(input v, input [3:0] a, output [3:0] y); assign y = v ? a : 4'bx; endmodule"
    verdict = grader_for(problem(text), tmp_path)
    assert verdict(text.replace("4'bx", "~a")).passed
    assert not verdict(text.replace("v ? a", "v ? ~a")).passed


def test_an_output_that_is_never_driven_is_not_compared(tmp_path):
    text = "module top(input a, output y, output left); assign y = ~a; endmodule"
    verdict = grader_for(problem(text), tmp_path)
    assert verdict(text).passed
    assert verdict(text.replace("y = ~a", "y = ~a, left = a")).passed
    assert not verdict(text.replace("~a", "a")).passed
