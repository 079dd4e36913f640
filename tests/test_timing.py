"""Exchanges of = and <= that change nothing are not mutants; all others are."""

from __future__ import annotations

import pytest

from itertl_eval.authoring.mutate import mutants

PORTS = "input clk, input rst, input [3:0] d, output logic [3:0] q, output logic [3:0] r"

# name: (body, the exchanged lines that remain)
BODIES = {
    "register": (
        "always_ff @(posedge clk)\n if (rst) q <= 0;\n else q <= q + d;\n", []
    ),
    "read by another clocked process": (
        "always_ff @(posedge clk)\n q <= d;\nalways_ff @(posedge clk)\n r <= q;\n", ["q = d;"]
    ),
    "read there through logic": (
        "logic [3:0] n; assign n = q + 1;\nalways_ff @(posedge clk)\n q <= d;\n"
        "always_ff @(negedge clk)\n r <= n;\n", ["q = d;"],
    ),
    "read later in the same process": (
        "always_ff @(posedge clk) begin\n q <= d;\n r <= q;\nend\n", ["q = d;"]
    ),
    "read before in the same process": (
        "always_ff @(posedge clk) begin\n r <= q;\n q <= d;\nend\n", []
    ),
    "read in another branch": (
        "always_ff @(posedge clk)\n case (d)\n 1: q <= 2;\n default: q <= q + 1;\n endcase\n", []
    ),
    "shifted in a loop": (
        "always_ff @(posedge clk)\n for (int k = 0; k < 3; k++)\n q[k] <= q[k + 1];\n",
        ["q[k] = q[k + 1];"],
    ),
    "overridden": (
        "always_ff @(posedge clk) begin\n q <= d;\n if (rst) q <= 0;\nend\n", ["if (rst) q = 0;"]
    ),
    "combinational, assigned twice": (
        "always_comb begin\n q = 0;\n if (rst) q = d;\nend\n", ["q <= 0;", "if (rst) q <= d;"]
    ),
    "combinational, in two arms": (
        "always_comb if (rst)\n q = d;\nelse\n q = ~d;\n", ["q <= d;", "q <= ~d;"]
    ),
    "combinational": ("always_comb\n q = d;\n", []),
    "combinational and read": (
        "logic [3:0] t;\nalways_comb begin\n t = d;\n q = t;\nend\n", ["t <= d;"]
    ),
    "combinational and clocked": (
        "logic [3:0] n;\nalways_comb\n n = q + d;\nalways_ff @(posedge clk)\n q <= n;\n", []
    ),
    "combinational and two clocks": (
        "logic [3:0] n;\nalways_comb\n n = d + 1;\nalways_ff @(posedge clk)\n q <= n;\n"
        "always_ff @(negedge rst)\n r <= n;\n", ["n <= d + 1;"],
    ),
    "latch": (
        "always @* if (rst)\n r = d;\nalways_ff @(posedge clk)\n q <= d;\n", ["r <= d;", "q = d;"]
    ),
    "derived clock": (
        "logic c; assign c = clk & rst;\nalways_ff @(posedge c)\n q <= d;\n", ["q = d;"]
    ),
    "race": (
        "always_ff @(posedge clk)\n q = d;\nalways_ff @(posedge clk)\n r <= d;\n",
        ["q <= d;", "r = d;"],
    ),
    "variable of a process": (
        "logic [3:0] t;\nalways_ff @(posedge clk) begin\n t = d + 1;\n q <= t;\nend\n",
        ["t <= d + 1;"],
    ),
    "list of levels": ("always @(d)\n q = d;\n", ["q <= d;"]),
    "instance": (
        "inv u(.a(d), .y(r));\nalways_ff @(posedge clk)\n q <= d;\n", ["q = d;"]
    ),
    "start value": ("initial\n q = 0;\nalways @(posedge clk)\n q <= d;\n", ["q <= 0;"]),
    "pure function": (
        "function [3:0] f(input [3:0] x);\n f = x + 1;\nendfunction\n"
        "always_ff @(posedge clk)\n q <= f(d);\n", ["f <= x + 1;"],
    ),
    "function of a signal": (
        "function [3:0] f(input [3:0] x);\n f = x + q;\nendfunction\n"
        "always_ff @(posedge clk)\n q <= f(d);\n", ["f <= x + q;", "q = f(d);"],
    ),
    "two clocks": (
        "always_ff @(posedge clk)\n q <= d;\nalways_ff @(posedge rst)\n r <= q;\n", ["q = d;"]
    ),
    "parts by different processes": (
        "always_ff @(posedge clk)\n q[0] <= d[0];\nalways_ff @(posedge clk)\n q[1] <= d[1];\n",
        ["q[0] = d[0];", "q[1] = d[1];"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_remaining_exchanges(name):
    body, remains = BODIES[name]
    inverter = "module inv(input [3:0] a, output [3:0] y); assign y = ~a; endmodule\n"
    source = f"module top({PORTS});\n{body}endmodule\n{inverter if 'inv' in body else ''}"
    found = [
        mutant.diff.splitlines()[-1].removeprefix("+").strip()
        for mutant in mutants(source, "top")
        if mutant.kind == "assignment"
    ]
    assert found == remains
