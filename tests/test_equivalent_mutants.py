"""Mutants that change nothing are recognized and not counted."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import pytest

from itertl_eval.authoring.mutate import mutants
from itertl_eval.authoring.soundness._equivalence import CompiledForm, drops_self_assignment
from itertl_eval.authoring.soundness._mutants import facts_of, listed_reason
from itertl_eval.problem import Problem, Prompt

pytestmark = pytest.mark.simulator


def test_mutants_that_can_not_differ_are_recognised():
    source = textwrap.dedent("""
        module top(input clk, en, d, output reg q, output [3:0] y);
          assign y = 4'd1 | 4'd3;
          always @(posedge clk) begin
            if (en) q <= d;
            else q <= q;
          end
        endmodule
    """)
    compiled = CompiledForm(source, "top", {})
    assert compiled.equals(source.replace("4'd1 | 4'd3", "4'd3 | 4'd3"))
    assert not compiled.equals(source.replace("4'd1 | 4'd3", "4'd1 | 4'd4"))
    assert not compiled.equals("module top(")
    holding = [m for m in mutants(source, "top") if drops_self_assignment(m)]
    assert holding
    assert all("q <= q;" in mutant.diff for mutant in holding)


def test_a_block_of_assignments_to_themselves_changes_nothing():
    source = textwrap.dedent("""
        module top(input clk, en, input [3:0] d, output reg [3:0] a, b);
          always @(posedge clk)
            if (en) begin
              a <= d;
              b <= a;
            end else begin
              a <= a;  // as it was
              b <= b;
            end
        endmodule
    """)
    dropped = [m.description for m in mutants(source, "top") if drops_self_assignment(m)]
    assert any(text.startswith("else begin") for text in dropped)
    assert not any("d;" in text for text in dropped)


def test_an_equivalent_mutant_may_be_named_without_quoting_it():
    source = "module top(input a, output y); assign y = a & 1'b1; endmodule"
    (mutant, *_) = mutants(source, "top")
    problem = Problem("p", "s", "top", (), Prompt(""), source)
    name = facts_of(problem, mutant)["name"]
    assert name.startswith(f"1 {mutant.kind} ")
    problem = replace(problem, equivalent={name: "why"})
    assert listed_reason(problem, mutant) == "why"
