"""The loop on a tiny model: what it writes, the switches, the table, arms."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sys
import time
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import huggingface_hub
import pytest
import yaml
from safetensors.torch import load_file, save_file

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader import _grading_pool, grade_item
from itertl_eval.suites import load_suite
from itertl_eval.train import _dry_run as estimate
from itertl_eval.train._dataset import load_all
from itertl_eval.train._loop import run
from itertl_eval.train._selection import Selection
from itertl_eval.train.arms import _command as arms
from itertl_eval.train.config._recipe import make_recipe
from itertl_eval.train.data._instruction import digest_all, from_suite
from itertl_eval.train.models import checkpoints
from itertl_eval.train.outputs.metrics import (
    behaviours,
    histogram,
    pass_rates,
    problem_rates,
    table,
)
from itertl_eval.train.run._folder import Phase
from itertl_eval.train.scoring._scored import ScoredSample
from tests.train.conftest import write_suite

pytestmark = [pytest.mark.train, pytest.mark.simulator]


@pytest.fixture
def recipe(tiny_suite, tiny_model, tmp_path):
    def make(**fields):
        return make_recipe(
            **{
                "model": str(tiny_model),
                "train_data": [str(tiny_suite)],
                "heldout_data": [str(tiny_suite)],
                "run_dir": str(tmp_path / "run"),
                "samples_per_instruction": 2,
                "max_new_tokens": 72,
                "iterations": 1,
                "sft_updates": 1,
                "updates": 1,
                "batch_size": 2,
                "lora_r": 2,
                **fields,
            }
        )

    return make


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


def test_samples_that_an_executor_loses_are_tried_again_then_stop_the_run(recipe, tmp_path):
    fields = {"sft": False, "evaluate_base": False, "jobs": 2}
    executor = "tests.train.test_loop:Losing"
    with pytest.raises(InfrastructureError, match=r"8 of 8 .* max_infra_errors 0.1[^$]*node is go"):
        run(recipe(executor=executor, **fields))
    assert not (tmp_path / "run/iteration-01/grade/DONE").exists()
    (record,) = run(recipe(**fields))  # repaired: only these are graded again
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


def test_references_of_instructions_that_were_not_dealt_are_trained_on(recipe):
    records = run(
        recipe(instructions_per_iteration=1, objective="rft", sft=False, evaluate_base=False)
    )
    assert records[0]["train_samples"] == 2
    assert records[0]["fit_groups"] == 4


def test_pairs_without_a_testbench_train_too(recipe, tmp_path):
    code = "module top(input a, output y);\n  assign y = a;\nendmodule\n"
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"instruction": "A wire.", "output": code}) + "\n")
    records = run(recipe(train_data=[str(path)], batch_size=1, sft=False, evaluate_base=False))
    assert records[0]["fit_groups"] == 1


def test_pairs_whose_reference_is_too_long_to_be_written_are_left_out(recipe, tmp_path, capsys):
    good = "module top(input a, output y);\n  assign y = a;\nendmodule\n"
    rows = [("A wire.", good), ("A long wire.", good.replace("a;", "a" + " & a" * 40 + ";"))]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps({"instruction": i, "output": o}) + "\n" for i, o in rows))
    records = run(recipe(train_data=[str(path)], sft=False, batch_size=1, evaluate_base=False))
    assert records[0]["train_samples"] == 2
    assert "1 (reference too long)" in capsys.readouterr().err


def test_a_recipe_that_found_no_data_may_be_corrected(recipe, tmp_path, monkeypatch, tiny_suite):
    fields = {"iterations": 0, "evaluate_base": False}
    with pytest.raises(UsageError, match="no suite"):
        run(recipe(heldout_data=["nowhere"], **fields))
    monkeypatch.chdir(tiny_suite.parent)
    run(recipe(heldout_data=[tiny_suite.name], **fields))  # a folder, without a slash in its name


def test_of_a_corpus_the_training_part_is_trained_on(tmp_path):
    from itertl_eval.corpus import make_corpus

    make_corpus(tmp_path, train=3, heldout=2, levels=[2], families=["gates"])
    arguments = make_recipe().data
    assert len(load_all([str(tmp_path)], arguments, {})) == 3
    assert len(load_all([str(tmp_path)], arguments, {}, heldout=True)) == 2


def test_a_reference_that_the_compiler_refuses_is_not_learnt_from(recipe, tmp_path, capsys):
    """slang knows `inside`, Icarus does not."""
    good = "module top(input [1:0] a, output y);\n  assign y = a[0];\nendmodule\n"
    rows = [("One bit.", good), ("Is it 1 or 2?", good.replace("a[0]", "a inside {1, 2}"))]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps({"instruction": i, "output": o}) + "\n" for i, o in rows))
    records = run(recipe(train_data=[str(path)], iterations=0, batch_size=1, evaluate_base=False))
    assert records[0]["fit_groups"] == 1
    assert "1 of 2 references left out" in capsys.readouterr().err


def test_a_reference_that_fails_its_own_testbench_is_not_learnt_from(recipe, tmp_path, capsys):
    suite = write_suite(tmp_path / "gates")
    wrong = suite / "and_gate/reference.sv"
    wrong.write_text(wrong.read_text().replace("a & b", "~(a & b)"))
    records = run(recipe(train_data=[str(suite)], iterations=0, evaluate_base=False))
    assert records[0]["fit_groups"] == 3
    said = capsys.readouterr().err
    assert "1 of 4 references left out" in said
    assert "gates/and_gate (simulate: " in said


def test_more_iterations_extend_a_finished_run(recipe, tmp_path, capsys):
    fields = {"sft": False, "evaluate_base": False}
    first = run(recipe(**fields))
    (tmp_path / "run/final/adapter/README.md").unlink()
    more = run(recipe(iterations=2, **fields))
    assert [r["stage"] for r in more] == ["iteration-01", "iteration-02"]
    assert more[0]["fit_loss_last"] == first[0]["fit_loss_last"]
    assert "iterations: 2" in (tmp_path / "run/final/adapter/README.md").read_text()


def test_final_follows_when_another_model_becomes_the_best(recipe, tmp_path, monkeypatch):
    fields = {"sft": False, "evaluate_base": False}
    run(recipe(**fields))
    before = (tmp_path / "run/final/adapter/adapter_model.safetensors").read_bytes()

    def later_is_better(self, one):
        return float(one.stage[-1])

    monkeypatch.setattr(Selection, "_rate", later_is_better)
    run(recipe(iterations=2, learning_rate=2e-4, **fields))
    after = (tmp_path / "run/final/adapter/adapter_model.safetensors").read_bytes()
    assert after != before
    made = tmp_path / "run/iteration-02/fit/model/adapter_model.safetensors"
    assert after == made.read_bytes()


def test_a_run_and_its_model_may_move_between_two_starts(
    recipe, tmp_path, monkeypatch, tiny_model, tiny_suite
):
    here, there = tmp_path / "here", tmp_path / "there"
    for source, name in ((tiny_model, "tiny"), (tiny_suite, "gates")):
        shutil.copytree(source, here / name)
    fields = {
        "model": "tiny",
        "train_data": ["./gates"],
        "heldout_data": ["./gates"],
        "run_dir": "run",
        "sft": False,
        "evaluate_base": False,
        "merge": True,
    }
    monkeypatch.chdir(here)
    run(recipe(**fields))
    here.rename(there)
    monkeypatch.chdir(there)
    records = run(recipe(iterations=2, **fields))
    assert [r["stage"] for r in records] == ["iteration-01", "iteration-02"]
    weights = there / "tiny/model.safetensors"
    save_file({name: w * 2 for name, w in load_file(weights).items()}, weights)
    with pytest.raises(UsageError, match=r"model\.safetensors"):
        run(recipe(iterations=3, **fields))


def test_a_recipe_may_be_corrected_until_a_fit_has_begun(recipe):
    fields = {"sft": False, "evaluate_base": False}
    with pytest.raises(UsageError, match="lora_targets"):
        run(recipe(lora_targets=["nowhere"], **fields))
    run(recipe(lora_targets=["q_proj"], **fields))
    with pytest.raises(UsageError, match="lora_targets"):
        run(recipe(lora_targets=["v_proj"], **fields))


def test_the_card_says_that_the_base_is_better(recipe, tmp_path, monkeypatch, capsys):
    def base_is_better(self, one):
        return 0.5 if one.stage == "base" else 0.25

    monkeypatch.setattr(Selection, "_rate", base_is_better)
    run(recipe(iterations=0))
    card = (tmp_path / "run/final/adapter/README.md").read_text()
    assert "no model of this run is better than the base model" in card
    assert "no model of this run is better than the base model" in capsys.readouterr().err


def test_held_out_problems_need_a_testbench(recipe, tmp_path):
    code = "module top(input a, output y);\n  assign y = a;\nendmodule\n"
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"instruction": "A wire.", "output": code}) + "\n")
    with pytest.raises(UsageError, match="no testbench"):
        run(recipe(heldout_data=[str(path)]))


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


def test_a_tensorboard_log_outlives_the_checkpoints(recipe, tmp_path):
    pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")
    run(recipe(report_to=["tensorboard"], iterations=0, evaluate_base=False))
    assert list((tmp_path / "run/tensorboard/sft/fit").glob("*tfevents*"))


WANDB = """
from unittest.mock import MagicMock

run, names, config = None, [], MagicMock()
Settings = define_metric = log = MagicMock()


def init(name=None, **_):
    global run
    run = MagicMock()
    names.append(name)


def finish():
    global run
    run = None
"""


def test_each_fit_is_a_wandb_run_of_its_own(recipe, tmp_path, monkeypatch):
    """A module in its place, with what transformers asks of it."""
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb/__init__.py").write_text(WANDB)
    monkeypatch.syspath_prepend(tmp_path)
    wandb = importlib.import_module("wandb")
    util = types.SimpleNamespace(ConfigError=KeyError)
    for name, module in (
        ("", wandb),
        (".sdk", util),
        (".sdk.lib", util),
        (".sdk.lib.config_util", util),
    ):
        monkeypatch.setitem(sys.modules, f"wandb{name}", module)
    run(recipe(report_to=["wandb"], evaluate_base=False))
    assert [name.rpartition("run/")[2] for name in wandb.names] == ["sft/fit", "iteration-01/fit"]


def test_arms_need_something_to_compare(recipe):
    ready = recipe(sft=False)
    with pytest.raises(UsageError, match="--against onec"):
        arms.run_arms(ready, ["once"], [0], "onec")
    with pytest.raises(UsageError, match="heldout_data"):
        arms.run_arms(recipe(sft=False, heldout_data=[]), ["once"], [0], "once")


def test_push_to_hub_uploads_the_model_and_its_card(recipe, tmp_path, monkeypatch):
    calls = []

    class FakeHub:
        def create_repo(self, name, exist_ok):
            calls.append((name, exist_ok))

        def upload_folder(self, repo_id, folder_path):
            calls.append((repo_id, sorted(path.name for path in Path(folder_path).iterdir())))

    monkeypatch.setattr(huggingface_hub, "HfApi", FakeHub)
    run(recipe(iterations=0, heldout_data=[], evaluate_base=False, push_to_hub="me/verilog"))
    (created, (name, files)) = calls
    assert created == ("me/verilog", True)
    assert name == "me/verilog"
    assert {"README.md", "adapter_config.json", "adapter_model.safetensors"} <= set(files)
    assert "tokenizer.json" in files


def scored(problem, number, passed, reward=0.0):
    stage = "pass" if passed else "simulate"
    return ScoredSample(problem, number, 1.0 if passed else reward, passed, stage, "x", 0.0, "")


def test_pass_rates_leave_errors_out():
    rows = [scored("a", 0, True), scored("a", 1, False), scored("b", 0, False)]
    rows.append(scored("b", 1, False, reward=None))
    found = pass_rates(rows, 2)
    assert found["pass@1"] == pytest.approx(0.25)
    assert found["pass@2"] == 1.0  # b has one graded sample, too few for pass@2
    assert found["heldout"] == 2
    assert found["infra_errors"] == 1
    assert problem_rates(rows) == {"a": 0.5, "b": 0.0}


def test_behaviours_count_different_verdicts():
    def one(problem, stage, score, message):
        return ScoredSample(problem, 0, score, stage == "pass", stage, "", score, message)

    rows = [
        one("a", "pass", 1.0, ""),
        one("a", "pass", 1.0, "all 4 test cases passed"),
        one("a", "simulate", 0.5, "y: expected 0, got 1"),
        one("a", "simulate", 0.5, "y: expected 0, got X"),
        one("b", "syntax", 0.1, "line 2"),
    ]
    assert behaviours(rows) == 2.0
    assert behaviours([]) == 0.0


def test_histogram_and_table():
    assert histogram([0.0, 0.05, 0.99, 1.0]) == [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    text = table([{"stage": "base", "pass@1": 0.5, "pass@1_se": 0.1}, {"stage": "sft"}])
    assert text.splitlines()[1].split() == ["base", "0.500", "0.100"]
    assert text.splitlines()[2].split() == ["sft", "-", "-"]


def test_dry_run_counts(recipe):
    text = estimate.estimate(recipe(iterations=3, eval_samples=5))
    *lines, note, _ = text.splitlines()
    assert note.startswith("before anything is left out")
    rows = dict(line.rsplit("  ", 1) for line in lines)
    numbers = {name.strip(): int(value.replace(",", "")) for name, value in rows.items()}
    assert numbers["samples for training"] == 4 * 2 * 3
    assert numbers["samples for evaluation"] == 4 * 5 * 5
    assert numbers["updates"] == 1 + 3
    assert re.match(
        r"at the [\d.]+ samples a second of a trial with 4, \d+ tokens each", text.splitlines()[-1]
    )


def test_dry_run_without_a_model_says_when_time_is_known(recipe, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    text = estimate.estimate(recipe(model=None, train_data=[], heldout_data=[]))
    assert "until the small model is made" in text.splitlines()[-1]
    text = estimate.estimate(recipe(model=str(tmp_path / "none")))
    assert "because the model can't be tried" in text.splitlines()[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_time_is_estimated_from_what_a_run_has_measured(tmp_path):
    rows = [
        {"stage": "base", "seconds": 99.0, "stages": {"pass": 4}},
        {"stage": "iteration-01", "train_samples": 16, "seconds": 10.0, "stages": {"pass": 4}},
    ]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert estimate.measured(tmp_path) == {"samples_per_second": 2.0}
    assert estimate.measured(tmp_path / "new") == {}


# -- arms -------------------------------------------------------------------------------------


def test_arms_have_equal_samples_and_updates(recipe):
    base = recipe(iterations=3, updates=10, sft_updates=5)
    made = {arm: arms.arm_recipe(base, arm, seed=7) for arm in arms.ARMS}

    def totals(r):
        rounds = r.loop.iterations
        return (
            rounds * r.sampling.samples_per_instruction,
            r.loop.sft_updates + rounds * r.trainer.updates,
        )

    assert {totals(made[arm]) for arm in ("once", "stale", "iterative", "restart")} == {(6, 35)}
    assert totals(made["supervised"]) == (0, 35)
    assert made["once"].objective.max_group == 2
    assert len({r.loop.run_dir for r in made.values()}) == len(arms.ARMS)
    assert all(r.loop.seed == 7 for r in made.values())
    with pytest.raises(UsageError, match="no arm"):
        arms.arm_recipe(base, "twice", 0)


def test_arms_of_a_seed_share_its_own_small_model(recipe, tiny_model, tmp_path):
    def folders(base):
        made = [arms.arm_recipe(base, arm, seed) for seed in (0, 1) for arm in arms.ARMS]
        return {one.data.model_folder for one in made}

    small = {"model": None, "train_data": [], "heldout_data": [], "updates": 1, "sft_updates": 1}
    assert folders(recipe(**small)) == {str(tmp_path / f"run/seed-{s}/model") for s in (0, 1)}
    with pytest.raises(UsageError, match=r"model_folder: mine: .* a small model for each seed"):
        arms.arm_recipe(recipe(**small, model_folder="mine"), "once", 0)
    # With a ready model nothing is made, and nothing said.
    assert folders(recipe(**{**small, "model": str(tiny_model)}, model_folder="mine")) == {"mine"}


def test_the_arm_once_draws_for_all_that_is_dealt_out(recipe):
    base = recipe(
        iterations=3,
        updates=1,
        sft_updates=1,
        instructions_per_iteration=4,
        corpus_train=12,
        train_data=[],
    )
    once = arms.arm_recipe(base, "once", seed=0)
    assert once.sampling.instructions_per_iteration == 12
    assert once.sampling.samples_per_instruction == base.sampling.samples_per_instruction
    fewer = recipe(
        iterations=3,
        updates=1,
        sft_updates=1,
        instructions_per_iteration=4,
        corpus_train=11,
        train_data=[],
    )
    with pytest.raises(UsageError, match="corpus_train: 12"):
        arms.arm_recipe(fewer, "once", seed=0)


def test_arms_run_and_print(recipe, tmp_path):
    base = recipe(eval_samples=2, evaluate_base=False)
    text = arms.run_arms(base, ["supervised", "once", "iterative"], [0], "once")
    rounds, _, comparison = text.partition("\n\n")
    assert [line.split()[0] for line in comparison.splitlines()[1:4]] == [
        "supervised",
        "once",
        "iterative",
    ]
    assert [line.split()[:2] for line in rounds.splitlines() if line.startswith("iterative")] == [
        ["iterative", "sft"],
        ["iterative", "iteration-01"],
    ]
    assert (tmp_path / "run/arms.svg").read_text().count("<polyline") >= 3
    text = (tmp_path / "run/arms.json").read_text()
    facts = json.loads(text)
    assert "NaN" not in text
    assert len(facts["runs"]) == 3
    rows = {row["arm"]: row for row in facts["comparison"]}
    assert rows["supervised"]["samples"] == rows["supervised"]["answered"] == 0
    assert rows["once"]["samples"] == rows["iterative"]["samples"] > 0
    assert len({row["updates"] for row in rows.values()}) == 1


def test_pairs_are_graded_by_testbenches_made_from_their_references(recipe, tmp_path, capsys):
    path = tmp_path / "pairs.jsonl"
    text = "module g(input a, input b, output y);\n  assign y = a {} b;\nendmodule\n"
    rows = [
        {"instruction": "An AND gate.", "output": text.format("&")},
        {"instruction": "Always one.", "output": text.format("| 1'b1 |")},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    chosen = recipe(train_data=[str(path)], on_bad_row="skip")
    line = next(x for x in estimate.estimate(chosen).splitlines() if "testbenches" in x)
    assert "1 made, 1 constant outputs" in line
    records = run(chosen)
    assert records[0]["testbenches"] == {"made": 1, "constant outputs": 1}
    made = tmp_path / "run" / "testbenches" / "pairs-000001" / "test_pairs-000001.py"
    before = made.stat().st_mtime_ns
    graded = (tmp_path / "run" / "references" / "verdicts.jsonl").read_text().splitlines()
    assert sorted(json.loads(row)["z"] for row in graded) == [0.5, 1.0]
    capsys.readouterr()
    assert [r["stage"] for r in run(chosen)] == [r["stage"] for r in records]
    assert made.stat().st_mtime_ns == before
    assert "testbenches from references: 1 made, 1 constant outputs" in capsys.readouterr().err
