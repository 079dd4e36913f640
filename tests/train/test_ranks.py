"""Two gloo ranks on the CPU make the same run as one process."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

pytestmark = [pytest.mark.train, pytest.mark.simulator]
DRIVER = Path(__file__).with_name("_ranks.py")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_two_ranks_equal_one_process(tiny_suite, tiny_model, tmp_path):
    """The ranks compute a prompt once and the process does not; with the KL penalty too.

    Groups' candidates differ in size.
    """
    suite = shutil.copytree(tiny_suite, tmp_path / "gates")
    specs = list(suite.glob("*/spec.md"))
    for spec in specs:  # a long prompt is worth sharing
        spec.write_text(spec.read_text() + "// Two inputs and an output of one bit each.\n")
    fields = {
        "model": tiny_model,
        "train_data": suite,
        "heldout_data": suite,
        "samples_per_instruction": 2,
        "max_new_tokens": 40,
        "sample_batch": 2,
        "iterations": 1,
        "sft_updates": 2,
        "updates": 2,
        "batch_size": 4,
        "micro_batch_size": 1,
        "lora_r": 4,
        "learning_rate": 1e-2,
        "kl_weight": 5.0,
        "dtype": "float64",
        "adam_epsilon": 1e-3,
        "evaluate_base": "false",
        "jobs": 1,
    }
    flags = [str(part) for key, value in fields.items() for part in (f"--{key}", value)]
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(tmp_path), str(free_port()), *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "two/iteration-01/sample/samples-1.jsonl").exists()
    for rank in range(2):
        passes = json.loads((tmp_path / f"packed-{rank}.json").read_text())
        assert passes == [False] * 8 + [True] * 8  # a reference alone has nobody to share with
    one, two = (
        load_file(tmp_path / name / "iteration-01/fit/model/adapter_model.safetensors")
        for name in ("one", "two")
    )
    assert one.keys() == two.keys()
    assert max((one[key] - two[key]).abs().max() for key in one) < 1e-6
    assert max(one[key].abs().max() for key in one if "lora_B" in key) > 1e-4
