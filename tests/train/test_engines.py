"""The shipped FSDP2 and DeepSpeed configurations train what one process trains."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

from itertl_eval._util.paths import shipped
from tests.train.test_ranks import free_port

pytestmark = [pytest.mark.train, pytest.mark.simulator, pytest.mark.slow]
FIELDS = {
    "samples_per_instruction": 2,
    "max_new_tokens": 72,
    "sample_batch": 2,
    "iterations": 1,
    "sft_updates": 2,
    "updates": 2,
    "batch_size": 4,
    "micro_batch_size": 1,
    "save_steps": 1,
    "lora_r": 4,
    "adam_epsilon": 1e-3,
    "evaluate_base": "false",
}
CPU = {"OMP_NUM_THREADS": "1", "ACCELERATE_TORCH_DEVICE": "cpu", "DS_ACCELERATOR": "cpu"}
WEIGHTS = {"full": "model.safetensors", "lora": "adapter_model.safetensors"}


def train(run_dir, launcher, suite, model, **more):
    fields = {**FIELDS, "model": model, "train_data": suite, "heldout_data": suite, **more}
    flags = [str(part) for key, value in fields.items() for part in (f"--{key}", value)]
    done = subprocess.run(
        [*launcher, *flags, "--run_dir", str(run_dir)],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, **CPU, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found = load_file(run_dir / "iteration-01/fit/model" / WEIGHTS[fields["tuning"]])
    return found, dict(re.findall(r"engine (\w+) holds (\d+)", done.stdout))


@pytest.fixture(scope="module", params=WEIGHTS)
def alone(request, tiny_suite, tiny_model, tmp_path_factory):
    """Return the kind of tuning and what one process trains with it."""
    run_dir = tmp_path_factory.mktemp("alone") / request.param
    launcher = [sys.executable, "-m", "itertl_eval.train"]
    weights, _ = train(run_dir, launcher, tiny_suite, tiny_model, tuning=request.param)
    return request.param, weights


@pytest.mark.parametrize(("engine", "name"), [("fsdp2", "FSDP"), ("zero2", "DeepSpeed")])
def test_two_ranks_equal_one_process(engine, name, alone, tiny_suite, tiny_model, tmp_path):
    if engine == "zero2" and importlib.util.find_spec("deepspeed") is None:
        pytest.skip("DeepSpeed is not installed")
    tuning, one = alone
    script = str(Path(__file__).with_name("cpu_cards.py"))
    config = str(shipped("training") / "accelerate" / f"{engine}.yaml")
    cards = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        "--config_file",
        config,
        "--main_process_port",
        str(free_port()),
        script,
    ]
    two, wrapped = train(tmp_path / "two", cards, tiny_suite, tiny_model, tuning=tuning)
    ((wrapper, held),) = wrapped.items()
    assert wrapper.startswith(name)
    assert one.keys() == two.keys()
    assert max((one[key] - two[key]).abs().max() for key in one) < 1e-7
    if engine == "fsdp2":  # each rank held half of the weights
        whole = sum(p.numel() for p in load_file(tiny_model / "model.safetensors").values())
        assert int(held) < 0.6 * whole


def test_split_gradients_with_groups_of_different_sizes(tiny_model, tmp_path):
    """Ranks with fewer candidates take part in every collective, and nothing else changes."""
    script = str(Path(__file__).with_name("split_ranks.py"))
    config = str(shipped("training") / "accelerate" / "fsdp2.yaml")
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", config]
    launchers = {
        "one": [sys.executable, script],
        "two": [*launch, "--main_process_port", str(free_port()), script],
    }
    weights = {}
    for name, launcher in launchers.items():
        done = subprocess.run(
            [*launcher, str(tiny_model), str(tmp_path / name)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={**os.environ, **CPU, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert done.returncode == 0, done.stderr[-4000:]
        weights[name] = load_file(tmp_path / name / "model.safetensors")
    one, two = weights["one"], weights["two"]
    assert one.keys() == two.keys()
    before = load_file(tiny_model / "model.safetensors")
    assert max((one[key] - before[key]).abs().max() for key in one) > 1e-4
    assert max((one[key] - two[key]).abs().max() for key in one) < 1e-6
