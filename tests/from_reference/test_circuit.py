"""Clocks, resets and constants, read from the syntax tree."""

from __future__ import annotations

import pytest

from itertl_eval.from_reference import read_circuit
from itertl_eval.from_reference.circuit import without_initial
from tests.from_reference.designs import ALU, ASYNC, COUNTER, problem


def test_clock_and_synchronous_reset():
    circuit = read_circuit(problem(COUNTER))
    assert circuit.clocks == {"clk": "rising"}
    assert circuit.resets == [("rst", 1, False)]


def test_asynchronous_reset_is_active_low_on_a_falling_edge():
    assert read_circuit(problem(ASYNC)).resets == [("rst_n", 0, True)]


def test_names_do_not_decide_what_a_clock_is():
    text = ASYNC.replace("clk", "strobe").replace("rst_n", "go")
    circuit = read_circuit(problem(text))
    assert circuit.clocks == {"strobe": "rising"}
    assert circuit.resets == [("go", 0, True)]


RESET_BY_BEHAVIOUR = [
    ("rst", 0, "q <= (!rst | q == 6'd11) ? 0 : q + 1;"),
    ("rst", 0, "q <= rst && q != 11 ? q + 1 : 0;"),
    ("rst", 0, "q <= (q + d) & {6{rst}};"),
    ("rst", 0, "begin q <= q + d; if (rst == 1'b0) q <= 0; end"),
    ("rst", 0, "if (d) begin if (~rst) q <= 0; else q <= q - 1; end"),
    ("rst_n", 1, "begin q <= q + d; if (rst_n) q <= 0; end"),
    ("rst", 0, "q <= next; wire on = ~rst; wire [5:0] next = on ? 7 : q + d;"),
    ("sys_reset_n", 0, "q <= sys_reset_n ? q + 1 : 0;"),
    ("i_rst", 1, "q <= i_rst ? 0 : q + 1;"),
]
HOLDER = "module top(input clk, input {}, input d, output reg [5:0] q); always @(posedge clk) {}"


@pytest.mark.parametrize(("name", "active", "body"), RESET_BY_BEHAVIOUR)
def test_the_level_of_a_reset_follows_from_what_it_does(name, active, body):
    text = f"{HOLDER.format(name, body)} endmodule\n"
    misleading = f"The reset {name} is active {'low' if active else 'high'}."
    assert read_circuit(problem(text, misleading)).resets == [(name, active, False)]


@pytest.mark.parametrize(
    ("name", "said", "active"),
    [
        ("rst", "A counter, rst active low.", 0),
        ("rst", "An active-low reset and an active-high enable.", 0),
        ("rst", "d is active low, rst (synchronous) active high.", 1),
        ("resetn", "The input resetn is active high.", 1),
        ("rst", "", 1),
        ("sys_rst_n", "", 0),
        ("reset_b", "", 0),
        ("reset_in", "", 1),
        ("rst_ni", "", 0),
    ],
)
def test_the_text_and_then_the_name_decide_where_the_design_does_not(name, said, active):
    text = f"{HOLDER.format(name, f'if ({name}) q <= d; else q <= q + 1;')} endmodule\n"
    assert read_circuit(problem(text, said)).resets == [(name, active, False)]


def test_a_reset_on_an_edge_without_a_leading_if_is_no_second_clock():
    text = ASYNC.replace("if (!rst_n) q <= 0;\n    else q <= d;", "q <= rst_n ? d : 0;")
    circuit = read_circuit(problem(text))
    assert circuit.clocks == {"clk": "rising"}
    assert circuit.resets == [("rst_n", 0, True)]


def test_clock_through_an_instance_and_a_gate():
    text = """\
module top(input c, input en, input d, output q);
  wire gated = c & en;
  ff one(.clk(gated), .d(d), .q(q));
endmodule
module ff(input clk, input d, output reg q);
  always @(negedge clk) q <= d;
endmodule
"""
    assert read_circuit(problem(text)).clocks == {"c": "falling"}


def test_two_clocks_and_both_edges():
    text = """\
module top(input wclk, input rclk, input d, output reg p, output reg q);
  always @(posedge wclk) p <= d;
  always @(posedge rclk) q <= p;
  always @(negedge rclk) q <= d;
endmodule
"""
    assert read_circuit(problem(text)).clocks == {"wclk": "rising", "rclk": "both"}


def test_constants_of_comparisons():
    circuit = read_circuit(problem(ALU))
    assert [c.value for c in circuit.constants["op"]] == [0, 1, 2]
    assert [c.value for c in circuit.constants["a"]] == [0x5C]


def test_a_constant_of_a_field_through_a_net_and_a_concatenation():
    text = """\
module top(input [15:0] word, input [3:0] x, output y);
  wire [6:0] opcode = word[10:4];
  assign y = {x, opcode} == 11'h5ab;
endmodule
"""
    constants = read_circuit(problem(text)).constants
    assert constants["word"] == [(4, 7, 0x2B)]
    assert constants["x"] == [(0, 4, 0xB)]


def test_the_length_of_a_counter():
    text = COUNTER.replace("[3:0] q", "[15:0] q").replace(
        "else if (en)", "else if (q == 4999) q <= 0; else"
    )
    assert read_circuit(problem(text)).lengths == [4999, 65536]


CLEARING = """\
module top(input clk, rst, start, x, v, output reg y, output reg [3:0] n);
  always @(posedge clk) {}
  always @(posedge clk) if (rst || n == 11) n <= 0; else n <= n + 1;
endmodule
"""


@pytest.mark.parametrize(
    ("body", "resets"),
    [
        ("if (rst) y <= 0; else if (v) case (x) 0: y <= 1; default: y <= 0; endcase", ["rst"]),
        ("if (v) begin if (x) y <= 0; else y <= 1; end", ["rst"]),
        ("if (rst || x) y <= 0; else if (start) y <= 1;", ["rst"]),
        ("if (start) y <= 1; else if (x) y <= 0;", ["rst"]),
        ("if (!v) y <= 0; else y <= x;", ["rst", "v"]),
    ],
)
def test_what_clears_is_no_reset_beside_one(body, resets):
    text = "`v` is a reset, too." if "v" in resets else "Write it."
    assert [r.name for r in read_circuit(problem(CLEARING.format(body), text)).resets] == resets


def test_a_reset_is_known_by_its_name_beside_another():
    text = """\
module top(input clk, por_n, clear, rst_value, d, output reg p, output reg [3:0] n);
  always @(posedge clk or negedge por_n) if (!por_n) p <= 0; else p <= d;
  always @(posedge clk) if (clear || n == 9) n <= rst_value; else n <= n + 1;
endmodule
"""
    names = [reset.name for reset in read_circuit(problem(text)).resets]
    assert names == ["por_n"]
    text = text.replace("n <= rst_value", "n <= 0")
    assert read_circuit(problem(text)).resets == [("por_n", 0, True), ("clear", 1, False)]


def test_outputs_that_only_one_constant_is_assigned_to():
    stuck = "module top(input a, output y, output z); assign y = 1; {} endmodule"
    pulse = "reg p; assign z = 0; always @(posedge a) if (p) {} <= 0; else {} <= 1;"
    assert read_circuit(problem(stuck.format(pulse.format("p", "p")))).constant
    registered = stuck.replace("output z", "output reg z")
    assert not read_circuit(
        problem(registered.format("always @* if (a) z = 0; else z = 1;"))
    ).constant
    assert read_circuit(
        problem(registered.format("always @* if (a) z = 0; else z = 1'b0;"))
    ).constant
    assert read_circuit(problem(stuck.format("assign z = 0;"))).constant
    assert not read_circuit(problem(stuck.format("assign z = a;"))).constant
    assert not read_circuit(problem(stuck.format("not (z, a);"))).constant


def test_initial_values_of_registers_go_and_tables_stay():
    text = """\
module top(input clk, input [1:0] a, output reg [7:0] q);
  reg [7:0] rom [0:3];
  reg [7:0] sum = 3;
  initial begin rom[0] = 1; rom[1] = 2; rom[2] = 3; rom[3] = 4; end
  initial q = 7;
  always @(posedge clk) begin sum <= sum + 1; q <= rom[a] + sum; end
endmodule
"""
    plain = without_initial(text, "top")
    assert plain is not None
    assert "rom[0] = 1" in plain
    assert "q = 7" not in plain
    assert "sum = 3" not in plain
    assert without_initial(COUNTER, "top") is None


def test_two_state_registers_get_four_states_on_request():
    text = """\
typedef struct packed { bit [3:0] high; int low; } pair_t;
module top(input clk, output bit busy, output byte unsigned level);
  parameter int N = 3;
  enum { IDLE, RUN } state;
  enum bit [1:0] { A, B } phase;
  shortint sum [0:N];
  function int twice(int n); int sum; sum = n + n; return sum; endfunction
  always @(posedge clk) begin
    for (int i = 0; i < N; i++) sum[i] <= twice(i);
    busy <= bit'(state == RUN);
  end
endmodule
"""
    assert without_initial(text, "top") is None
    widened = [
        ("bit [3:0] high; int low", "logic [3:0] high; logic signed [31:0] low"),
        ("output bit busy", "output logic busy"),
        ("byte unsigned", "logic unsigned [7:0]"),
        ("enum { IDLE", "enum logic signed [31:0] { IDLE"),
        ("enum bit", "enum logic"),
        ("shortint", "logic signed [15:0]"),
    ]
    expected = text
    for old, new in widened:
        assert old in expected
        expected = expected.replace(old, new)
    assert without_initial(text, "top", two_state=False) == expected
    assert without_initial(COUNTER, "top", two_state=False) is None
