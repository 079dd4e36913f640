"""Where a text leaves something open, a right design passes although it is not the reference."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from itertl_eval import grade_many, load_suite
from itertl_eval.authoring import mutants
from itertl_eval.authoring.soundness._mutants import listed_reason
from itertl_eval.formal import prove_equivalent
from itertl_eval.suites._errata import circuit_of, errata

pytestmark = [pytest.mark.formal, pytest.mark.simulator, pytest.mark.data]

READINGS = {
    # A reset that waits for the clock.
    ("rtllm", "LFSR"): """
        module LFSR(input clk, rst, output reg [3:0] out);
          always @(posedge clk) out <= rst ? 0 : {out[2:0], ~(out[3] ^ out[2])};
        endmodule""",
    # An output that is low in reset.
    ("rtllm", "freq_divbyodd"): """
        module freq_divbyodd #(parameter NUM_DIV = 5) (input clk, rst_n, output clk_div);
          reg [2:0] up, down; reg one, two;
          always @(posedge clk or negedge rst_n)
            if (!rst_n) begin up <= 0; one <= 0; end
            else begin up <= up == NUM_DIV - 1 ? 0 : up + 1; one <= up < NUM_DIV / 2; end
          always @(negedge clk or negedge rst_n)
            if (!rst_n) begin down <= 0; two <= 0; end
            else begin down <= down == NUM_DIV - 1 ? 0 : down + 1; two <= down < NUM_DIV / 2; end
          assign clk_div = one | two;
        endmodule""",
    # One state at a time.
    ("verilogeval_code_complete", "Prob079_fsm3onehot"): """
        module TopModule(input in, input [3:0] state, output reg [3:0] next_state, output out);
          always @*
            case (state)
              1: next_state = in ? 2 : 1;
              2: next_state = in ? 2 : 4;
              4: next_state = in ? 8 : 1;
              default: next_state = in ? 2 : 4;
            endcase
          assign out = state == 8;
        endmodule""",
    ("verilogeval_code_complete", "Prob099_m2014_q6c"): """
        module TopModule(input [6:1] y, input w, output Y2, Y4);
          assign Y2 = y == 1 && !w;
          assign Y4 = (y == 2 || y == 4 || y == 16 || y == 32) && w;
        endmodule""",
}


@pytest.mark.parametrize("where", READINGS, ids=lambda where: where[1])
def test_a_right_design_passes_that_a_proof_refutes(where):
    suite, name = where
    problem = load_suite(suite)[name]
    circuit = circuit_of(name) if suite != "rtllm" else name
    assert [e for e in errata() if e.problem == circuit and e.effect in OPEN]
    (verdict,) = grade_many([(problem, READINGS[where])])
    assert verdict.passed, verdict.message
    here = replace(problem, parameters=problem.parameters[:1])
    assert prove_equivalent(here, READINGS[where], seconds=20).outcome == "refuted"


OPEN = ("open_in_prompt", "not_compared")
"""Effects of errata under which a design may pass that differs from the reference."""

LISTED = {
    "the text leaves open whether the reset waits for the clock",
    "the text leaves open whether there are more than eight words",
    "the text leaves the share of high time open",
    "the sign of a sum is not compared where the second operand is the larger one (errata)",
    "the sum is zero modulo its width only where the sign is not compared",
    "latency and the value in reset are left open",
    "the phase after a reset is left open",
    "nothing resets the counter: the phase is left open",
    "a reading in which the output follows half a cycle later",
    "a synchroniser may take a cycle more or less",
    "yout is compared while done is 1",
    "data_out is compared while valid_out is 1",
    "the word is compared while dout_valid is 1",
    "the product is compared while its enable is 1",
    "flags outside of their operations are not compared",
    "the word may come up to three cycles late",
    "a division by zero is not compared (errata)",
    "subnormal numbers are not compared",
    "a second product without a reset in between is not compared (errata)",
}
"""Reasons that say what a text of RTLLM leaves open; all others say that nothing changes."""


@pytest.mark.slow
def test_a_listed_mutant_of_rtllm_is_refuted_only_where_the_text_is_open():
    outcomes: Counter[str] = Counter()
    refuted = Counter[str]()
    for name, problem in load_suite("rtllm").items():
        here = replace(problem, parameters=problem.parameters[:1])
        listed = mutants(
            problem.reference, problem.top, keep=lambda m, p=problem: bool(listed_reason(p, m))
        )
        for mutant in listed:
            proof = prove_equivalent(here, mutant.source, seconds=3)
            outcomes[proof.outcome] += 1
            if proof.outcome == "refuted":
                refuted[f"{name}: {listed_reason(problem, mutant)}"] += 1
    assert {label for label in refuted if label.partition(": ")[2] not in LISTED} == set()
    assert outcomes["proved"] > 40
