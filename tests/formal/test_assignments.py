"""`<=` becomes `=` only where that changes nothing."""

from __future__ import annotations

import pytest

from itertl_eval.formal._assignments import readable


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ("always @* begin y = 0; if (a) y <= 1; end", "begin y = 0; if (a) y  = 1; end"),
        ("always @* case (a) 0: y = 1; default: y <= b; endcase", "default: y  = b;"),
        ("always @(posedge clk) if (a) q <= b; else q = q + 1;", "q  = b;"),
        ("always @* {y, z[a]} <= b; always @* begin y = 1; y <= a; end", "y  = a;"),
        ("always_comb y = a;", "always @* y = a;"),
    ],
)
def test_a_last_assignment_is_rewritten(body, changed):
    assert changed in readable(f"module top(); {body} endmodule")


@pytest.mark.parametrize(
    "body",
    [
        "always @* begin y <= 0; if (a) y = 1; end",  # y is always 0
        "always @* begin y = 0; y <= a; z = y; end",  # z is always 0
        "always @* begin y = 0; y <= a; z[y] = 1; end",
        "always @(posedge clk) begin q <= a; r <= q; end",
        "always @* for (i = 0; i < 2; i = i + 1) begin y = i; y <= a; end",
        "always @* begin if (a) y <= 1; else z = 1; if (b) y = 0; end",
        "always @(posedge clk) q <= a; always @* q = b;",
        "assign y = a <= b;",
    ],
)
def test_what_would_change_is_left_as_it_is(body):
    assert readable(f"module top(); {body} endmodule") == f"module top(); {body} endmodule"
