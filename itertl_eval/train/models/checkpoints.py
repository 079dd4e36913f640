"""Load, adapt and save models: full weights, adapters over a base, merged weights."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    GenerationConfig,
    logging,
)

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.train.config import TrainerArguments
from itertl_eval.train.run import ranks

ADAPTER = "adapter_config.json"
logging.set_verbosity_error()
logging.disable_progress_bar()


def load_tokenizer(path: str, revision: str | None = None) -> Any:
    """Return the tokenizer of a model folder or hub name; for an adapter, of its base."""
    folder = Path(path)
    if (folder / ADAPTER).exists() and not (folder / "tokenizer_config.json").exists():
        path = adapter_base(folder)
    try:
        return AutoTokenizer.from_pretrained(path, revision=revision)
    except (OSError, ValueError) as error:  # "couldn't instantiate": the folder has none
        raise UsageError(f"no tokenizer in {path}: {error}") from None


def stop_ids(path: str, revision: str | None = None) -> tuple[int, ...]:
    """Return the ids at which a model's generation_config ends a completion; none without one."""
    folder = Path(path)
    if (folder / ADAPTER).exists() and not (folder / "generation_config.json").exists():
        path = adapter_base(folder)
    try:
        where: dict[str, Any] = {"revision": revision} if revision else {}
        found = GenerationConfig.from_pretrained(path, **where).eos_token_id
    except OSError:
        return ()
    return tuple(found) if isinstance(found, list) else () if found is None else (int(found),)


def adapter_base(folder: Path) -> str:
    """Return the path or hub name of the model that an adapter was trained on."""
    config = json.loads((folder / ADAPTER).read_text(encoding="utf-8"))
    return str(config["base_model_name_or_path"])


def load(
    path: str,
    *,
    dtype: str = "float32",
    revision: str | None = None,
    base: str | None = None,
    merged: bool = True,
) -> Any:
    """Return a model on this rank's GPU, or on the CPU, read in its type and in its place.

    Args:
        path: Folder or hub name.
        dtype: The weights' type.
        revision: Revision of a hub model.
        base: Model below the adapter in `path`; None: the one that the adapter names, which is
            found only if neither has moved.
        merged: Merge an adapter into the weights. Otherwise it is computed beside them, which
            16-bit weights need: they would round most of it away.
    """
    if not (Path(path) / ADAPTER).exists():
        return _plain(path, dtype, revision)
    from peft import PeftModel

    model = _plain(base or adapter_base(Path(path)), dtype, revision)
    adapted = PeftModel.from_pretrained(model, path, autocast_adapter_dtype=merged)
    return adapted.merge_and_unload() if merged else adapted.get_base_model()


def load_trainable(
    path: str, base: str, arguments: TrainerArguments, revision: str | None = None, seed: int = 0
) -> Any:
    """Return a model ready for training that starts at `path`.

    LoRA continues with the adapter in `path` or adds a new one; full fine-tuning trains all
    weights of `path`.

    Args:
        path: Folder or hub name that training starts from.
        base: Model below all adapters of a run.
        arguments: The recipe's trainer fields.
        revision: Revision of a hub model.
        seed: Seed of a new adapter.

    Raises:
        UsageError: The model cannot be read, or `lora_targets` does not match it.
        InfrastructureError: QLoRA without bitsandbytes.
    """
    # What is sharded later would not fit on one GPU as a whole.
    sharded = bool(arguments.fsdp or arguments.deepspeed)
    attention = arguments.attn_implementation
    if arguments.tuning == "full":
        return _plain(path, arguments.dtype, revision, on_cpu=sharded, attention=attention)
    from peft import PeftModel, prepare_model_for_kbit_training

    quantized = arguments.tuning == "qlora"
    if quantized and importlib.util.find_spec("bitsandbytes") is None:
        raise InfrastructureError(
            "tuning: qlora needs bitsandbytes: pip install bitsandbytes, or use tuning: lora"
        )
    model = _plain(
        base, arguments.dtype, revision, quantized=quantized, on_cpu=sharded, attention=attention
    )
    if quantized:
        model = prepare_model_for_kbit_training(
            model, use_gradient_checkpointing=arguments.gradient_checkpointing
        )
    if (Path(path) / ADAPTER).exists():
        adapted = PeftModel.from_pretrained(model, path, is_trainable=True)
        _refuse_tied(adapted)
        return adapted
    torch.manual_seed(seed)  # an adapter's A matrices are random
    return _add_adapter(model, arguments)


def require_trainable(base: str, arguments: TrainerArguments, revision: str | None = None) -> None:
    """Check that `base` can be trained as the recipe says, without loading any weights.

    Raises:
        UsageError: `lora_targets` do not match a module, or one of them shares its weights with
            another; or the model does not have `attn_implementation`; or `base` is an adapter or a
            file.
    """
    if Path(base).is_file():
        raise UsageError(f"model: {base} is a file: name the folder that it is in")
    if (Path(base) / ADAPTER).exists():
        raise UsageError(
            f"model: {base} is an adapter, and only whole models can be trained further: name the "
            "merged one, which a run writes to final/merged with --merge"
        )
    if arguments.tuning == "full" and not arguments.attn_implementation:
        return
    where: dict[str, Any] = {"revision": revision} if revision else {}
    attention = arguments.attn_implementation
    how = {"attn_implementation": attention} if attention else {}
    try:
        config = AutoConfig.from_pretrained(base, **where)
    except (OSError, ValueError) as error:
        raise UsageError(f"no model in {base}: {error}") from None
    try:
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config, **how)
    except (ImportError, ValueError) as error:
        named = f"attn_implementation: {attention}" if attention else f"no model in {base}"
        raise UsageError(f"{named}: {error}") from None
    if arguments.tuning != "full":
        _add_adapter(model, arguments)


def _add_adapter(model: Any, arguments: TrainerArguments) -> Any:
    """Return the model with a new adapter."""
    from peft import LoraConfig, get_peft_model

    targets = arguments.lora_targets
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=arguments.lora_r,
        lora_alpha=arguments.lora_alpha,
        lora_dropout=arguments.lora_dropout,
        target_modules=targets[0] if targets == ["all-linear"] else targets,
    )
    try:
        adapted = get_peft_model(model, config)
    except ValueError as error:
        raise UsageError(f"lora_targets: {error}") from None
    _refuse_tied(adapted)
    return adapted


def _refuse_tied(model: Any) -> None:
    """Refuse an adapter on embeddings that share their weights with the output head.

    Merging it changes both, so the merged model would differ from the one that was trained.
    """
    from peft.tuners.tuners_utils import BaseTunerLayer

    causal = model.get_base_model()
    ends = {"embeddings": causal.get_input_embeddings(), "head": causal.get_output_embeddings()}
    found = [name for name, end in ends.items() if isinstance(end, BaseTunerLayer)]
    if found and causal.config.get_text_config().tie_word_embeddings:
        raise UsageError(
            f"lora_targets: input embeddings and output head of this model are one matrix, so an "
            f"adapter on the {' and the '.join(found)} cannot be merged: leave lm_head and "
            "embed_tokens out (all-linear does), or use tuning: full"
        )


def _plain(
    path: str,
    dtype: str,
    revision: str | None,
    *,
    quantized: bool = False,
    on_cpu: bool = False,
    attention: str | None = None,
) -> Any:
    settings: dict[str, Any] = {"dtype": getattr(torch, dtype), "revision": revision}
    if torch.cuda.is_available() and not on_cpu:
        settings["device_map"] = {"": f"cuda:{os.environ.get('LOCAL_RANK', 0)}"}
    if attention:
        settings["attn_implementation"] = attention
    if quantized:
        settings["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    try:
        read: Any = AutoModelForCausalLM.from_pretrained(path, output_loading_info=True, **settings)
    except (OSError, ValueError, SafetensorError) as error:  # missing, unknown, cut off
        raise UsageError(f"no model in {path}: {error}") from None
    model, found = read
    missing = sorted(found["missing_keys"])
    if missing and ranks.is_main():  # of a sharded model other ranks may read nothing
        raise UsageError(
            f"no model in {path}: {len(missing)} of its weights are missing ({missing[0]}, ...) "
            "and would be random"
        )
    return model


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write weights (safetensors) and tokenizer atomically: no half-written folder appears."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def merge(path: str, folder: Path, dtype: str = "float32", base: str | None = None) -> None:
    """Write the model of `path` with its adapter merged to `folder`. `base` as in `load`."""
    save(load(path, dtype=dtype, base=base).cpu(), load_tokenizer(path), folder)


@dataclass(frozen=True)
class Checkpoint:
    """A model of a run: its path, and a digest of everything that it was made from."""

    path: str
    key: str
