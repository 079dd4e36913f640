"""`verilog_all` runs what has its data on this machine and names the rest."""

import pytest

from itertl_eval.suites import HARNESSED, PUBLISHED
from tests.lm_eval_harness.run import evaluate, warnings

pytestmark = pytest.mark.lm_eval


@pytest.fixture
def no_data(tmp_path, monkeypatch):
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path))
    monkeypatch.delenv("ITERTL_EVAL_DATA", raising=False)


@pytest.mark.simulator
def test_runs_what_is_at_hand_and_names_the_rest(no_data, caplog):
    results = evaluate(["verilog_all"], "dummy", {}, limit=1, metadata={"protocol": "both"})
    assert results["group_subtasks"]["verilog_all"] == ["rtl_core"]
    assert results["results"]["rtl_core"]["pass@1,graded"] == 0
    assert any("rtl_core has no published harness" in text for text in warnings(results))
    for name in [*PUBLISHED, *HARNESSED]:
        assert f"verilog_all leaves out {name}: its data is not on this machine" in caplog.text


@pytest.mark.data
def test_a_benchmark_without_most_testbenches_is_left_out(published, tmp_path, monkeypatch, caplog):
    from itertl_eval.lm_eval import tasks_at_hand
    from itertl_eval.suites import load_suite
    from itertl_eval.suites._data import find_source

    if find_source("chipbench") is None:
        pytest.skip("no data of ChipBench")
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path))
    monkeypatch.setattr("itertl_eval.suites._registry.load_suite", load_uncovered(load_suite))
    assert "verilogeval_human" in tasks_at_hand()
    assert "cvdp_agentic" in tasks_at_hand()
    assert "chipbench" not in tasks_at_hand()
    assert "leaves out chipbench: only 1 of its 3 problems have testbenches" in caplog.text


@pytest.mark.data
def test_the_published_protocol_needs_no_testbench_of_ours(published):
    from itertl_eval.lm_eval import VerilogTask
    from itertl_eval.suites._data import find_source

    if find_source("chipbench") is None:
        pytest.skip("no data of ChipBench")

    def problems(protocol):
        metadata = {"suite": "chipbench", "protocol": protocol}
        return len(VerilogTask({"task": "chipbench", "metadata": metadata}).dataset["test"])

    assert problems("official") == 45
    assert 0 < problems("cocotb") < 45


def load_uncovered(load):
    """Return a load_suite whose ChipBench has one testbench for three problems."""

    class Uncovered(dict):
        covered = ("one",)

    return lambda name: Uncovered.fromkeys("123") if name.startswith("chipbench") else load(name)
