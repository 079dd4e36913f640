"""The loop on a tiny model: what it writes, and the switches."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader import _grading_pool, grade_item
from itertl_eval.suites import load_suite
from itertl_eval.train._loop import run
from itertl_eval.train.data._instruction import digest_all, from_suite
from itertl_eval.train.models import checkpoints
from itertl_eval.train.run._folder import Phase

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_a_run_leaves_metrics_and_a_final_adapter_that_merges(
    recipe, tmp_path, tiny_model, tiny_suite
):
    records = run(recipe(merge=True, kl_weight=0.1, eval_samples=2))
    run_dir = tmp_path / "run"
    assert [r["stage"] for r in records] == ["base", "sft", "iteration-01"]
    rows = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    assert rows == records
    assert {"pass@1", "pass@1_se", "pass@2", "heldout"} <= rows[0].keys()
    last = rows[-1]
    assert last["train_samples"] == 8
    assert sum(last["score_histogram"]) == 8 - last["train_infra_errors"]
    assert last["fit_updates"] == 1
    assert {"fit_reference_logprob_last", "fit_sampler_gap_last"} <= last.keys()
    merged = checkpoints.load(str(run_dir / "final/merged"))
    assert merged.config.vocab_size > 300
    assert (run_dir / "final/merged/tokenizer.json").exists()
    assert not list(run_dir.rglob("*.bin"))
    train = from_suite(load_suite(str(tiny_suite)))
    for place, library in (("adapter", "peft"), ("merged", "transformers")):
        text = (run_dir / "final" / place / "README.md").read_text()
        front = yaml.safe_load(text.split("---")[1])
        assert front["library_name"] == library
        assert f"SHA-256 `{digest_all(train)}`" in text
        # Folders of this machine are nobody's business.
        assert not [path for path in (tmp_path, tiny_model, tiny_suite) if str(path) in text]
        assert "not compared with any benchmark" in text
    timed = last["phase_seconds"]
    assert {"sample", "grade", "fit", "evaluate", "other"} == timed.keys()
    assert last["seconds"] == pytest.approx(sum(timed.values()), abs=0.01)
    assert 0 < last["overhead_share"] < 1
    assert "start-up" in rows[0]["phase_seconds"]
    assert "Time per phase" in (run_dir / "report.html").read_text()
    assert "log-probability of the references" in (run_dir / "plot.svg").read_text()
    again = run(recipe(merge=True, kl_weight=0.1, eval_samples=2))
    assert [r["pass@1"] for r in again] == [r["pass@1"] for r in records]
    with pytest.raises(UsageError, match="kl_weight"):
        run(recipe(merge=True, kl_weight=0.2, eval_samples=2))


def test_the_next_samples_do_not_wait_for_heldout_verdicts(recipe, tmp_path, monkeypatch):
    finished = []
    finish = Phase.finish

    def slowly(item):
        # Held-out samples wait for the next samples; the loop must not wait for them.
        until = time.monotonic() + (0 if item.partial else 60)
        while time.monotonic() < until and "iteration-02/sample" not in finished:
            time.sleep(0.05)
        time.sleep(0.2)
        return grade_item(item)

    def noted(self, **result):
        finish(self, **result)
        finished.append(str(self.folder.relative_to(tmp_path / "run")))

    monkeypatch.setattr(_grading_pool, "grade_item", slowly)
    monkeypatch.setattr(Phase, "finish", noted)
    records = run(recipe(sft=False, evaluate_base=False, iterations=2, jobs=1))
    order = [name for name in finished if not name.startswith("references")]
    assert order.index("iteration-02/sample") < order.index("iteration-01/heldout-grade")
    assert order[-2:] == ["iteration-02/heldout-grade", "final"]
    assert [r["stage"] for r in records] == ["iteration-01", "iteration-02"]
    assert all(sum(r["stages"].values()) == 4 for r in records)
    # The last verdicts have nothing to hide behind and are paid for in the last row.
    assert records[-1]["phase_seconds"]["evaluate"] >= 0.2


class Losing(ThreadPoolExecutor):
    """Loses every sample that is not a reference."""

    def submit(self, function, /, *args, **kwargs):
        if args[0].sample >= 0:
            raise ConnectionError("the node is gone")
        return super().submit(function, *args, **kwargs)


class Flaky(ThreadPoolExecutor):
    """Loses every sample twice."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.tries = Counter()

    def submit(self, function, /, *args, **kwargs):
        self.tries[args[0].problem.id, args[0].sample] += 1
        if self.tries[args[0].problem.id, args[0].sample] < 3:
            raise ConnectionError("the node is gone")
        return super().submit(function, *args, **kwargs)


def test_samples_that_an_executor_loses_are_tried_again_then_stop_the_run(recipe, tmp_path):
    fields = {"sft": False, "evaluate_base": False, "jobs": 2}
    with pytest.raises(InfrastructureError, match=r"8 of 8 .* max_infra_errors 0.1[^$]*node is go"):
        run(recipe(executor="tests.train.test_loop:Losing", **fields))
    assert not (tmp_path / "run/iteration-01/grade/DONE").exists()
    # Better, though not good: only these are graded again, and the third try of each succeeds.
    (record,) = run(recipe(executor="tests.train.test_loop:Flaky", **fields))
    assert record["train_infra_errors"] == 0
    assert record["train_samples"] == 8


@pytest.mark.parametrize(
    "fields",
    [
        {"sft": False, "references": 0.5, "objective": "rtlcoder-code", "score": "paper"},
        {"restart_from_base": True, "sample_from": "first", "tuning": "full", "iterations": 2},
        {"split_gradients": True, "gradient_checkpointing": True, "objective": "rrhf"},
        {"bf16": True, "dtype": "bfloat16", "gradient_checkpointing": True},
        {"executor": "concurrent.futures:ThreadPoolExecutor"},
    ],
    ids=["no sft", "restart", "split", "bfloat16", "executor"],
)
def test_switches(recipe, fields):
    records = run(recipe(evaluate_base=False, **fields))
    assert records[-1]["fit_updates"] == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"batch_size": 3, "micro_batch_size": 2}, "is not a multiple"),
        ({"report_to": ["nonsense"]}, "nonsense"),
        ({"chat_template": True}, "has no chat template"),
        ({"objective": "dpo", "split_gradients": True}, "TRL's trainer"),
    ],
)
def test_what_would_stop_a_fit_is_said_before_any_sampling(recipe, tmp_path, fields, message):
    with pytest.raises(UsageError, match=message):
        run(recipe(**fields))
    assert not list(tmp_path.glob("run/*/heldout-sample"))


def test_lora_targets_that_the_model_has_not(recipe):
    with pytest.raises(UsageError, match="lora_targets"):
        run(recipe(lora_targets=["nowhere"], evaluate_base=False))
