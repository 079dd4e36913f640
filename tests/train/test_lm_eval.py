"""What a run leaves loads in `lm_eval --model hf`: adapter over base, and merged weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from itertl_eval.train._loop import run
from itertl_eval.train.config._recipe import make_recipe

pytestmark = [
    pytest.mark.train, pytest.mark.lm_eval, pytest.mark.simulator, pytest.mark.slow,
]  # fmt: skip


def test_adapter_and_merged_weights_load(tiny_suite, tiny_model, tmp_path):
    folder = tmp_path / "run"
    run(
        make_recipe(
            model=str(tiny_model), train_data=[str(tiny_suite)], run_dir=str(folder),
            iterations=0, sft_updates=2, batch_size=2, lora_r=2, merge=True, learning_rate=0.1,
        )
    )  # fmt: skip
    answers = {}
    for name, model in {
        "base": f"pretrained={tiny_model}",
        "adapter": f"pretrained={tiny_model},peft={folder}/final/adapter",
        "merged": f"pretrained={folder}/final/merged",
    }.items():
        done = subprocess.run(
            [sys.executable, "-m", "lm_eval", "--tasks", "rtl_core", "--model", "hf",
             "--model_args", f"{model},dtype=float32", "--limit", "1", "--device", "cpu",
             "--gen_kwargs", "max_gen_toks=24", "--log_samples", "--output_path",
             str(tmp_path / name)],
            capture_output=True, text=True, check=False,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (file,) = (tmp_path / name).rglob("samples_*.jsonl")
        answers[name] = json.loads(file.read_text())["resps"]
    assert answers["adapter"] == answers["merged"]
    assert answers["adapter"] != answers["base"]
