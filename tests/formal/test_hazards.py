"""Code that simulation and synthesis read differently is found."""

from __future__ import annotations

import pytest

from itertl_eval.formal._hazards import forgotten_input, hazard


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
        "always @(a or b) for (int i = 0; i < 1; i++) q = a & b;",
        "always @(a or b) begin : one bit start = 1; q = start ? a : b; end",
    ],
)
def test_sound_code_has_none(body):
    assert found(body) == ""


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("always @(a) q = a & b;", "b"),
        ("wire s = rst; always @(a) if (a) q = s;", "s"),
        ("always @(a or b) if (a) q = b;", ""),  # a latch
        ("always @(a) if (a > q) q = a;", ""),  # it remembers what it showed
        ("always @(a) q = row[a]; reg row[0:1]; initial begin row[0] = 0; row[1] = 1; end", ""),
        ("always @(a) q = row[a]; reg row[0:1]; always @(posedge clk) row[b] <= a;", "row"),
        ("always @(posedge clk or rst) q <= a;", ""),
        ("always @(posedge clk) q = a; always @(posedge clk) r <= q;", ""),
        ("always @* q = a & b;", ""),
    ],
)
def test_a_forgotten_input_shows_old_outputs(body, name):
    ports = "input clk, rst, a, b, output reg q, output reg r"
    assert forgotten_input(f"module top({ports});\n{body}\nendmodule", "top") == name
