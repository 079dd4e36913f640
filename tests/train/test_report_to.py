"""Trackers, the model card and the hub."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path

import huggingface_hub
import pytest

from itertl_eval.train._loop import run
from itertl_eval.train._selection import Selection

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_the_card_says_that_the_base_is_better(recipe, tmp_path, monkeypatch, capsys):
    def base_is_better(self, one):
        return 0.5 if one.stage == "base" else 0.25

    monkeypatch.setattr(Selection, "_rate", base_is_better)
    run(recipe(iterations=0))
    card = (tmp_path / "run/final/adapter/README.md").read_text()
    assert "no model of this run is better than the base model" in card
    assert "no model of this run is better than the base model" in capsys.readouterr().err


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
