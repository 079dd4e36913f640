"""What is read from a compiled design, on what the installed Icarus makes of one."""

import subprocess

import pytest

from itertl_eval.grader.compile import vvp
from itertl_eval.grader.compile._icarus import find_icarus
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


def test_ports_of_the_only_instance(tmp_path):
    text = design(tmp_path, ONE)
    wanted = (
        Port("a", "input", 4),
        Port("b", "input", 4),
        Port("z", "inout"),
        Port("y", "output", 8),
    )
    assert vvp.ports(text, "top") == wanted
    assert vvp.ports(text, "helper") == (Port("only", "input"),)
    assert vvp.ports(text, "nothing") is None


def test_two_instances_are_not_told_apart(tmp_path):
    assert vvp.ports(design(tmp_path, ONE + ONE.replace("top t", "top u")), "top") is None


def test_only_the_request_for_modules_goes(tmp_path):
    text = design(tmp_path, ONE)
    left = vvp.without_modules(text)
    gone = set(text.split(b"\n")) - set(left.split(b"\n"))
    assert gone
    assert all(line.startswith(b":vpi_module ") for line in gone)
    assert text.endswith(left[left.index(b"\nS_") :])


DRIVEN = """
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
    command = [find_icarus().iverilog, "-g2012", "-s", "top", "-o", str(made), str(source)]
    subprocess.run(command, check=True)
    return made.read_bytes()


def test_parameters_that_can_be_set(tmp_path):
    text = compile_top(tmp_path, "")
    assert vvp.parameters(text, "top") == {"W": 4, "S": -2, "R": 2.0, "N": 1}
    assert vvp.parameters(text, "nothing") == {}


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
    assert vvp.own_inputs(compile_top(tmp_path, code), "top", ["clk", "rst", "en", "d"]) == driven
