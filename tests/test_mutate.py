"""Mutants: one mistake each, exact, reproducible, and of every kind."""

from __future__ import annotations

import subprocess
from collections import Counter

import pytest

from itertl_eval.authoring.mutate import KINDS, Mutant, mutants

COMB = """\
module top (input [3:0] a, input [3:0] b, input sel, output [3:0] y, output z);
  assign y = {expression};
  assign z = a[0];
endmodule
"""
FSM = """\
module top (input clk, input areset, input in, output reg out);
  parameter A = 2'd0, B = 2'd1, C = 2'd2;
  reg [1:0] state, next;
  always @(*) begin
    case (state)
      A: next = in ? B : A;  // stays
      B: next = C;
      default: next = A;
    endcase
  end
  always @(posedge clk or posedge areset)
    if (areset) state <= A;
    else state <= next;
  always @(posedge clk) begin
    if (in) out <= (state == C);
  end
endmodule
"""
LOOP = """\
module top (input [7:0] in, output reg [7:0] out);
  integer i;
  always @(*) begin
    for (i = 0; i < 8; i = i + 1) out[i] = in[7 - i];
    out[3:0] = in[7:4];
  end
endmodule
"""


def lines(source: str, kind: str) -> list[str]:
    """The changed lines of all mutants of a kind, stripped."""
    found = []
    for mutant in mutants(source, "top"):
        if mutant.kind == kind:
            added = [line for line in mutant.diff.splitlines()[2:] if line.startswith("+")]
            found += [line[1:].strip() for line in added]
    return found


@pytest.mark.parametrize(
    ("expression", "kind", "mistake"),
    [
        ("a + b", "arithmetic", "a - b"),
        ("-a", "arithmetic", "(a)"),
        ("a && b", "logical", "a || b"),
        ("!a", "logical", "(a)"),
        ("a & b", "bitwise", "a | b"),
        ("a ^ b", "bitwise", "a ~^ b"),
        ("~a", "bitwise", "(a)"),
        ("a == b", "comparison", "a != b"),
        ("a < b", "comparison", "a <= b"),
        ("a << 1", "shift", "a >> 1"),
        ("^a", "reduction", "~^a"),
        ("&a", "reduction", "|a"),
        ("a + 5", "constant", "a + 6"),
        ("4'b0110", "constant", "4'b0111"),
        ("4'b0110", "constant", "4'b1111"),
        ("4'hf", "constant", "4'h0"),
        ("4'd9", "constant", "4'd8"),
        ("'0", "constant", "'1"),
        ("a[2:1]", "bound", "a[3:1]"),
        ("a[2:1]", "bound", "a[2:0]"),
        ("a[sel +: 2]", "bound", "a[sel +: 1]"),
        ("sel ? a : b", "branches", "sel ? (b) : a"),
        ("{a[1:0], b[1:0]}", "concatenation", "{b[1:0], a[1:0]}"),
        ("a", "identifier", "b"),
        ("a | b", "term", "a"),
        ("a | b", "term", "b"),
        ("a", "stuck-bit", "(a) | 4'h1"),
        ("a", "stuck-bit", "(a) & 4'h7"),
    ],
)
def test_expressions(expression, kind, mistake):
    source = COMB.replace("{expression}", expression)
    assert f"assign y = {mistake};" in lines(source, kind)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("condition", "if (!(in)) out <= (state == C);"),
        ("drop", "out <= (state == C);"),
        ("drop", "if (in) ;"),
        ("drop", "B: ;"),
        ("assignment", "if (areset) state = A;"),
        ("assignment", "B: next <= C;"),
        ("case-arms", "B: next = A;"),
        ("next-state", "B: next = A;"),
        ("next-state", "A: next = in ? C : A;  // stays"),
        ("clock-edge", "always @(negedge clk or posedge areset)"),
        ("clock-edge", "always @(negedge clk) begin"),
        ("reset-polarity", "always @(posedge clk or negedge areset)"),
        ("reset-polarity", "if (!(areset)) state <= A;"),
        ("reset-kind", "always @(posedge clk)"),
        ("sensitivity", "always @(state) begin"),
        ("sensitivity", "always @(in) begin"),
        ("branches", "if (areset) begin state <= next; end"),
        ("stuck-bit", "if (areset) state <= (A) | 2'h2;"),
        ("bound", "reg [0:0] state, next;"),
    ],
)
def test_state_machine(kind, expected):
    assert expected in lines(FSM, kind)


def test_synchronous_reset_becomes_asynchronous():
    source = FSM.replace(" or posedge areset", "").replace("areset", "resetn")
    source = source.replace("if (resetn)", "if (!resetn)")
    assert "always @(posedge clk or negedge resetn)" in lines(source, "reset-kind")
    assert "if (resetn) state <= A;" in lines(source, "reset-polarity")


def test_name_missing_in_a_sensitivity_list():
    source = """\
module top (input a, input b, input [1:0] c, output reg y, output reg [3:0] z);
  reg kept [0:3];
  reg t;
  integer k;
  always @(a, b or c) y = a ? b : c[0];
  always @* begin
    t = a & b;
    for (k = 0; k < 4; k = k + 1) z[k] = b;
    z[c] = t;
  end
  always @* kept[0] = a;
  always @* y = kept[c];
endmodule
"""
    assert lines(source, "sensitivity") == [
        "always @(b or c) y = a ? b : c[0];",
        "always @(a or c) y = a ? b : c[0];",
        "always @(a or b) y = a ? b : c[0];",
        "always @(b or c) begin",
        "always @(a or c) begin",
        "always @(a or b) begin",
    ]


def test_initial_values_are_dropped():
    source = FSM.replace("next;", "next; reg idle = 0;\n  initial state = A;")
    dropped = [m.diff for m in mutants(source, "top") if m.kind == "drop"]
    assert any("\n-  reg [1:0] state, next; reg idle = 0;\n+" in diff for diff in dropped)
    assert any(diff.endswith("\n-  initial state = A;\n+  ") for diff in dropped)


@pytest.mark.parametrize("bound", ["i = 1; i < 8", "i = 0; i < 7", "i = 0; i < 9"])
def test_loop_bounds(bound):
    expected = f"for ({bound}; i = i + 1) out[i] = in[7 - i];"
    assert expected in lines(LOOP, "bound") + lines(LOOP, "constant")


@pytest.mark.parametrize(("size", "smaller"), [("[4]", "[3]"), ("[4:1]", "[3:1]"), ("[0:3]", None)])
def test_bounds_of_a_memory(size, smaller):
    declared = f"logic [1:0] memory {size};"
    source = LOOP.replace("integer i;", f"integer i; {declared}")
    found = [line for line in lines(source, "bound") if "memory" in line]
    assert (f"integer i; logic [1:0] memory {smaller};" in found) == (smaller is not None)


def test_every_kind_is_covered():
    source = FSM.replace("next = C", "next = -{1'b0, in} << 1 & {2{^in && !in}} | ~state + 1")
    source += COMB.replace("{expression}", "sel ? a : b").replace("module top", "module other")
    source = source.replace("input in,", "input in, input other,")
    assert {mutant.kind for mutant in mutants(source, "top")} == set(KINDS)


def test_only_the_mistake_changes():
    found = mutants(FSM, "top")
    assert found
    for mutant in found:
        changed = [line for line in mutant.diff.splitlines()[2:] if line[0] in "+-"]
        assert 2 <= len(changed) <= 10
        assert mutant.source.count("// stays") == 1, mutant.diff
        assert mutant.source.startswith(FSM.splitlines()[0]), "the interface stays"


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("abcabc", "abXabc", (2, 3)),
        ("abcabc", "abc", (3, 6)),
        ("abc", "abcabc", (3, 3)),
        ("a1b2c", "a3b4c", (1, 4)),
        ("ä = 1", "ä = 2", (5, 6)),
        ("same", "same", (4, 4)),
    ],
)
def test_the_changed_piece_is_as_short_as_can_be(old, new, piece):
    assert Mutant("constant", 1, "", new, old).changed == piece


def test_a_string_may_look_like_a_comment():
    source = """\
module top (input a, input b, output y);
  initial $display("a /* b", "\\" // c");
  assign y = a & b;
endmodule
"""
    plain = source.replace("/*", "").replace("//", "")
    assert len(mutants(source, "top")) == len(mutants(plain, "top")) > 1


def test_same_arguments_same_mutants():
    assert mutants(FSM, "top") == mutants(FSM, "top")
    assert mutants(FSM, "top", 12, seed=3) == mutants(FSM, "top", 12, seed=3)
    assert mutants(FSM, "top", 12, seed=3) != mutants(FSM, "top", 12, seed=4)


def test_no_mutant_comes_twice():
    texts = ["".join(mutant.source.split()) for mutant in mutants(FSM, "top")]
    assert len(texts) == len(set(texts))
    assert "".join(FSM.split()) not in texts


def test_limit_spreads_over_kinds():
    everything = mutants(FSM, "top")
    chosen = mutants(FSM, "top", 20)
    assert len(chosen) == 20
    assert set(chosen) <= set(everything)
    assert {m.kind for m in chosen} == {m.kind for m in everything}
    counts = Counter(m.kind for m in chosen)
    scarce = Counter(m.kind for m in everything)
    assert all(counts[kind] >= min(scarce[kind], max(counts.values()) - 1) for kind in counts)


def test_limit_above_the_number_gives_all():
    assert mutants(FSM, "top", 10_000) == mutants(FSM, "top")


@pytest.mark.parametrize(
    "source", ["", "not verilog", "module top; endmodule", "module top (", "é"]
)
def test_nothing_to_mutate(source):
    assert mutants(source, "top") == []


def test_macros_are_not_changed_and_edits_after_them_are_in_place():
    source = "`define N 4'd3 + 1\n// é before\n" + COMB.replace("{expression}", "a + `N")
    found = mutants(source, "top")
    assert "assign y = a - `N;" in lines(source, "arithmetic")
    assert all("`define N 4'd3 + 1" in mutant.source for mutant in found)


def test_mutant_describes_itself():
    mutant = next(m for m in mutants(FSM, "top") if m.kind == "next-state")
    assert isinstance(mutant, Mutant)
    assert mutant.line == 6
    assert mutant.description == "A -> B"
    assert mutant.diff.splitlines()[2:] == [
        "@@ -6 +6 @@",
        "-      A: next = in ? B : A;  // stays",
        "+      A: next = in ? B : B;  // stays",
    ]


@pytest.mark.simulator
@pytest.mark.parametrize("source", [FSM, LOOP, COMB.replace("{expression}", "sel ? a + b : ~a")])
def test_most_mutants_compile(source, tmp_path):
    found = mutants(source, "top")
    refused = []
    for mutant in found:
        file = tmp_path / "mutant.sv"
        file.write_text(mutant.source)
        command = ["iverilog", "-g2012", "-o", str(tmp_path / "out"), str(file)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            refused.append(mutant.diff)
    assert len(refused) <= 0.1 * len(found), "\n".join(refused)


def test_bits_of_a_helpers_signal_are_not_those_of_the_top():
    helper = "module helper (input a, output y); assign y = a; endmodule\n"
    top = (
        "module top (input [7:0] a, output [7:0] y);\n"
        "  wire [7:0] m; helper h[7:0](.a(a), .y(m));\n  assign y = ~m;\nendmodule\n"
    )
    stuck = [mutant.line for mutant in mutants(helper + top, "top") if mutant.kind == "stuck-bit"]
    assert stuck == [4] * 6
