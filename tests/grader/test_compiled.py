"""What is read from a compiled design, on what the installed Icarus makes of one."""

import subprocess

import pytest

from itertl_eval.grader import compiled
from itertl_eval.grader.icarus import find_icarus
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
    assert compiled.ports(text, "top") == wanted
    assert compiled.ports(text, "helper") == (Port("only", "input"),)
    assert compiled.ports(text, "nothing") is None


def test_two_instances_are_not_told_apart(tmp_path):
    assert compiled.ports(design(tmp_path, ONE + ONE.replace("top t", "top u")), "top") is None


def test_only_the_request_for_modules_goes(tmp_path):
    text = design(tmp_path, ONE)
    left = compiled.without_modules(text)
    gone = set(text.split(b"\n")) - set(left.split(b"\n"))
    assert gone
    assert all(line.startswith(b":vpi_module ") for line in gone)
    assert text.endswith(left[left.index(b"\nS_") :])
