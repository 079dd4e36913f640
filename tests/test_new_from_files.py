"""new --reference --test: a task folder from a design and a test that exist, nothing typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from itertl_eval import load_suite
from itertl_eval.authoring import check
from itertl_eval.cli import main
from itertl_eval.problem import Port

BAUD = """
module baud #(parameter DIVIDE = 4)(input wire clk, output reg tick);
  reg [7:0] count = 0;
  always @(posedge clk) begin
    tick <= count == DIVIDE - 1;
    count <= count == DIVIDE - 1 ? 0 : count + 1;
  end
endmodule
"""
SENDER = """
module sender #(parameter DIVIDE = 4, parameter WIDTH = 8) (
  input wire clk, input wire [WIDTH-1:0] data, output wire tick, output wire [WIDTH-1:0] copy);
  assign copy = ~data;
  baud #(.DIVIDE(DIVIDE)) baud_inst(.clk(clk), .tick(tick));
endmodule
"""
TEST = """
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge, Timer

from model.golden import expected


@cocotb.test()
async def copies(dut):
    for value in range(256):
        dut.data.value = value
        await Timer(1, "ns")
        assert dut.copy.value == expected(value)


@cocotb.test()
async def ticks_every_fourth_cycle(dut):
    Clock(dut.clk, 2, "ns").start()
    seen = []
    for _ in range(20):
        await RisingEdge(dut.clk)
        seen.append(int(dut.tick.value) if dut.tick.value.is_resolvable else 0)
    assert [b - a for a, b in zip(at(seen), at(seen)[1:])] == [4] * (len(at(seen)) - 1)
    assert len(at(seen)) >= 4


def at(seen):
    return [k for k, tick in enumerate(seen) if tick]
"""


@pytest.fixture
def files(tmp_path) -> Path:
    (tmp_path / "rtl").mkdir()
    (tmp_path / "rtl" / "baud.v").write_text(BAUD)
    (tmp_path / "rtl" / "sender.v").write_text(SENDER)
    (tmp_path / "tb" / "model").mkdir(parents=True)
    (tmp_path / "tb" / "test_sender.py").write_text(TEST)
    (tmp_path / "tb" / "model" / "__init__.py").write_text("")
    (tmp_path / "tb" / "model" / "golden.py").write_text("def expected(x):\n    return 255 - x\n")
    (tmp_path / "tb" / "other.py").write_text("")
    return tmp_path


def new(files: Path, *more: str) -> int:
    return main(
        [
            "new",
            "my_sender",
            "--dir",
            str(files / "tasks"),
            *more,
            "--reference",
            str(files / "rtl" / "baud.v"),
            str(files / "rtl" / "sender.v"),
            "--test",
            str(files / "tb" / "test_sender.py"),
        ]
    )


@pytest.mark.simulator
def test_ports_parameters_and_top_come_from_the_design(files, capsys):
    assert new(files) == 0
    said = capsys.readouterr().out
    assert "module sender with 4 ports" in said
    assert "parameters: DIVIDE, WIDTH" in said
    folder = files / "tasks" / "my_sender"
    problem = load_suite(str(folder))["my_sender"]
    assert problem.top == "sender"
    assert problem.ports == (
        Port("clk", "input"),
        Port("data", "input", 8),
        Port("tick", "output"),
        Port("copy", "output", 8),
    )
    assert problem.reference == f"{BAUD}\n{SENDER}"
    assert (folder / "test_sender.py").read_text() == TEST
    assert (folder / "model" / "golden.py").exists()
    assert not (folder / "other.py").exists()
    for name in ("sender", "clk", "data", "tick", "copy", "DIVIDE", "WIDTH"):
        assert f"`{name}`" in problem.prompt.text
    result = check(problem, limit=20)
    assert result.reference_passes
    assert result.stubs_passing == []
    assert not [line for line in result.shortcomings if "spec" in line]


def test_several_roots_need_a_choice(files, capsys):
    (files / "rtl" / "sender.v").write_text(SENDER + "module third(input a); endmodule\n")
    assert new(files) == 0  # the test is called test_sender
    (files / "tb" / "test_sender.py").rename(files / "tb" / "test_all.py")
    command = ["new", "other", "--dir", str(files), "--test", str(files / "tb" / "test_all.py")]
    reference = ["--reference", str(files / "rtl" / "baud.v"), str(files / "rtl" / "sender.v")]
    assert main([*command, *reference]) == 2
    assert "(found: sender, third); choose with --top" in capsys.readouterr().err
    assert not (files / "other").exists()
    assert main([*command, "--top", "third", *reference]) == 0
    assert load_suite(str(files / "other"))["other"].top == "third"


def test_what_can_not_be_read_is_refused(files, capsys):
    test = str(files / "tb" / "test_sender.py")
    assert main(["new", "other", "--dir", str(files), "--test", test]) == 2
    assert "--test needs --reference" in capsys.readouterr().err
    assert main(["new", "other", "--dir", str(files), "--test", test, "--reference", "no.v"]) == 2
    assert "no.v can't be read" in capsys.readouterr().err
    both = [str(files / "rtl" / "baud.v"), str(files / "rtl" / "sender.v")]
    assert main(["new", "other", "--dir", str(files), "--reference", *both]) == 2
    assert "give --test for a design of many" in capsys.readouterr().err


PART = "module inverter(input [`WIDTH-1:0] d, output [`WIDTH-1:0] q); assign q = ~d; endmodule\n"
CHIP = """\
`include "widths.vh"
module chip #(parameter EXTRA)(input [`WIDTH-1:0] d, output [`WIDTH-1:0] q);
  inverter part(.d(d), .q(q));
endmodule
"""


def test_what_belongs_to_a_design_comes_along(tmp_path, capsys):
    """Helpers from elsewhere, include folders, macros, parameters without a default."""
    for name, text in {
        "rtl/chip.v": CHIP,
        "rtl/inverter.v": PART,
        "inc/widths.vh": "`define UNUSED 1\n",
        "model/__init__.py": "",
        "model/golden.py": "def inverted(x, w):\n    return x ^ (2**w - 1)\n",
        "tb/test_chip.py": "import cocotb\nfrom golden import inverted\n\n"
        "@cocotb.test()\nasync def inverts(dut):\n    pass\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    rtl = [str(tmp_path / "rtl" / name) for name in ("chip.v", "inverter.v")]
    begin = ["new", "mine", "--dir", str(tmp_path), "--test", str(tmp_path / "tb" / "test_chip.py")]
    begin += ["--reference", *rtl, "--top", "chip"]
    assert main(begin) == 2
    said = capsys.readouterr().err
    assert "the ports of module chip can't be read: " in said
    assert "(--given, --include), a macro (--define) or the value of a parameter" in said
    begin += ["--include", str(tmp_path / "inc"), "--define", "WIDTH=3"]
    begin += ["--parameter", "EXTRA=2"]
    assert main([*begin, "--beside", str(tmp_path / "model")]) == 0
    assert "golden" not in capsys.readouterr().out
    folder = tmp_path / "mine"
    assert (folder / "golden.py").exists()
    problem = load_suite(str(folder))["mine"]
    assert problem.ports == (Port("d", "input", 3), Port("q", "output", 3))
    assert problem.parameters == ({"EXTRA": 2},)
    assert problem.given.includes == {"widths.vh": "`define UNUSED 1\n"}
    assert [problem.place(line) for line in (1, 5, 6)] == ["chip.v:1", "chip.v:5", "inverter.v:1"]
    assert main([*begin[:3], str(tmp_path / "again"), *begin[4:]]) == 0
    assert "the test imports golden, which is neither beside it nor" in capsys.readouterr().out
