"""check tells people who wait what it knows: progress, hangs, interruptions, JUnit."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from itertl_eval.authoring import CheckResult, check, check_junit
from itertl_eval.cli._check import text
from itertl_eval.grader import try_testbench
from itertl_eval.problem import Limits
from tests.test_soundness import REGISTER, make

pytestmark = pytest.mark.simulator


WAITS = """
    module top(input clk, output reg done);
      initial done = 0;
      always @(posedge clk) begin : count
        integer i;
        i = 0;
        while (i < 3) i = i + 1;
        done <= i == 3;
      end
    endmodule
"""
FOLLOWS = """
    @cocotb.test()
    async def finishes(dut):
        for _ in range(3):
            dut.clk.value = 0
            await Timer(1, "ns")
            dut.clk.value = 1
            await Timer(1, "ns")
        assert dut.done.value == 1, f"done: expected 1, got {dut.done.value}"
"""


def test_mutants_that_hang_are_stopped_and_listed_apart(tmp_path):
    problem = make(tmp_path, WAITS, FOLLOWS, limits=Limits(wall=60, cpu=60))
    began = time.monotonic()
    result = check(problem, jobs=2)
    assert result.hanging
    assert result.killed >= len(result.hanging)
    assert time.monotonic() - began < 120


def test_progress_has_a_total_from_the_start(tmp_path):
    seen: list[tuple[int, int]] = []
    problem = make(tmp_path, REGISTER.replace("hidden", "kept"), FOLLOWS.replace("done", "q"))
    result = check(
        problem, limit=3, jobs=1, progress=lambda done, total: seen.append((done, total))
    )
    assert "reference" in result.shortcomings[0]  # q is not 1: only the reference was run
    assert [done for done, _ in seen] == [1, 2, 3, 4]
    [total] = {total for _, total in seen}
    assert total > 4 + 5 + 2 * 3 - 1


SLOW = """
import signal
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.test_check_progress import FOLLOWS, WAITS, make
from itertl_eval.authoring import check
from itertl_eval.cli._check import text

def progress(done, total):
    print(done, total, flush=True)

# A shell starts background jobs with this signal ignored, and tests run in them too.
signal.signal(signal.SIGINT, signal.default_int_handler)
print(text(check(make(Path(sys.argv[2]), WAITS, FOLLOWS), jobs=1, progress=progress)))
"""


def test_an_interrupted_check_reports_what_is_known(tmp_path):
    command = [sys.executable, "-c", SLOW, str(Path(__file__).parents[1]), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line.split()[0]) == 9:
                break
        process.send_signal(signal.SIGINT)
        shown = process.stdout.read()
    assert "reference        passes" in shown
    assert "SHORT            interrupted after " in shown
    assert process.returncode == 0


def test_junit_has_a_case_for_each_outcome(tmp_path):
    weak = """
        @cocotb.test()
        async def nothing(dut):
            await Timer(1, "ns")
    """
    result = check(make(tmp_path, REGISTER, weak), limit=3, jobs=1)
    assert result.outputs == {"q": {"mutants": 3, "killed": 0}}
    assert "\n  nothing notices q (3 mutants)\n" in text(result)
    suite = ET.fromstring(check_junit(result))[0]
    failing = {case.get("name") for case in suite if case.find("failure") is not None}
    assert suite.get("name") == "top"
    assert suite.get("tests") == str(len(suite))
    assert {"stubs fail", "sound"} <= failing
    assert len([name for name in failing if name.startswith("mutant, line ")]) == 3
    assert "reference, seed 0" in {case.get("name") for case in suite} - failing


def test_a_case_gets_a_budget_of_its_own_simulated_time(tmp_path):
    waits = """
    @cocotb.test()
    async def one(dut):
        await Timer(50, "ns")

    @cocotb.test()
    async def two(dut):
        await Timer(20, "ns")
"""
    problem = make(tmp_path, WAITS, waits)
    assert try_testbench(problem).took == pytest.approx({"one": 50, "two": 20})


def test_what_an_interruption_kept_from_being_tried_is_not_called_a_failure():
    result = CheckResult("mine", interrupted=True, shortcomings=["interrupted after 0 of 9 runs"])
    assert "  reference        not tried\n" in text(result)
    result.reference, result.seconds = {0: "pass"}, 1.5
    assert "  reference        passes in 1 of 4 runs, 1.50 s\n" in text(result)
    assert "  stubs            not tried\n  mutants          0 of 0 noticed\n" in text(result)
    result.stubs_tried = 2
    assert "  stubs            2 tried, all fail\n" in text(result)
