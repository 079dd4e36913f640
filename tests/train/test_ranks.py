"""Two gloo ranks on the CPU make the same run as one process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from safetensors.torch import load_file

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_two_ranks_equal_one_process(tiny_suite, tiny_model, tmp_path):
    fields = {
        "model": tiny_model,
        "train_data": tiny_suite,
        "heldout_data": tiny_suite,
        "samples_per_instruction": 2,
        "max_new_tokens": 72,
        "sample_batch": 2,
        "iterations": 1,
        "sft_updates": 2,
        "updates": 2,
        "batch_size": 4,
        "micro_batch_size": 1,
        "tuning": "full",
        "dtype": "float64",
        "adam_epsilon": 1e-3,
        "evaluate_base": "false",
    }
    flags = [str(part) for key, value in fields.items() for part in (f"--{key}", value)]
    torchrun = [
        "torch.distributed.run",
        "--nproc_per_node",
        "2",
        "--master_port",
        str(free_port()),
        "-m",
    ]
    for name, launcher in (("one", []), ("two", torchrun)):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                *launcher,
                "itertl_eval.train",
                *flags,
                "--run_dir",
                str(tmp_path / name),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "two/iteration-01/sample/samples-1.jsonl").exists()
    one, two = (
        load_file(tmp_path / name / "iteration-01/fit/model/model.safetensors")
        for name in ("one", "two")
    )
    assert one.keys() == two.keys()
    assert max((one[key] - two[key]).abs().max() for key in one) < 1e-8
