"""Wrong designs that a testbench of rtl_core once missed."""

from __future__ import annotations

import pytest

from itertl_eval import grade, load_suite

pytestmark = pytest.mark.simulator

CHANGES = {  # problem -> what its reference has, what a wrong design has there
    "traffic_light": ("walk  <= to_side && (pending || button)", "walk <= to_side && pending"),
    "axi_lite_registers": ("&& !s_axi_bvalid;", "&& !s_axi_bvalid && !s_axi_rvalid;"),
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("task_id", CHANGES)
def test_a_wrong_design_that_was_missed_fails(task_id, seed):
    problem = load_suite("rtl_core")[task_id]
    right, wrong = CHANGES[task_id]
    assert problem.reference.count(right) == 1
    verdict = grade(problem, problem.reference.replace(right, wrong), seed=seed)
    assert (verdict.status, verdict.stage) == ("fail", "simulate")
