"""Verification code is blanked where that can't change the logic, and only there."""

from __future__ import annotations

import time

import pytest

from itertl_eval.verilog import without_assertions

DESIGN = """module m(input clk, a, b, output reg q);
  function f(input x); f = x; endfunction
  task automatic t; q = b; endtask
  MEMBER
  always @(posedge clk) begin
    q <= a;
    STATEMENT
  end
endmodule
"""


@pytest.mark.parametrize(
    ("assertion", "left"),
    [
        ("assert property (b);", ";"),
        ('if (a) assert (b) else $error("b is %b", b); else q <= b;', "if (a) ; else q <= b;"),
        ("name: cover property (@(posedge clk) a |-> ##[1:3] b);", ";"),
        ("assume (a); assert #0 (b);", "; ;"),
        ('assert property (@(posedge clk) $rose(a) |=> $past(b))\n $display("good");', ";"),
        ('$display("assert (b);"); // assert (b);\n assert (a);', '$display("assert (b);"); ;'),
    ],
)
def test_statements_that_only_check_go(assertion, left):
    text = DESIGN.replace("STATEMENT", assertion)
    found = without_assertions(text)
    assert found.count("\n") == text.count("\n")
    code = found.replace("// assert (b);", "")
    assert code.split() == DESIGN.replace("STATEMENT", left).split()


@pytest.mark.parametrize(
    "member",
    [
        "property p; @(posedge clk) a |-> b; endproperty\n name: assert property (p);",
        "sequence s; a ##1 b; endsequence\n cover property (@(posedge clk) s);",
        "assert #0 (a) else $fatal;",
        "default disable iff (a);",
        "always_comb assert (a);",
        "always_comb assert final (a) else $error;",
    ],
)
def test_members_that_only_check_go(member):
    found = without_assertions(DESIGN.replace("MEMBER", f"{member}\n assert property (b);"))
    assert found.split() == DESIGN.replace("MEMBER", "").split()


@pytest.mark.parametrize(
    "assertion",
    [
        "assert (a) else q <= b;",
        "assert (a) q = b; else $error;",
        "assert (a) begin q <= b; end",
        "assert (f(a));",
        "assert (a) else f;",
        "assert (a) else t;",
        "assert (a) else q++;",
        "assert (a) else $finish;",
        "assert (a) else $deposit(q, b);",
        "assert (a) -> go;",
        "expect (@(posedge clk) b);",
        "cover (a); assert (b) else q <= b;",
    ],
)
def test_what_may_do_more_stays(assertion):
    text = DESIGN.replace("STATEMENT", assertion)
    assert without_assertions(text) == text


@pytest.mark.parametrize("text", ["a", "function ", "task (", "assert ", "assert (a); "])
def test_the_time_grows_with_the_text(text):
    started = time.process_time()
    design = f"module m; assert {100_000 * text}"
    assert len(without_assertions(design)) >= len(design)
    assert time.process_time() - started < 5


def test_letters_of_several_bytes():
    text = DESIGN.replace("STATEMENT", '// größer\n assert (a); q <= "ü";')
    assert without_assertions(text) == text.replace("assert (a);", f";{11 * ' '}")


def test_other_texts_stay():
    deep = f"module m; wire w = {2000 * '('}1{2000 * ')'}; initial assert (w); endmodule"
    for text in ("", DESIGN, '$display("assert (x);")', deep):
        assert without_assertions(text) == text
