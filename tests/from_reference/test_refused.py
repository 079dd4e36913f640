"""References from which no testbench is made, by the name of the reason."""

from __future__ import annotations

import pytest

from itertl_eval.from_reference import Refused, make_testbench
from tests.from_reference.designs import COUNTER, grader_for, problem

pytestmark = pytest.mark.simulator


def test_high_impedance_that_only_later_stimulus_shows_is_refused():
    text = COUNTER.replace("output reg [3:0] q", "output [3:0] q, output late")
    text = text.replace(
        "always", "reg [11:0] n; assign q = n, late = n == 3000 ? 1'bz : 0;\nalways"
    )
    text = text.replace("q <= 0", "n <= 0").replace("q <= q", "n <= n")
    with pytest.raises(Refused, match="high impedance: late"):
        make_testbench(problem(text, "Otherwise `late` is 'z. Use a synchronous reset."), limit=20)


def test_high_impedance_that_the_text_does_not_ask_for_is_not_compared(tmp_path):
    text = "module top(input e, d, output y, output z); assign z = ~e, y = e ? d : 1'bz; endmodule"
    verdict = grader_for(problem(text, "While e is 1, y is d."), tmp_path)
    assert verdict(text.replace("1'bz", "1'b0")).passed
    assert not verdict(text.replace("? d", "? ~d")).passed


@pytest.mark.parametrize(
    ("ports", "body", "outcome"),
    [
        ("inout a, output y", "assign y = a;", "inout port"),
        ("input a [0:1], output y", "assign y = a[0] & a[1];", "array port"),
        ("input a", "", "no outputs"),
        ("input a, output y", "assign y = 1'bx;", "no known output"),
        ("input a, output y", "assign y = a | 1;", "constant outputs"),
        ("input a, output y", "assign y = a; always @(a) while (a) ;", "does not end"),
        ("input a, output y", "assign y = missing(a);", "does not compile"),
        ("input e, d, output y", "assign y = e ? d : 1'bz;", "high impedance"),
        ("input e, d, output y", "bufif0 (y, d, e);", "high impedance"),
        (
            "input e, output x, output [1:0] y",
            "assign x = e, y[1] = e ? 1'bz : 0;",
            "high impedance",
        ),
        (
            "input hot, cold, tap, output reg y",
            "always @(tap) y = tap ? hot : cold;",
            "incomplete sensitivity list",
        ),
        ("input a, output y", "let n = 1; assign y = a;", "not supported by this simulator"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(ports, body, outcome):
    text = f"module top({ports});\n{body}\nendmodule\n"
    with pytest.raises(Refused) as refused:
        make_testbench(problem(text, "It has a tri-state output."))
    assert refused.value.outcome == outcome
