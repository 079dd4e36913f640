"""Code that simulation and synthesis read differently is found."""

from __future__ import annotations

import pytest

from itertl_eval.formal._hazards import hazard


def found(body: str) -> str:
    ports = "input clk, rst, a, b, output reg q, output reg r"
    return hazard(f"module top({ports});\n{body}\nendmodule", "top", {})


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("always @(a) q = a & b;", "top.b is missing in a sensitivity list"),
        ("always @(a) begin q = r; r = a; end", "top.r is missing in a sensitivity list"),
        (
            "always @(posedge clk) q = a; always @(posedge clk) r <= q;",
            "clocked blocks race for top.q",
        ),
        (
            "always @(posedge clk) {q, r} = {a, b}; reg s; always @(negedge clk) s <= r;",
            "clocked blocks race for top.r",
        ),
    ],
)
def test_a_hazard_is_named(body, what):
    assert found(body) == what


@pytest.mark.parametrize(
    "body",
    [
        "always @(a or b) q = a & b;",
        "always @(a, b) begin r = a; q = r & b; end",
        "always @* q = a & b;",
        "always_comb q = a & b;",
        "always @(posedge clk) begin q = a; r <= q; end",
        "always @(posedge clk) q <= a; always @(posedge clk) r <= q;",
        "parameter P = 1; always @(a) q = a & P;",
        "assign q = a;",
    ],
)
def test_sound_code_has_none(body):
    assert found(body) == ""
