"""Check what a run will need before anything is made or loaded."""

from __future__ import annotations

import importlib.util
import subprocess
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from itertl_eval._util.progress import say
from itertl_eval.corpus import LEVELS, rows
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.formal import HINT, available
from itertl_eval.grader import preflight as can_grade
from itertl_eval.train.config import DataArguments, Recipe, SampleArguments, TrainerArguments
from itertl_eval.train.fitting import FitSettings, require
from itertl_eval.train.models import checkpoints
from itertl_eval.train.outputs import installed
from itertl_eval.train.run import ranks

SECONDS = 60
"""Time limit for another interpreter to say whether it has vLLM."""


def preflight(recipe: Recipe) -> None:
    """Check the whole recipe against this machine.

    Raises:
        UsageError: A field has a value that can't work.
        InfrastructureError: Something that the recipe needs is not installed or not running.
    """
    require(FitSettings.of(recipe))
    installed(recipe.report.report_to)
    _check_trainer(recipe.trainer)
    _check_optimizer(recipe.trainer.optim)
    _check_schedule(recipe.trainer.lr_scheduler_type)
    if recipe.data.prove_testbenches and not available():
        raise InfrastructureError(f"prove_testbenches: no Yosys to prove with; {HINT}")
    if recipe.data.model is not None:
        checkpoints.require_trainable(recipe.data.model, recipe.trainer, recipe.data.model_revision)
    if not ranks.is_main():
        return
    _check_circuits(recipe.data)
    if recipe.loop.executor == "local":
        can_grade()
    _check_sampler(recipe.sampling)


def _check_circuits(data: DataArguments) -> None:
    """Make a circuit of each level that the corpus and the small model need."""
    families = data.corpus_families
    try:
        if not data.train_data:
            levels = data.corpus_levels or LEVELS
            _make_one_of_each("train", levels, families)
            _make_one_of_each("heldout", levels, families)
        if data.model is None:
            _make_one_of_each("train", data.model_levels, families)
    except UsageError as error:
        raise UsageError(f"corpus_families, corpus_levels or model_levels: {error}") from None


def _make_one_of_each(
    split: Literal["train", "heldout"], levels: Sequence[int], families: Sequence[str]
) -> None:
    each = sorted(set(levels))
    deque(rows(split, len(each), levels=each, check=False, families=families), maxlen=0)


def _check_trainer(trainer: TrainerArguments) -> None:
    if trainer.tuning == "qlora" and importlib.util.find_spec("bitsandbytes") is None:
        raise InfrastructureError(
            "tuning: qlora needs bitsandbytes: pip install bitsandbytes, or use tuning: lora"
        )
    if trainer.deepspeed is not None:
        if not Path(trainer.deepspeed).is_file():
            raise UsageError(f"deepspeed: there is no file {trainer.deepspeed}")
        if importlib.util.find_spec("deepspeed") is None:
            raise InfrastructureError("deepspeed: not installed: pip install deepspeed")
    if trainer.tuning == "full" and trainer.dtype == "bfloat16":
        say(
            "warning: with tuning: full and dtype: bfloat16 most updates are smaller than the "
            "spacing of 16-bit numbers and are lost. Use dtype: float32 with bf16: true"
        )


def _check_optimizer(name: str | None) -> None:
    from transformers.training_args import OptimizerNames

    known = [str(entry.value) for entry in OptimizerNames]
    if name is not None and name not in known:
        raise UsageError(f"optim: {name!r} is not one of {', '.join(known)}")


def _check_schedule(name: str) -> None:
    import torch
    from transformers import get_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
    try:
        schedule = get_scheduler(name, optimizer, num_warmup_steps=1, num_training_steps=2)
        fixed = isinstance(schedule, torch.optim.lr_scheduler.LambdaLR)
        why = "" if fixed else f"{name} needs an evaluation within a fit"
    except (TypeError, ValueError) as error:  # unknown, or in want of arguments
        why = str(error)
    if why:
        raise UsageError(f"lr_scheduler_type: {why}. Use cosine, linear or constant_with_warmup")


def _check_sampler(sampling: SampleArguments) -> None:
    if sampling.sampler == "vllm":
        code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('vllm') is None)"
        try:
            status = subprocess.run(
                [sampling.vllm_python, "-c", code], check=False, timeout=SECONDS
            ).returncode
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InfrastructureError(
                f"vllm_python: {sampling.vllm_python} can't be started ({error})"
            ) from None
        if status:
            raise InfrastructureError(
                f"vllm_python: {sampling.vllm_python} has no vLLM. Point it at the interpreter of "
                "an environment with vLLM"
            )
    elif sampling.sampler == "server":
        from itertl_eval.train.sampling import served_models

        served = served_models(sampling.server_url)
        if sampling.server_model is not None and sampling.server_model not in served:
            raise UsageError(
                f"server_model: {sampling.server_url} does not serve {sampling.server_model!r}, "
                f"but {', '.join(served)}"
            )
