"""Check the values of a recipe, each alone and all together."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from itertl_eval.errors import UsageError
from itertl_eval.train.config._fields import (
    DataArguments,
    LoopArguments,
    ObjectiveArguments,
    SampleArguments,
    TrainerArguments,
)


def check_values(groups: Sequence[Any]) -> None:
    """Check the type and the range of every field of the groups.

    Raises:
        UsageError: Names the field and the values it may have.
    """
    for group in groups:
        types = get_type_hints(type(group))
        for entry in fields(group):
            value = getattr(group, entry.name)
            _check_type(entry.name, value, types[entry.name])
            _check_range(entry.name, value)


def check_together(
    data: DataArguments,
    sampling: SampleArguments,
    objective: ObjectiveArguments,
    trainer: TrainerArguments,
    loop: LoopArguments,
) -> None:
    """Check for fields that can't be combined.

    Raises:
        UsageError: Names the fields and what to change.
    """
    if data.prove_testbenches and data.testbench != "from-reference":
        raise UsageError("prove_testbenches needs testbench: from-reference")
    if objective.kl_weight and (trainer.tuning == "full" or trainer.split_gradients):
        raise UsageError("kl_weight needs an adapter (lora, qlora) and no split_gradients")
    if trainer.split_gradients and trainer.lora_dropout:
        raise UsageError("split_gradients needs lora_dropout: 0, its two passes must agree")
    if trainer.split_gradients and trainer.deepspeed:
        raise UsageError("split_gradients can't run under DeepSpeed: each backward steps there")
    if trainer.fsdp and trainer.deepspeed:
        raise UsageError("only one of fsdp and deepspeed can shard a model")
    for option in trainer.fsdp.split():
        if option not in _FSDP:
            raise UsageError(f"fsdp: {option!r} is none of {', '.join(_FSDP)}")
    if trainer.fsdp and trainer.tuning == "qlora":
        raise UsageError("qlora keeps 4-bit weights that fsdp can't shard: use lora, or ddp")
    if trainer.bf16 and trainer.dtype == "float64":
        raise UsageError("bf16 autocast with dtype float64 would lose what float64 is for")
    if trainer.lora_dropout >= 1:
        raise UsageError(f"lora_dropout: {trainer.lora_dropout} is not below 1")
    if sampling.sampler == "server" and trainer.tuning == "full":
        raise UsageError(
            "with tuning: full a server can't follow the iterations: it would keep serving the "
            "base model. Use tuning: lora, or sampler: transformers or vllm"
        )
    if objective.objective == "clean" and not (
        objective.reference_weight or objective.passing_weight or objective.ranking_weight
    ):
        raise UsageError(
            "objective: clean learns nothing without reference_weight, passing_weight and "
            "ranking_weight: one of them must be above 0"
        )
    if objective.objective == "clipped":
        if sampling.sampler == "server":
            raise UsageError(
                "objective: clipped needs the log-probability of each sampled token, which a "
                "server does not return: use sampler: transformers or vllm"
            )
        if (sampling.temperature, sampling.top_p) != (1.0, 1.0) or sampling.sample_from != "last":
            raise UsageError(
                "objective: clipped needs temperature: 1, top_p: 1 and sample_from: last: its "
                "ratios compare the model with the distribution that was sampled"
            )
    if objective.objective == "grpo" and (
        sampling.sampler != "transformers"
        or sampling.samples_per_instruction < 2
        or loop.executor != "local"
        or sampling.difficulty != "any"
    ):
        raise UsageError(
            "objective: grpo samples and grades inside TRL's trainer: it needs sampler: "
            "transformers, executor: local, difficulty: any and samples_per_instruction from 2"
        )
    if loop.patience and data.train_data and not data.heldout_data:
        raise UsageError("patience compares pass@1 on held-out problems: it needs heldout_data")
    if sampling.difficulty != "any" and not sampling.instructions_per_iteration:
        raise UsageError("difficulty chooses among instructions: set instructions_per_iteration")
    _check_object("vllm_engine", sampling.vllm_engine)
    _check_object("chat_template_arguments", data.chat_template_arguments)


_AT_LEAST: dict[str, float] = {
    "samples_per_instruction": 1, "temperature": 0, "max_new_tokens": 1, "max_prompt_tokens": 1,
    "sample_batch": 1, "batch_size": 1, "micro_batch_size": 1, "split_rows": 1, "head_chunk": 0,
    "iterations": 0, "updates": 0, "epochs": 0, "sft_updates": 0, "sft_epochs": 0, "lora_r": 1,
    "eval_samples": 1, "eval_temperature": 0, "instructions_per_iteration": 0,
    "replay": 0, "max_group": 1, "learning_rate": 0,
    "corpus_train": 1, "corpus_heldout": 1, "save_steps": 1, "kl_weight": 0, "jobs": 0,
    "dpo_beta": 1e-6, "clip": 1e-6, "lora_dropout": 0, "patience": 0, "dpo_likelihood": 0,
    "max_instructions": 0, "server_concurrency": 1, "logging_steps": 1, "sft_learning_rate": 0,
    "top_p": 1e-6, "model_steps": 1, "lora_alpha": 1, "weight_decay": 0, "adam_epsilon": 0,
    "max_grad_norm": 0, "reference_weight": 0, "passing_weight": 0, "ranking_weight": 0,
    "margin": 0, "gap": 0, "paper_margin": 0, "paper_gap": 0,
}  # fmt: skip
_SHARES = ("references", "top_p", "warmup_ratio", "max_infra_errors")
_FSDP = ("full_shard", "shard_grad_op", "offload", "auto_wrap")
"""What transformers takes as `fsdp` for FSDP2."""


def _check_object(name: str, text: str) -> None:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{name}: not JSON: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{name}: not a JSON object of arguments")


def _check_range(name: str, value: float) -> None:
    if isinstance(value, float) and not math.isfinite(value):  # NaN passes every comparison below
        raise UsageError(f"{name}: {value} is not a finite number")
    if name == "seed" and not -(2**63) <= value < 2**63:
        raise UsageError(f"seed: {value} has more than 64 bits")
    if name in _SHARES and not 0 <= value <= 1:
        raise UsageError(f"{name}: {value} is not in 0..1")
    if name in _AT_LEAST and value < _AT_LEAST[name]:
        raise UsageError(f"{name}: {value} is less than {_AT_LEAST[name]:g}")


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
    allowed: tuple[Any, ...] = parts or (declared,)
    if float in allowed:
        allowed = (*allowed, int)
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        named = parts or (declared,)
        words = " or ".join(kind.__name__.replace("NoneType", "null") for kind in named)
        raise UsageError(f"{name}: {value!r} is not {words}")
