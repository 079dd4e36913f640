"""What is proved, what is refuted, and what stays unknown."""

from __future__ import annotations

import pytest

from itertl_eval.errors import InfrastructureError
from itertl_eval.formal import Equivalence, _equivalence, _yosys, available, prove_equivalent
from itertl_eval.formal._replay import Counterexample, replay
from itertl_eval.problem import Problem, Prompt
from itertl_eval.verilog import slang

ADDER = """
module top(input [7:0] a, b, output [8:0] sum);
  assign sum = a + b;
endmodule
"""
COUNTER = """
module top(input clk, rst, en, output reg [3:0] q, output reg seen);
  always @(posedge clk)
    if (rst) begin q <= 0; seen <= 0; end
    else if (en) begin q <= q == 9 ? 0 : q + 1; seen <= seen | q == 7; end
endmodule
"""
ASYNC = """
module top(input clk, rst_n, d, output reg q);
  always @(posedge clk or negedge rst_n) if (!rst_n) q <= 0; else q <= d;
endmodule
"""


VACUOUS = "no inputs are found that make the whole reference known"


LATCH = """
module top(input a, b, output logic y);
  logic q;
  always_comb if (a) q = b;  // a latch, whatever it is called
  assign y = a ? b : q;
endmodule
"""
CONSTANT = "module top(output y); assign y = 1'b1; endmodule"


ARRAYS = "module top(input a [0:1], output y); assign y = a[0]; endmodule"


def problem(text: str, **facts: object) -> Problem:
    parameters = facts.get("parameters", ({},))
    ports = slang.ports(text, "top", parameters[0])  # type: ignore[index]
    assert ports is not None
    return Problem("top", "tests", "top", ports, Prompt(""), text, **facts)  # type: ignore[arg-type]


def proof(text: str, old: str, new: str, **options: object) -> Equivalence:
    assert old in text
    return prove_equivalent(problem(text), text.replace(old, new), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (ADDER, "a + b", "(a ^ b) + ((a & b) << 1) + 9'd0"),
        (COUNTER, "q == 9 ?", "q >= 9 ?"),  # equivalent only because 10 to 15 are never reached
        (COUNTER, "seen | q == 7", "q == 7 ? 1 : seen"),
        (COUNTER, "output reg [3:0] q", "output reg [3:0] q = 5"),  # power-on is open
        (ASYNC, "!rst_n", "~rst_n"),
        (LATCH, "a ? b", "(a | a) ? b"),
        (CONSTANT, "1'b1", "~1'b0"),
    ],
)
@pytest.mark.formal
@pytest.mark.simulator
def test_the_same_behaviour_is_proved(text, old, new):
    assert proof(text, old, new) == Equivalence("proved")


@pytest.mark.parametrize(
    ("text", "old", "new", "line"),
    [
        (ADDER, "a + b", "a | b", "sum expected 0"),
        (COUNTER, "q == 9", "q == 10", "q expected 0000, got 1010"),
        (COUNTER, "q == 7", "q == 8", "seen expected 1, got 0"),
        (COUNTER, "q <= 0; ", "", "q expected 0000, got XXXX"),
        (ASYNC, " or negedge rst_n", "", "q expected 0, got"),
        (ASYNC, "posedge clk", "negedge clk", "q expected"),
        (LATCH, ": q", ": ~q", "y expected"),
        (CONSTANT, "1'b1", "1'b0", "no inputs: y expected 1, got 0"),
    ],
)
@pytest.mark.formal
@pytest.mark.simulator
def test_a_difference_is_refuted_by_inputs_that_the_simulator_confirms(text, old, new, line):
    found = proof(text, old, new)
    assert found.outcome == "refuted"
    assert line in str(found.counterexample)
    assert "\n" not in str(found.counterexample)


@pytest.mark.parametrize(
    ("text", "old", "new", "reason"),
    [
        (ADDER, "assign sum = a + b;", "assign #1 sum = a + b;", "timing control"),
        (ADDER, "= a + b;", "= a[0] ? a + b : 9'bz; assign sum = a[0] ? 9'bz : a + b;", "to Z"),
        (ARRAYS, "a[0]", "a[1]", "port a is an array"),
        (COUNTER, "posedge clk", "posedge ~q[0]", "clock is made inside"),
        (COUNTER, "[3:0] q", "[4:0] q", "port 'output [3:0] q' is declared as"),
        (
            COUNTER,
            "endmodule",
            "reg r; always @(posedge clk) r = en;\nalways @(posedge clk) if (r) ; endmodule",
            "race for top.r",
        ),
    ],
)
@pytest.mark.formal
@pytest.mark.simulator
def test_what_can_not_be_compared_is_unknown_with_the_reason(text, old, new, reason):
    found = proof(text, old, new)
    assert (found.outcome, found.counterexample) == ("unknown", None)
    assert reason in found.reason


MULTIPLIER = """
module top(input [31:0] a, b, output [63:0] product);
  assign product = a * b;
endmodule
"""


@pytest.mark.formal
@pytest.mark.simulator
def test_a_proof_that_takes_too_long_is_unknown():
    found = proof(MULTIPLIER, "a * b", "((a >> 1) * b << 1) + (a[0] ? b : 0)", seconds=1)
    assert found.outcome == "unknown"
    assert found.reason == "no proof within 1 s"
    assert found.late


@pytest.mark.formal
@pytest.mark.simulator
def test_a_proof_about_a_reference_that_is_never_known_counts_for_nothing():
    floating = "module top(input a, output y); wire open; assign y = a ^ open; endmodule"
    found = prove_equivalent(problem(floating), floating.replace("a ^ open", "~a"))
    assert found == Equivalence("unknown", VACUOUS)


@pytest.mark.formal
@pytest.mark.simulator
def test_a_reference_that_is_known_in_part_only_proves_nothing_without_its_initial_values():
    """Without them `z` is 0 or X, and a `z` that is stuck at 0 would be the same."""
    text = """
    module top(input clk, x, output z);
      reg [2:0] s = 0;
      always @(posedge clk) s <= {s[2] ^ x, ~s[1] & x, ~s[0] | x};
      assign z = ~|s;
    endmodule
    """
    assert proof(text, "~|s", "1'b0").outcome == "refuted"
    assert proof(text, "~|s", "s == 0") == Equivalence("proved", power_on=True)


@pytest.mark.formal
@pytest.mark.simulator
def test_initial_values_count_where_nothing_else_makes_the_outputs_known():
    toggle = """
    module top(input clk, output reg q); initial q = 0; always @(posedge clk) q <= ~q; endmodule
    """
    assert proof(toggle, "~q", "q ^ 1'b1") == Equivalence("proved", power_on=True)
    assert proof(toggle, "q = 0", "q = 1").outcome == "refuted"


@pytest.mark.formal
@pytest.mark.simulator
def test_parameters_and_legal_inputs_are_respected():
    text = """
    module top #(parameter W = 2)(input [W-1:0] a, output y); assign y = a[W-1]; endmodule
    """
    narrow = problem(text, parameters=({"W": 1},))
    assert prove_equivalent(narrow, text.replace("a[W-1]", "a[0]")).outcome == "proved"
    wide = problem(text, parameters=({"W": 2},))
    candidate = text.replace("a[W-1]", "~a[0]")
    assert prove_equivalent(wide, candidate).outcome == "refuted"
    assert prove_equivalent(wide, candidate, one_hot=["a"]).outcome == "proved"


@pytest.mark.formal
@pytest.mark.simulator
def test_a_candidate_reads_no_file_of_this_machine(tmp_path):
    secret = tmp_path / "secret.hex"
    secret.write_text("1\n")
    candidate = f"""
    module top(input a, output y);
      reg kept [0:0];
      initial $readmemh("{secret}", kept);
      assign y = a & kept[0];
    endmodule
    """
    straight = problem("module top(input a, output y); assign y = a; endmodule")
    assert prove_equivalent(straight, candidate).outcome == "unknown"
    included = f'`include "{secret}"\n{straight.reference}'
    assert "self-contained" in prove_equivalent(straight, included).reason


# -- without Yosys --------------------------------------------------------------------------------


def test_a_missing_yosys_is_named(monkeypatch):
    monkeypatch.setattr(_yosys, "yosys_folder", lambda: "")
    assert not available()
    with pytest.raises(InfrastructureError, match=r"pip install 'itertl-eval\[formal\]'"):
        prove_equivalent(problem(ADDER), ADDER)


@pytest.mark.simulator
@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"unsupported": "a signal is driven to Z"}, "a signal is driven to Z"),
        ({"status": "late"}, "no proof within 20 s"),
        ({"status": ""}, "no proof within 20 s"),
        ({"status": "UNK"}, "no proof within 20 s"),
        (
            {"status": "SAT", "steps": [{"a": 1, "b": 2}], "clocks": []},
            "the simulator does not show the difference found",
        ),
        ({"status": "UNSAT", "vacuous": True}, VACUOUS),
    ],
)
def test_only_a_sound_answer_of_the_prover_is_believed(monkeypatch, found, reason):
    monkeypatch.setattr(_equivalence, "require_yosys", lambda: None)
    monkeypatch.setattr(_equivalence, "run_prover", lambda *_, **__: found)
    late = reason.startswith("no proof within")
    assert prove_equivalent(problem(ADDER), ADDER) == Equivalence("unknown", reason, late=late)


@pytest.mark.simulator
def test_a_replay_stops_at_the_first_difference_where_the_reference_is_known():
    design = problem("module top(input a, output y); assign y = a ? 1'b1 : 1'bx; endmodule")
    steps = ({"a": 0}, {"a": 1}, {"a": 0})
    seen = replay(design, "module top(input a, output y); assign y = 1'b0; endmodule", steps, ())
    assert seen == Counterexample(steps[:2], (), "y", "1", "0")
    assert str(seen) == "a=0; a=1: y expected 1, got 0"
    assert replay(design, design.reference, steps, ()) is None
    one = "module top(input a, output y); assign y = 1'b1; endmodule"
    assert replay(design, one, steps, ()) is None
