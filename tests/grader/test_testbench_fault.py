"""A fault of the testbench is not the design's: the reference decides whose it is."""

import warnings
from dataclasses import replace

import pytest

from itertl_eval import grade
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Port, Problem, Prompt

pytestmark = pytest.mark.simulator

RIGHT = "module split8(input [7:0] d, output [3:0] hi);\n  assign hi = d[7:4];\nendmodule\n"
WRONG = RIGHT.replace("7:4]", "3:0]")
UNKNOWN = RIGHT.replace("d[7:4]", "4'bx")
TEST = """\
import os
import cocotb
from cocotb.triggers import Timer

@cocotb.test()
async def halves(dut):
    for value in (1, 200, 77):
        dut.d.value = value
        await Timer(1, "ns")
        assert int(dut.hi.value) == value >> 4, "hi is wrong"
"""
START = "    for value in (1, 200, 77):\n"
OLD = "seems to be written for cocotb 1.x"
ALL = "all test cases of the testbench are skipped or expected to fail"
BROKEN = {
    "old_assignment": (TEST.replace("dut.d.value = value", "dut.d <= value"), OLD),
    "old_fork": (TEST.replace(START, "    cocotb.fork(None)\n" + START), OLD),
    "old_arithmetic": (TEST.replace("int(dut.hi.value)", "dut.hi.value * 1"), OLD),
    "old_import": ("from cocotb.binary import BinaryValue\n" + TEST, OLD),
    "misspelt": (TEST.replace("dut.hi.value)", "dut.high.value)"), "no child object named high"),
    "variable": (TEST.replace(START, "    os.environ['NOT_SET']\n" + START), "KeyError"),
    "file": (TEST.replace(START, "    open('/etc/hostname')\n" + START), "PermissionError"),
    "import": (TEST.replace(START, "    import nothing_here\n" + START), "ModuleNotFoundError"),
    "skipped": (TEST.replace("test()", "test(skip=True)"), ALL),
    "skips": (TEST.replace(START, "    import pytest; pytest.skip('no')\n" + START), ALL),
    "expected": (TEST.replace("test()", "test(expect_fail=True)"), ALL),
}


@pytest.fixture
def problem(tmp_path):
    bench = tmp_path / "test_split8.py"
    bench.write_text(TEST)
    ports = (Port("d", "input", 8), Port("hi", "output", 4))
    return Problem("split8", "mine", "split8", ports, Prompt(""), reference=RIGHT, testbench=bench)


@pytest.fixture(params=["fork server", "direct"])
def way(request, monkeypatch):
    if request.param == "direct":
        monkeypatch.setenv(pool.DIRECT_VARIABLE, "1")
        pool.close_workers()
    yield request.param
    if request.param == "direct":
        pool.close_workers()


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("kind", ["old_import", "misspelt", "expected"])
def test_a_broken_testbench_blames_no_design(problem, kind):
    _blames_no_design(problem, kind)


@pytest.mark.parametrize("kind", sorted(set(BROKEN) - {"old_import", "misspelt", "expected"}))
def test_a_broken_testbench_blames_no_design_either(problem, kind):
    _blames_no_design(problem, kind)


def _blames_no_design(problem, kind):
    text, message = BROKEN[kind]
    assert text != TEST
    problem.testbench.write_text(text)
    for design in (WRONG, UNKNOWN, RIGHT):
        with pytest.warns(UserWarning, match="no verdict on split8"):
            verdict = grade(problem, design, cache=False)
        assert (verdict.status, verdict.testbench_fault) == ("infra_error", True)
        assert message in verdict.message
        assert verdict.as_row()["testbench_fault"]


@pytest.mark.usefixtures("way")
def test_an_error_that_the_reference_does_not_meet_is_the_designs(problem):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = grade(problem, UNKNOWN, cache=False)
    assert (verdict.status, verdict.stage) == ("fail", "simulate")
    assert "ValueError" in verdict.message
    assert "testbench_fault" not in verdict.as_row()


def test_an_error_of_the_system_that_the_reference_does_not_meet_is_the_designs(problem):
    """A testbench that opens a file only when a design gives it an unknown value."""
    line = "        if not dut.hi.value.is_resolvable: open('/etc/hostname')\n        assert"
    problem.testbench.write_text(TEST.replace("        assert", line))
    verdict = grade(problem, UNKNOWN, cache=False)
    assert verdict.status == "fail"
    assert "PermissionError" in verdict.message
    assert grade(problem, RIGHT, cache=False).passed


def test_without_a_reference_an_unexpected_error_stays_the_designs(problem):
    verdict = grade(replace(problem, reference=""), UNKNOWN, cache=False)
    assert verdict.status == "fail"
