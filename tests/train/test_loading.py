"""Models are read once, in the right type and in the right place."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from peft import LoraConfig, get_peft_model

from itertl_eval.errors import UsageError
from itertl_eval.train._preflight import preflight
from itertl_eval.train.config import SampleArguments, TrainerArguments, make_recipe
from itertl_eval.train.fitting import FitPlan, FitSettings
from itertl_eval.train.fitting._fit import training_arguments
from itertl_eval.train.models import Checkpoint, Encoder, checkpoints
from itertl_eval.train.sampling import Engines, SamplingParams

pytestmark = pytest.mark.train
PARAMS = SamplingParams(1.0, 1.0, 4, 2)


@pytest.fixture
def read(monkeypatch):
    """The settings with which weights are read, as on a machine with GPUs."""
    seen = []

    def from_pretrained(path, **settings):
        seen.append(settings)
        raise OSError

    monkeypatch.setattr(checkpoints.AutoModelForCausalLM, "from_pretrained", from_pretrained)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("LOCAL_RANK", "1")
    return seen


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({}, {"": "cuda:1"}),
        ({"tuning": "full"}, {"": "cuda:1"}),
        ({"tuning": "full", "fsdp": "full_shard"}, None),
        ({"deepspeed": "zero.json"}, None),
    ],
)
def test_weights_go_straight_to_the_ranks_gpu(read, settings, place):
    """What is sharded later may not fit there as a whole."""
    with pytest.raises(UsageError):
        checkpoints.load_trainable("model", "model", TrainerArguments(**settings))
    assert read[0].get("device_map") == place
    with pytest.raises(UsageError):
        checkpoints.load("model", dtype="bfloat16")
    assert read[1]["device_map"] == {"": "cuda:1"}
    assert read[1]["dtype"] is torch.bfloat16


def test_a_model_samples_in_the_arithmetic_of_its_fit(tiny_model, tmp_path):
    """In 16 bits an adapter is not merged: the weights would round most of it away."""
    model = get_peft_model(
        checkpoints.load(str(tiny_model)),
        LoraConfig(task_type="CAUSAL_LM", r=2, target_modules="all-linear"),
    )
    source = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name:
                weight.copy_(torch.randn(weight.shape, generator=source) * 0.2)
    model.save_pretrained(tmp_path)
    encoder = Encoder(checkpoints.load_tokenizer(str(tiny_model)))
    ids = torch.arange(2, 40)[None]

    def sampling_model(path, **trainer):
        arguments = TrainerArguments(**trainer)
        engines = Engines(SampleArguments(), arguments, encoder, str(tiny_model))
        sampler = engines.get(Checkpoint(str(path), "key"), PARAMS)
        assert sampler._shares
        return sampler.model

    models = {
        "base": sampling_model(tiny_model),
        "exact": sampling_model(tmp_path),
        "short": sampling_model(tmp_path, bf16=True),
    }
    apart = {key: any("lora_" in n for n, _ in m.named_parameters()) for key, m in models.items()}
    assert apart == {"base": False, "exact": False, "short": True}
    assert {weight.dtype for weight in models["short"].parameters()} == {torch.bfloat16}
    with torch.inference_mode():
        base, exact, short = (model(ids).logits.float() for model in models.values())
    assert (short - exact).norm() < 0.1 * (base - exact).norm()


def test_an_attention_or_optimizer_that_does_not_exist_is_named_before_the_run(recipe):
    for field, value in (("attn_implementation", "nonsense"), ("optim", "nonsense")):
        with pytest.raises(UsageError, match=f"{field}.*nonsense"):
            preflight(recipe(**{field: value}))
    preflight(recipe(attn_implementation="eager", optim="adafactor"))


def test_a_fit_uses_the_recipes_attention_and_optimizer(tiny_model, tmp_path):
    recipe = make_recipe(optim="adafactor", attn_implementation="eager", tuning="full")
    plan = FitPlan("rft", 1, 1e-3, 0)
    assert training_arguments(FitSettings.of(recipe), plan, tmp_path).optim == "adafactor"
    model = checkpoints.load_trainable(str(tiny_model), str(tiny_model), recipe.trainer)
    assert model.config._attn_implementation == "eager"


@pytest.mark.parametrize("damage", ["cut", "unknown", "incomplete"])
def test_a_model_that_cannot_be_read_is_named(tiny_model, tmp_path, damage):
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    weights, facts = folder / "model.safetensors", folder / "config.json"
    config = json.loads(facts.read_text())
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:1000])
    else:
        more = {"unknown": {"model_type": "nonsense"}, "incomplete": {"num_hidden_layers": 3}}
        facts.write_text(json.dumps(config | more[damage]))
    with pytest.raises(UsageError, match=f"no model in {folder}") as caught:
        checkpoints.load(str(folder))
    assert ("of its weights are missing" in str(caught.value)) == (damage == "incomplete")


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_an_adapter_or_a_file_is_no_base_model(tiny_model, tmp_path, tuning):
    arguments = TrainerArguments(tuning=tuning)
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(UsageError, match="is an adapter"):
        checkpoints.require_trainable(str(tmp_path), arguments)
    with pytest.raises(UsageError, match="is a file"):
        checkpoints.require_trainable(str(tiny_model / "config.json"), arguments)
