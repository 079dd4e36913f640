"""Testbenches written with cocotbext-axi run unchanged and pass the AXI references."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval import grade, load_suite

pytest.importorskip("cocotbext.axi", reason="not installed: cocotbext-axi")
pytestmark = pytest.mark.simulator
BENCHES = Path(__file__).parent / "testbenches"
# problem: (testbench, text replaced by text to make the design wrong, its message)
TASKS = {
    "axi_lite_registers": ("axi_lite_master.py", "{8{strobe[1]}}", "8'hff", "SCRATCH: expected "),
    "axis_register_slice": (
        "axi_stream.py",
        "front <= back",
        "front <= in_beat",
        "tdata: expected ",
    ),
}


@pytest.mark.parametrize("name", TASKS)
def test_reference_and_a_wrong_design(name):
    file, right, wrong, said = TASKS[name]
    problem = replace(load_suite("rtl_core")[name], testbench=BENCHES / file)
    verdict = grade(problem, problem.reference)
    assert verdict.passed, verdict.message
    assert right in problem.reference
    verdict = grade(problem, problem.reference.replace(right, wrong))
    assert verdict.stage == "simulate"
    assert said in verdict.message
