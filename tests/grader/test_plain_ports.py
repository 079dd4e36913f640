"""A plain testbench sees a design's ports, whatever the design calls its inner signals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.grader import close_workers
from itertl_eval.problem import Port, Problem, Prompt
from itertl_eval.verdict import Verdict
from itertl_eval.verilog import expected_ports

pytestmark = pytest.mark.simulator
PLAIN = sorted(
    name
    for name, problem in load_suite("rtl_core").items()
    if problem.testbench is not None and "@cocotb.test" in problem.testbench.read_text()
)


def first_setting(name: str) -> Problem:
    problem = load_suite("rtl_core")[name]
    return replace(problem, parameters=problem.parameters[:1])


def around_reference(problem: Problem, inner: str) -> str:
    """A top level with port expressions around the reference, connected to nets `inner`."""
    setting = problem.parameters[0]
    ports = expected_ports(problem, setting)
    sizes = {port.name: f"[{port.width - 1}:0] " if port.width > 1 else "" for port in ports}
    names = ", ".join(f".{port.name}(x_{port.name})" for port in ports)
    outside = "".join(f"  {p.direction} {sizes[p.name]}x_{p.name};\n" for p in ports)
    nets = (
        ""
        if inner.startswith("x_")
        else "".join(f"  wire {sizes[p.name]}{p.name};\n" for p in ports)
    )
    parameters = "".join(f"  parameter {key} = {value};\n" for key, value in setting.items())
    values = ", ".join(f".{key}({key})" for key in setting)
    links = ", ".join(f".{port.name}({inner.format(port.name)})" for port in ports)
    return (
        problem.reference.replace(f"module {problem.top}", "module the_reference")
        + f"\nmodule {problem.top}({names});\n{parameters}{outside}{nets}"
        + f"  the_reference {f'#({values}) ' if values else ''}core({links});\nendmodule\n"
    )


def test_there_are_plain_tasks():
    assert len(PLAIN) == 10


@pytest.mark.parametrize("name", PLAIN)
def test_inner_nets_with_the_ports_names_count_for_nothing(name):
    problem = first_setting(name)
    honest = grade(problem, around_reference(problem, "x_{}"), cache=False)
    assert honest.passed, honest.message
    dead = grade(problem, around_reference(problem, "{}"), cache=False)
    assert (dead.status, dead.stage) == ("fail", "simulate"), dead.message


PROBING = """
import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def names(dut):
    assert dut._name == dut._path == "half", (dut._name, dut._path)
    assert dut.d._path == "half.d"
    assert cocotb.top is dut
    assert dut.WIDTH.value == 4
    assert {thing._name for thing in dut} >= {"d", "q", "state", "WIDTH", "one"}
    dut.d.value = 6
    await Timer(1, "ns")
    assert dut.q.value == 3
    assert dut["q"].value == 3
    assert dut.state.value == 3, "an inner signal"
    assert dut.one.lamp.value == 1, "a signal of an inner module"
    assert not hasattr(dut, "nothing")
    for thing in dut:
        if thing._name == "q":
            assert thing.value == 3
"""


def probed(tmp_path, design: str) -> Verdict:
    bench = tmp_path / "test_half.py"
    bench.write_text(PROBING)
    ports = Port("d", "input", 4), Port("q", "output", 4)
    problem = Problem(
        "half",
        "own",
        "half",
        ports,
        Prompt(""),
        reference=HALF,
        testbench=bench,
        parameters=({"WIDTH": 4},),
    )
    return grade(problem, design, cache=False)


HALF = """
module half #(parameter WIDTH = 4) (input [WIDTH-1:0] d, output [WIDTH-1:0] q);
  wire [WIDTH-1:0] state = d >> 1;
  assign q = state;
  inner one();
endmodule
module inner; wire lamp = 1; endmodule
"""


@pytest.mark.parametrize("direct", [False, True])
def test_a_testbench_finds_ports_parameters_and_inner_signals(tmp_path, direct, monkeypatch):
    monkeypatch.setenv("ITERTL_EVAL_DIRECT", "1" if direct else "0")
    close_workers()
    verdict = probed(tmp_path, HALF)
    close_workers()
    assert verdict.passed, verdict.message


def test_widths_follow_the_parameters():
    problem = load_suite("rtl_core")["gray_counter"]
    widths = [
        {port.name: port.width for port in expected_ports(problem, setting)}["gray"]
        for setting in ({}, *problem.parameters)
    ]
    assert widths == [4, 4, 2, 7]
