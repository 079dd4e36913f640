"""QLoRA: a four-bit base with an adapter. bitsandbytes also supports the CPU."""

from __future__ import annotations

import pytest
import torch

from itertl_eval.train._loop import run
from itertl_eval.train.config._recipe import make_recipe
from itertl_eval.train.models.checkpoints import load, load_trainable

bitsandbytes = pytest.importorskip("bitsandbytes", reason="bitsandbytes is not installed")

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_an_adapter_over_four_bits(tiny_suite, tiny_model, tmp_path):
    recipe = make_recipe(
        model=str(tiny_model),
        train_data=[str(tiny_suite)],
        run_dir=str(tmp_path / "run"),
        tuning="qlora",
        lora_r=4,
        iterations=0,
        sft_updates=20,
        learning_rate=1e-2,
        batch_size=4,
        logging_steps=1,
        evaluate_base=False,
    )
    model = load_trainable(str(tiny_model), str(tiny_model), recipe.trainer)
    quantized = [m for m in model.modules() if isinstance(m, bitsandbytes.nn.Linear4bit)]
    assert len(quantized) == 14  # seven matrices per layer
    assert all(m.weight.dtype == torch.uint8 for m in quantized)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert trained
    assert all("lora_" in name for name in trained)
    (record,) = run(recipe)
    assert record["fit_loss_last"] < record["fit_loss_first"] - 0.2
    # The result is an ordinary adapter, for any engine.
    assert (tmp_path / "run/final/adapter/adapter_config.json").exists()
    whole = load(str(tmp_path / "run/final/adapter"))
    assert {p.dtype for p in whole.parameters()} == {torch.float32}
