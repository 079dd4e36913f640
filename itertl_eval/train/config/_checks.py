"""What the numbers of a recipe may be, alone and together."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from itertl_eval.errors import UsageError

if TYPE_CHECKING:
    from itertl_eval.train.config._recipe import Recipe


def check(recipe: Recipe) -> None:
    """Raise UsageError that names the field and what it may be."""
    for group in (getattr(recipe, entry.name) for entry in fields(recipe)):
        for name, declared in get_type_hints(type(group)).items():
            _check_type(name, getattr(group, name), declared)
    flat = recipe.flat()
    for name, low in _AT_LEAST.items():
        if flat[name] < low:
            raise UsageError(f"{name}: {flat[name]} is less than {low}")
    for name in ("top_p", "references", "warmup_ratio"):
        if not 0 <= flat[name] <= 1:
            raise UsageError(f"{name}: {flat[name]} is not in 0..1")
    if recipe.objective.kl_weight and (
        recipe.trainer.tuning == "full" or recipe.trainer.split_gradients
    ):
        raise UsageError("kl_weight needs an adapter (lora, qlora) and no split_gradients")
    if recipe.trainer.split_gradients and recipe.trainer.lora_dropout:
        raise UsageError("split_gradients needs lora_dropout: 0, its two passes must agree")
    if recipe.trainer.split_gradients and recipe.trainer.deepspeed:
        raise UsageError("split_gradients can't run under DeepSpeed: each backward steps there")
    if recipe.trainer.fsdp and recipe.trainer.deepspeed:
        raise UsageError("only one of fsdp and deepspeed can shard a model")
    if recipe.trainer.fsdp and recipe.trainer.tuning == "qlora":
        raise UsageError("qlora keeps 4-bit weights that fsdp can't shard: use lora, or ddp")
    if recipe.trainer.bf16 and recipe.trainer.dtype == "float64":
        raise UsageError("bf16 autocast with dtype float64 would lose what float64 is for")
    data, sampling, loop = recipe.data, recipe.sampling, recipe.loop
    if recipe.trainer.lora_dropout >= 1:
        raise UsageError(f"lora_dropout: {recipe.trainer.lora_dropout} is not in 0..1, 1 left out")
    if sampling.sampler == "server" and recipe.trainer.tuning == "full":
        raise UsageError(
            "a server can't follow the iterations of tuning: full, it would go on serving the "
            "base: use tuning: lora, or sampler: transformers or vllm"
        )
    if loop.patience and data.train_data and not data.heldout_data:
        raise UsageError("patience goes by pass@1 on held-out problems: it needs heldout_data")
    try:
        engine = json.loads(sampling.vllm_engine)
    except ValueError as error:
        raise UsageError(f"vllm_engine: not JSON: {error}") from None
    if not isinstance(engine, dict):
        raise UsageError("vllm_engine: not a JSON object of arguments")


_AT_LEAST: dict[str, float] = {
    "samples_per_instruction": 1, "temperature": 0, "max_new_tokens": 1, "max_prompt_tokens": 1,
    "sample_batch": 1, "batch_size": 1, "micro_batch_size": 1, "split_rows": 1, "head_chunk": 0,
    "iterations": 0, "updates": 0, "epochs": 0, "sft_updates": 0, "sft_epochs": 0, "lora_r": 1,
    "eval_samples": 1, "eval_temperature": 0, "instructions_per_iteration": 0,
    "replay": 0, "max_group": 1, "learning_rate": 0,
    "corpus_train": 1, "corpus_heldout": 1, "save_steps": 1, "kl_weight": 0, "jobs": 0,
    "dpo_beta": 0, "lora_dropout": 0, "patience": 0, "dpo_likelihood": 0,
}  # fmt: skip


def _check_type(name: str, value: Any, declared: Any) -> None:
    # Values from YAML reach the dataclass unchecked; only those from flags are converted.
    origin, parts = get_origin(declared), get_args(declared)
    if origin is Literal:
        if value not in parts:
            raise UsageError(f"{name}: {value!r} is none of {', '.join(parts)}")
        return
    if origin is list:
        if not isinstance(value, list):
            raise UsageError(f"{name}: {value!r} is not a list")
        for entry in value:
            _check_type(name, entry, parts[0])
        return
    allowed: tuple[Any, ...] = parts or ((int, float) if declared is float else (declared,))
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        words = " or ".join(kind.__name__.replace("NoneType", "null") for kind in allowed)
        raise UsageError(f"{name}: {value!r} is not {words}")
