"""A worker's cocotb has a few names of pytest; testbenches have all of it, and both agree."""

import subprocess
import sys
from dataclasses import replace

import pytest

from itertl_eval import grade
from tests.designs import ADDER

BENCH = """
import cocotb
import pytest
from cocotb.triggers import Timer


async def total(dut, a, b):
    dut.a.value, dut.b.value = a, b
    await Timer(1, "ns")
    return int(dut.sum.value)


@cocotb.xfail(raises=pytest.RaisesExc(ValueError, match="seven"))
@cocotb.test()
async def an_error_of_this_kind(dut):
    assert await total(dut, 3, 4) == 7
    raise ValueError("seven")


@cocotb.test()
async def an_error_inside(dut):
    with pytest.raises(ZeroDivisionError):
        1 / (await total(dut, 1, 2) - 3)


@cocotb.test()
async def not_with_these_inputs(dut):
    pytest.skip("this one does not count")

"""


@pytest.fixture
def problem(tmp_path):
    bench = tmp_path / "test_adder.py"
    bench.write_text(BENCH)
    return replace(ADDER, testbench=bench)


@pytest.mark.simulator
def test_a_testbench_may_use_pytest(problem):
    verdict = grade(problem, ADDER.reference, cache=False)
    assert verdict.passed, verdict.message
    assert (verdict.cases_passed, verdict.cases_total) == (2, 2)  # the skipped one is none


@pytest.mark.simulator
def test_what_pytest_misses_is_a_failed_case(problem):
    verdict = grade(problem, ADDER.reference.replace("a + b", "a + b + 1"), cache=False)
    assert (verdict.status, verdict.stage, verdict.cases_passed) == ("fail", "simulate", 0)


def test_cocotb_is_imported_without_pytest():
    code = (
        "import sys\n"
        "from itertl_eval.grader.simulation import pytest_names\n"
        "with pytest_names.instead():\n"
        "    import cocotb.regression as r\n"
        "assert 'pytest' not in sys.modules and '_pytest.config' not in sys.modules\n"
        "import pytest\n"
        "assert r.pytest is not pytest\n"
        "assert r.pytest.skip.Exception is pytest.skip.Exception\n"
        "assert r.pytest.raises.Exception is pytest.raises.Exception\n"
        "assert isinstance(pytest.RaisesExc(ValueError), r.pytest.RaisesExc)\n"
        "assert not isinstance(ValueError(), r.pytest.RaisesExc)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
