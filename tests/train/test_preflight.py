"""What a run lacks is said before anything is made or loaded, with and without --dry_run."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.train import _preflight as module
from itertl_eval.train.__main__ import main
from itertl_eval.train._preflight import preflight
from itertl_eval.train.config import make_recipe

pytestmark = pytest.mark.train


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"batch_size": 3, "micro_batch_size": 2}, UsageError, "not a multiple"),
        ({"report_to": ["nonsense"]}, UsageError, "nonsense"),
        ({"lora_targets": ["nowhere"]}, UsageError, "lora_targets"),
        ({"model": "./nowhere"}, UsageError, "no model in"),
        ({"deepspeed": "nowhere.json"}, UsageError, "no file nowhere.json"),
        ({"corpus_families": ["nowhere"]}, UsageError, "corpus_families.* no family nowhere"),
        ({"corpus_levels": [1]}, UsageError, "corpus_levels.* held-out problems at level 2"),
        (
            {"corpus_families": ["counter"], "corpus_levels": [4, 2]},
            UsageError,
            "corpus_levels.* no circuit of level 2 in counter",
        ),
        ({"model": None, "model_levels": [0]}, UsageError, "model_levels.* levels start at 1"),
        ({"lr_scheduler_type": "cosin"}, UsageError, "lr_scheduler_type: cosin is not a valid"),
        ({"lr_scheduler_type": "greedy"}, UsageError, "greedy needs an evaluation within a fit"),
        ({"lr_scheduler_type": "cosine_with_min_lr"}, UsageError, "min_lr .*Use cosine, linear"),
        ({"sampler": "vllm", "vllm_python": "/nowhere"}, InfrastructureError, "can't be started"),
        ({"sampler": "vllm", "vllm_python": sys.executable}, InfrastructureError, "no vLLM"),
    ],
)
def test_it_is_named_and_nothing_is_made(tiny_model, tmp_path, fields, error, message):
    if "no vLLM" in message and importlib.util.find_spec("vllm"):
        pytest.skip("this interpreter has vLLM")
    fields = {"model": str(tiny_model), "run_dir": str(tmp_path / "run"), **fields}
    with pytest.raises(error, match=message):
        preflight(make_recipe(**fields))
    assert not (tmp_path / "run").exists()


def test_qlora_needs_bitsandbytes(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "bitsandbytes" else found(name)
    )
    with pytest.raises(InfrastructureError, match="bitsandbytes"):
        preflight(make_recipe(tuning="qlora"))


def test_proofs_need_yosys(monkeypatch):
    monkeypatch.setattr(module, "available", lambda: False)
    with pytest.raises(InfrastructureError, match=r"prove_testbenches: .*itertl-eval\[formal\]"):
        preflight(make_recipe(prove_testbenches=True))


def test_a_server_that_is_not_there(monkeypatch):
    monkeypatch.setattr("itertl_eval.train.sampling._server_sampler.ATTEMPTS", 1)
    with pytest.raises(InfrastructureError, match="Is the server running"):
        preflight(make_recipe(sampler="server", server_url="http://127.0.0.1:9/v1"))


def test_a_missing_simulator(monkeypatch):
    def missing():
        raise InfrastructureError("no Icarus")

    monkeypatch.setattr(module, "can_grade", missing)
    with pytest.raises(InfrastructureError, match="no Icarus"):
        preflight(make_recipe())


def test_full_tuning_in_16_bits_is_warned_of(capsys):
    preflight(make_recipe(tuning="full", dtype="bfloat16"))
    assert "Use dtype: float32 with bf16: true" in capsys.readouterr().err
    preflight(make_recipe(tuning="full", bf16=True))
    assert "warning" not in capsys.readouterr().err


def test_a_dry_run_checks_too(tmp_path, capsys):
    fields = {"run_dir": tmp_path / "run", "report_to": "nonsense", "dry_run": "true"}
    flags = [str(word) for name in fields for word in (f"--{name}", fields[name])]
    assert main(flags) == 2
    assert "nonsense" in capsys.readouterr().err
