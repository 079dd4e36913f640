"""Trackers, the model card and the hub."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest

from itertl_eval.train._loop import run
from itertl_eval.train._selection import Selection
from itertl_eval.train.outputs import Tracking
from itertl_eval.train.sampling import Sample
from itertl_eval.train.scoring import ScoredSample

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_the_card_says_that_the_base_is_better(recipe, tmp_path, monkeypatch, capsys):
    def base_is_better(self, one):
        return 0.5 if one.stage == "base" else 0.25

    monkeypatch.setattr(Selection, "_rate", base_is_better)
    run(recipe(iterations=0))
    card = (tmp_path / "run/final/adapter/README.md").read_text()
    assert "no model of this run is better than the base model" in card
    assert "no model of this run is better than the base model" in capsys.readouterr().err


WANDB = """
from types import SimpleNamespace

runs = []


class Table:
    def __init__(self, dataframe):
        self.rows = dataframe.to_dict("records")


def init(**settings):
    run = SimpleNamespace(settings=settings, logged=[], finished=False)
    run.log = lambda values, step: run.logged.append((step, values))
    run.finish = lambda: setattr(run, "finished", True)
    runs.append(run)
    return run
"""


@pytest.fixture
def wandb(tmp_path, monkeypatch):
    """A module in its place, with what a run asks of it."""
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb/__init__.py").write_text(WANDB)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("wandb")
    sys.modules.pop("wandb")


def test_the_whole_loop_is_one_run_of_a_tracker(recipe, tmp_path, wandb):
    fields = {"report_to": ["wandb"], "sft_updates": 2, "updates": 3, "logging_steps": 1}
    run(recipe(**fields))
    (tracked,) = wandb.runs
    assert tracked.finished
    assert tracked.settings["config"]["updates"] == 3
    values = [(step, name) for step, logged in tracked.logged for name in logged]
    assert [step for step, name in values if name == "sft/loss"] == [1, 2]
    assert [step for step, name in values if name == "fit/loss"] == [3, 4, 5]
    assert [step for step, name in values if name == "pass@1"] == [0, 2, 5]
    assert any(name.startswith("stages/") for _, name in values)
    steps = [step for step, _ in values]
    assert steps == sorted(steps)  # wandb drops what goes back
    ((step, table),) = [
        (step, logged["completions/iteration-01"])
        for step, logged in tracked.logged
        if "completions/iteration-01" in logged
    ]
    assert (step, len(table.rows)) == (2, 8)
    assert {"problem", "stage", "score", "message", "completion"} <= table.rows[0].keys()

    run(recipe(**fields))  # everything is done: nothing comes twice
    assert len(wandb.runs) == 1
    run(recipe(**fields | {"iterations": 2}))  # one more iteration, in the same run
    again = wandb.runs[1]
    assert again.settings["id"] == tracked.settings["id"]
    assert [step for step, logged in again.logged if "fit/loss" in logged] == [6, 7, 8]
    assert [step for step, logged in again.logged if "pass@1" in logged] == [8]


def test_tensorboard_shows_completions_that_cannot_end_their_block(tmp_path):
    """Markdown is made of them, and a completion may hold any text."""
    pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")
    tracking = Tracking(["tensorboard"], tmp_path, {})
    text = "</pre>\n```\n<script>x</script>"
    sample = Sample("s/p", 0, text, None, None, "eos")
    scored = ScoredSample("s/p", 0, 0.0, False, "syntax", "fail", 0.0, "line 1")
    shown = []
    tracking._open()[0]._writer.add_text = lambda name, body, global_step: shown.append(body)
    tracking.completions("iteration-01", [sample], {sample.key: scored})
    tracking.log({"pass@1": 0.5})
    tracking.close()
    assert all(line.startswith("    ") for line in shown[0].splitlines())
    assert list((tmp_path / "tensorboard").glob("*tfevents*"))


def test_trackio_takes_a_run(tmp_path):
    pytest.importorskip("trackio", reason="trackio is not installed")
    code = (
        "import sys; from pathlib import Path; from tests.train.test_report_to import log_once; "
        "log_once(Path(sys.argv[1]))"
    )
    environment = {**os.environ, "TRACKIO_DIR": str(tmp_path / "trackio")}
    root = Path(__file__).parents[2]
    for _ in range(2):  # the second one goes on in the same run
        command = [sys.executable, "-c", code, str(tmp_path)]
        done = subprocess.run(
            command, env=environment, cwd=root, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    assert list((tmp_path / "trackio").rglob("*.db"))


def log_once(folder):
    tracking = Tracking(["trackio"], folder, {"a": 1})
    sample = Sample("s/p", 0, "endmodule", None, None, "eos")
    scored = ScoredSample("s/p", 0, 1.0, True, "pass", "pass", 1.0, "")
    tracking.completions("iteration-01", [sample], {sample.key: scored})
    tracking.log({"pass@1": 0.5, "stages": {"pass": 1}})
    tracking.close()


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
