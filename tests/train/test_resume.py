"""kill -9 in every phase, then the same command: the result of an uninterrupted run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.train, pytest.mark.simulator]

TIMES = ("seconds", "phase_seconds", "overhead_share", "model")
DRIVER = Path(__file__).with_name("_killed.py")
POINTS = (
    "base/heldout-sample/:row:1",
    "references/:row:1",
    "references/:done",
    "sft/fit/:step:2",
    "sft/fit/:done",
    "sft/fit/checkpoints/:delete",
    "iteration-01/sample/:row:2",
    "iteration-01/grade/:row:1",
    "iteration-01/sample/:done",
    "iteration-01/grade/:done",
    "iteration-01/fit/:step:4",
    "iteration-01/fit/:done",
    "iteration-01/heldout-grade/:row:1",
    "iteration-02/sample/:row:1",
    "final/:done",
)


def command(folder, fields, points):
    fields = {
        "save_steps": 1,
        "batch_size": 2,
        "micro_batch_size": 1,
        "learning_rate": 1e-2,
        "lora_r": 2,
        "jobs": 2,
        "logging_steps": 1,
        **fields,
    }
    flags = [str(part) for key, value in fields.items() for part in (f"--{key}", value)]
    return [sys.executable, str(DRIVER), str(folder), ",".join(points), *flags]


def outcome(run: Path) -> dict:
    """Return all that must not depend on a kill: metrics without times, weights, samples."""
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    files = sorted(run.glob("*/fit/model/adapter_model.safetensors"))
    samples = sorted(run.glob("*/*/samples-0.jsonl"))
    return {
        "metrics": [{key: value for key, value in row.items() if key not in TIMES} for row in rows],
        "weights": {str(f.relative_to(run)): f.read_bytes() for f in files},
        "samples": {str(f.relative_to(run)): sorted(f.read_text().splitlines()) for f in samples},
        "final": (run / "final/adapter/adapter_model.safetensors").read_bytes(),
    }


def run_both(tmp_path, fields, points) -> tuple[dict, dict]:
    """Return the outcomes of an uninterrupted run and of one that is killed at each point."""
    done = subprocess.run(
        command(tmp_path, fields, points),
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return outcome(tmp_path / "whole"), outcome(tmp_path / "killed")


def test_every_phase_survives_a_kill(tiny_suite, tiny_model, tmp_path):
    fields = {
        "model": tiny_model,
        "train_data": tiny_suite,
        "heldout_data": tiny_suite,
        "samples_per_instruction": 3,
        "max_new_tokens": 72,
        "sample_batch": 1,  # parts of eight samples, so that a round has two
        "iterations": 2,
        "sft_updates": 3,
        "updates": 3,
        "lora_dropout": 0.1,
        "eval_samples": 2,
    }
    whole, killed = run_both(tmp_path, fields, POINTS)
    assert len(whole["metrics"]) == 4
    assert len(whole["weights"]) == 3
    for part in whole:
        assert killed[part] == whole[part], part


@pytest.mark.slow
def test_making_corpus_and_small_model_survives_a_kill(tmp_path):
    fields = {
        "corpus_train": 6,
        "corpus_heldout": 3,
        "model_steps": 4,
        "iterations": 1,
        "samples_per_instruction": 2,
        "max_new_tokens": 24,
        "sft_updates": 2,
        "updates": 2,
        "evaluate_base": "false",
    }
    points = (
        "corpus/:write:3",
        "corpus/:write:8",
        "corpus/:write:12",
        "base/:base:1",
        "base/:base:3",
        "base/:write:1",
        "sft/fit/:step:2",
    )
    whole, killed = run_both(tmp_path, fields, points)
    for part in whole:
        assert killed[part] == whole[part], part
    for name in ("corpus/train.jsonl", "base/model/model.safetensors"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
