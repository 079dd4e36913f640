"""What a task gives to the compiler, parameters of other types, and ports that are arrays."""

from __future__ import annotations

from pathlib import Path

import pytest

from itertl_eval import grade
from itertl_eval.authoring import check, new_task
from itertl_eval.suites import load_problem

pytestmark = pytest.mark.simulator

ACCU = """\
`default_nettype none
`include "lib/defs.vh"
module accu #(parameter W = 4)
  (input wire clk, input wire rst, input wire [W-1:0] d, output reg [7:0] total);
  wire [4:0] s;
  adder part(.a({1'b0, d}), .b(`STEP), .s(s));
  always @(posedge clk) total <= rst ? `START : total + s;
endmodule
"""
PORTS = "(input [3:0] a, input [3:0] b, output [4:0] s);"
GIVEN = {
    "rtl/accu.v": ACCU,
    "inc/lib/defs.vh": "`define START 8'd3\n",
    "problem.yaml": """\
top: adder
ports:
- {name: a, direction: input, width: 4}
- {name: b, direction: input, width: 4}
- {name: s, direction: output, width: 5}
simulate: accu
given: [rtl/accu.v]
include: [inc]
defines: {STEP: 1}
parameters: [{W: 3}, {W: 2}]
""",
    "reference.sv": f'`include "lib/defs.vh"\nmodule adder{PORTS}\n'
    "  assign s = x + (`START - 3);\n  assign x = a[0];\nendmodule\n",
    "test_mine.py": """\
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

@cocotb.test()
async def adds(dut):
    assert dut._name == "accu"
    Clock(dut.clk, 10, "ns").start()
    dut.rst.value, dut.d.value = 1, 0
    await FallingEdge(dut.clk)
    total = 3
    for d in range(2 ** len(dut.d)):
        assert dut.total.value == total, f"total: expected {total}, got {dut.total.value}"
        dut.rst.value, dut.d.value = 0, d
        await FallingEdge(dut.clk)
        total += d + 1
""",
    "spec.md": "`adder` adds `a` and `b`: `s`.\n",
}


@pytest.fixture
def task(tmp_path):
    """Return a function that writes files over a new task folder."""
    folder = new_task("mine", tmp_path)

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    return write


def test_a_part_of_a_given_design(task):
    """Macros, include files and modules around the completion; the test drives the outer one."""
    right = f"module adder{PORTS} assign s = a + b; endmodule"
    folder = task(GIVEN | {"reference.sv": right})
    problem = load_problem(str(folder))
    assert problem.simulated == "accu"

    def graded(design: str) -> tuple[str, str]:
        verdict = grade(problem, design)
        return verdict.stage, verdict.message

    assert graded(right) == ("pass", "")
    assert graded(f'`include "lib/defs.vh"\n{right.replace("a + b", "a + b + `START - 3")}')[0] == (
        "pass"
    )
    # what the given file says of undeclared names does not reach the completion
    implicit = right.replace("a + b", "x + b").replace("endmodule", "assign x = a; endmodule")
    assert graded(implicit)[0] == "simulate"
    stage, message = graded(right.replace("a + b", "a - b"))
    assert stage == "simulate"
    assert message.startswith("with W=3: adds: total: expected 4")
    stage, message = graded(right.replace("[4:0] s", "[3:0] s"))
    assert (stage, message.endswith("is declared as 'output [3:0] s'")) == ("interface", True)
    stage, message = graded(f"module accu; endmodule\n{right}")
    assert (stage, "already been declared" in message) == ("elaborate", True)
    stage, message = graded(f'`include "other.vh"\n{right}')
    assert (stage, message) == (
        "policy",
        "with W=3: line 1: `include: it may include lib/defs.vh",
    )
    stage, message = graded(f'`include "lib/defs.vh"\n{right.replace("a + b", "a + c")}')
    assert (stage, message.startswith("with W=3: line 2: ")) == ("elaborate", True), message
    stage, message = graded(right.replace("endmodule", "initial force accu.d = 0; endmodule"))
    assert (stage, "input 'd' is driven by the design itself" in message) == ("interface", True)


def test_check_of_a_part(task):
    """Mutants are made in the reference only, and its parameters are not those of the settings."""
    right = f"module adder{PORTS}\n  assign s = a + b;\nendmodule\n"
    result = check(load_problem(str(task(GIVEN | {"reference.sv": right}))), limit=2, jobs=1)
    assert result.reference_passes
    assert result.stubs_passing == []
    assert result.killed
    assert not [line for line in result.shortcomings if "parameter" in line]


def test_what_is_given_is_part_of_the_digest(task):
    before = load_problem(str(task(GIVEN))).digest
    task({"inc/lib/defs.vh": "`define START 8'd4\n"})
    assert load_problem(str(task({}))).digest != before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rtl/accu.v", "rtl/no.v", "no.v is missing"),
        ("[inc]", "[nosuch]", "include: "),
        ("simulate: accu", "simulate: other", "no file in `given` has a module other"),
        ("STEP: 1", "A-B: 1", "defines: 'A-B' must be a macro's name"),
    ],
)
def test_mistakes_in_what_is_given(task, old, new, said):
    facts = GIVEN["problem.yaml"].replace(old, new)
    with pytest.raises(Exception, match=said):
        load_problem(str(task(GIVEN | {"problem.yaml": facts})))


TYPED = """\
module typed #(parameter MODE = "pass", parameter real GAIN = 1.0, parameter [7:0] MASK = 0)
  (input [3:0] a, output [7:0] y);
  assign y = (MODE == "say \\"x\\"" ? a * $rtoi(GAIN * 2) : a) ^ MASK;
endmodule
"""


def test_string_and_real_parameters(task):
    folder = task(
        {
            "problem.yaml": "top: typed\nports:\n- {name: a, direction: input, width: 4}\n"
            "- {name: y, direction: output, width: 8}\nparameters:\n"
            '- {MODE: \'say "x"\', GAIN: 1.5, MASK: "8\'hf0"}\n- {MODE: id, MASK: 0x3}\n',
            "reference.sv": TYPED,
            "test_mine.py": """\
import cocotb
from cocotb.triggers import Timer

@cocotb.test()
async def every_input(dut):
    gain = int(dut.GAIN.value * 2) if dut.MODE.value == b'say "x"' else 1
    for a in range(16):
        dut.a.value = a
        await Timer(1, "ns")
        assert dut.y.value == (a * gain) ^ int(dut.MASK.value), f"y for {a}: {dut.y.value}"
""",
        }
    )
    problem = load_problem(str(folder))
    assert problem.parameters == (
        {"MODE": 'say "x"', "GAIN": 1.5, "MASK": 0xF0},
        {"MODE": "id", "MASK": 3},
    )
    verdict = grade(problem, TYPED)
    assert verdict.passed, verdict.message
    verdict = grade(problem, TYPED.replace("parameter [7:0] MASK", "parameter [3:0] MASK"))
    assert verdict.message.endswith("parameter 'MASK' can't be 240: it becomes 0")
    verdict = grade(problem, TYPED.replace("parameter real", "parameter integer"))
    assert verdict.message.endswith("parameter 'GAIN' can't be 1.5: it becomes 2")
    verdict = grade(problem, TYPED.replace("GAIN * 2", "2"))
    assert verdict.stage == "simulate"


ARRAYS = """\
module arrays(input clk, input [7:0] a [0:2], output reg [7:0] y [1:0]);
  always @(posedge clk) begin
    y[0] <= a[0] + a[1];
    y[1] <= a[2];
  end
endmodule
"""


def test_ports_that_are_arrays(task):
    folder = task(
        {
            "problem.yaml": "top: arrays\nports:\n- {name: clk, direction: input}\n"
            "- {name: a, direction: input, width: 8, array: '[0:2]'}\n"
            "- {name: y, direction: output, width: 8, array: '[1:0]'}\n",
            "reference.sv": ARRAYS,
            "spec.md": "arrays clk a y",
            "test_mine.py": """\
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

@cocotb.test()
async def sums(dut):
    Clock(dut.clk, 10, "ns").start()
    for k in range(8):
        dut.a.value = [k, 3 * k, 7 * k]
        await FallingEdge(dut.clk)
        got = [int(dut.y[n].value) for n in (0, 1)]
        assert got == [4 * k, 7 * k], f"y: got {got}"
""",
        }
    )
    problem = load_problem(str(folder))
    result = check(problem, limit=2, min_score=0, jobs=1)
    assert result.shortcomings == []

    def message(old: str, new: str) -> str:
        return grade(problem, ARRAYS.replace(old, new)).message

    assert message("a [0:2]", "a [3]") == ""
    port = "port 'input [7:0] a [0:2]' is declared as"
    assert message("[7:0] a [0:2]", "[23:0] a") == f"{port} 'input [23:0] a'"
    assert message("a [0:2]", "a [2:0]") == f"{port} 'input [7:0] a [2:0]'"
    own = ARRAYS.replace("always", "assign a[0] = 1;\n  always")
    assert grade(problem, own).message == "input 'a' is driven by the design itself"
