"""Engines that a CPU can't run: their configurations are accepted, nonsense is refused."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("torch")
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from transformers import Trainer, TrainingArguments

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.train import models
from itertl_eval.train.config import make_recipe
from itertl_eval.train.objective import make_objective
from itertl_eval.train.trainer import GroupTrainer

pytestmark = pytest.mark.train
CONFIGS = Path(__file__).parents[2] / "training/accelerate"
KINDS = {"ddp": "MULTI_GPU", "fsdp2": "FSDP", "zero2": "DEEPSPEED"}


def test_every_shipped_configuration_is_listed():
    assert {path.stem for path in CONFIGS.glob("*.yaml")} == KINDS.keys()


@pytest.mark.parametrize("name", KINDS)
def test_accelerate_accepts_the_configuration(name):
    """Its own loader and launcher; every nested key is one that the launcher knows."""
    file = str(CONFIGS / f"{name}.yaml")
    config = load_config_from_file(file)
    assert config.distributed_type.value == KINDS[name]
    words = ["--config_file", file, "-m", "itertl_eval.train", "--config", "r.yaml"]
    arguments, _, _ = _validate_launch_command(launch_command_parser().parse_args(words))
    nested = {**config.fsdp_config, **config.deepspeed_config}
    for key, value in nested.items():
        assert str(getattr(arguments, key)).lower() == str(value).lower(), key
    assert arguments.training_script == "itertl_eval.train"
    assert arguments.mixed_precision == "bf16"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"fsdp": "full_shard", "deepspeed": "zero.json"}, "one of fsdp and deepspeed"),
        ({"fsdp": "full_shard", "tuning": "qlora"}, "qlora"),
        ({"split_gradients": True, "deepspeed": "zero.json"}, "each backward steps there"),
        ({"bf16": True, "dtype": "float64"}, "float64"),
        ({"objective": "dpo", "kl_weight": 0.1}, "dpo_beta"),
        ({"objective": "dpo", "split_gradients": True}, "splitting"),
    ],
)
def test_nonsense_is_refused(fields, words):
    with pytest.raises(UsageError, match=words):
        make_recipe(**fields)


def test_splitting_is_refused_under_a_launcher_with_deepspeed(tiny_model, tmp_path, monkeypatch):
    """The recipe can't know; transformers does, when it has made its accelerator."""
    make = Trainer.create_accelerator_and_postprocess

    def with_deepspeed(self):
        make(self)
        self.is_deepspeed_enabled = True

    monkeypatch.setattr(Trainer, "create_accelerator_and_postprocess", with_deepspeed)
    with pytest.raises(UsageError, match="DeepSpeed"):
        GroupTrainer(
            model=models.load(str(tiny_model)), split_rows=1, objective=make_objective("clean"),
            args=TrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to=[]),
        )  # fmt: skip


@pytest.mark.skipif(importlib.util.find_spec("bitsandbytes") is not None, reason="it is there")
def test_qlora_without_bitsandbytes_says_what_is_missing(tiny_model):
    arguments = make_recipe(tuning="qlora").trainer
    with pytest.raises(InfrastructureError, match="bitsandbytes"):
        models.load_trainable(str(tiny_model), str(tiny_model), arguments)
