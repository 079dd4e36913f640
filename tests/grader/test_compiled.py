"""What is read from a compiled design, on what the installed Icarus makes of one."""

import subprocess

import pytest

from itertl_eval.grader.compile import vvp
from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.compile.vvp import Compiled
from itertl_eval.problem import Port

pytestmark = pytest.mark.simulator
TEXT = r"""
module top(input [3:0] a, b, inout z, output reg signed [7:0] y);
  helper h(a[0]);
  initial
    $display("\n    .port_info 9 /INPUT 1 \"forged\";\nS_0 .scope module, \"x\" \"top\" 1 1;");
  always @* y = a + b;
endmodule
module helper(input only); endmodule
module root; wire z; ROOT endmodule
"""
ONE = "top t(.a(4'd1), .b(4'd2), .z(z));"


def design(tmp_path, instances: str) -> bytes:
    source = tmp_path / "a.sv"
    source.write_text(TEXT.replace("ROOT", instances))
    made = tmp_path / "a.vvp"
    subprocess.run(
        [find_icarus().iverilog, "-g2012", "-s", "root", "-o", str(made), str(source)], check=True
    )
    return made.read_bytes()


def test_ports_of_the_design_in_the_root(tmp_path):
    expected = (
        Port("a", "input", 4),
        Port("b", "input", 4),
        Port("z", "inout"),
        Port("y", "output", 8),
    )
    text = design(tmp_path, ONE)
    assert Compiled(text, "root").ports() == expected
    for nothing_there in ("helper", "nothing", "x"):
        with pytest.raises(ValueError, match="no instance in"):
            Compiled(text, nothing_there)


@pytest.mark.parametrize(
    ("module", "ports"),
    [
        ("t(output real q, input d); assign q = d; endmodule", [("q", 0), ("d", 1)]),
        ("t(output logic [2:0] q, input d); real r; assign q = d; endmodule", [("q", 3), ("d", 1)]),
        ("t(.q(y), .d(x)); output [2:0] y; input x; assign y = x; endmodule", [("q", 3), ("d", 1)]),
        (
            "t(.q({y, z}), d); output [1:0] y; output z; input d; assign z = d; endmodule",
            [("q", 3), ("d", 1)],
        ),
        ("t(.q(y), .d(x)); output y; real y; input x; always @* y = x; endmodule", None),
    ],
)
def test_types_and_expressions_of_ports(tmp_path, module, ports):
    source, made = tmp_path / "a.sv", tmp_path / "a.vvp"
    root = "module root; wire [2:0] q; wire d; t u(.q(q), .d(d)); endmodule"
    source.write_text(f"{root} module {module}")
    command = [find_icarus().iverilog, "-g2012", "-s", "root", "-o", str(made), str(source)]
    subprocess.run(command, check=True)
    found = Compiled(made.read_bytes(), "root").ports()
    assert (found and [(port.name, port.width) for port in found]) == ports


def test_only_the_request_for_modules_goes(tmp_path):
    text = design(tmp_path, ONE)
    left = vvp.without_modules(text)
    gone = set(text.split(b"\n")) - set(left.split(b"\n"))
    assert gone
    assert all(line.startswith(b":vpi_module ") for line in gone)
    assert text.endswith(left[left.index(b"\nS_") :])


DRIVEN = """
module root; wire clk, rst, en; wire [3:0] d, q; top t(clk, rst, en, d, q); endmodule
module top #(parameter W = 4, parameter signed [7:0] S = -2, parameter real R = 2.0,
             parameter [1:0] N = 5) (input clk, rst, en, input [W-1:0] d, output reg [W-1:0] q);
  localparam L = W;
  CODE
  always @(posedge clk) q <= d;
endmodule
module helper(input pin, output out); initial force pin = 0; endmodule
module reader(input pin); initial $display(pin); endmodule
"""


def compile_top(tmp_path, code: str) -> bytes:
    source, made = tmp_path / "a.sv", tmp_path / "a.vvp"
    source.write_text(DRIVEN.replace("CODE", code))
    command = [find_icarus().iverilog, "-g2012", "-s", "root", "-o", str(made), str(source)]
    subprocess.run(command, check=True)
    return made.read_bytes()


def test_parameters_that_can_be_set(tmp_path):
    compiled = Compiled(compile_top(tmp_path, ""), "root")
    assert compiled.parameters() == {"W": 4, "S": -2, "R": 2.0, "N": 1}


@pytest.mark.parametrize(
    ("code", "driven"),
    [
        ("", []),
        ("reader r(rst); wire c; assign c = clk; initial $display(d);", []),
        ("wire c; initial force c = clk;", []),
        ("initial force d[1:0] = 2;", ["d"]),
        ("initial begin force rst = en; force clk = 0; end", ["clk", "rst"]),
        ("initial begin #5 release en; end", ["en"]),
        ("helper h(rst, );", ["rst"]),
        ("helper h(d[0], );", []),
        ("reader r(en); initial force r.pin = 0;", ["en"]),
        ("always @(posedge clk) $deposit(rst, 1);", ["rst"]),
        ("buf(en, clk);", ["en"]),
        ("tran(en, clk);", ["clk", "en"]),
    ],
)
def test_inputs_that_a_design_drives_itself(tmp_path, code, driven):
    compiled = Compiled(compile_top(tmp_path, code), "root")
    assert compiled.own_inputs(["clk", "rst", "en", "d"]) == driven
