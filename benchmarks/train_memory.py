"""Memory that a 7B model with LoRA needs on one GPU: computed from shapes, checked on a GPU.

    python benchmarks/train_memory.py [--shape NAME] [--prompt 512] [--response 512] [--json]
    python benchmarks/train_memory.py --measure    # on a GPU: run a step of each kind

The bytes that a layer keeps for the backward pass are counted on this machine: one and two
layers of the shape run with adapters under bfloat16 autocast on a few tokens, and the tensors
that autograd saves are summed. They grow only with the tokens and the layers. The rest is
arithmetic:

    weights     2 bytes per parameter; QLoRA: 0.516 (4 bits, and double-quantised scales) for the
                layers, 4 for embeddings and head, which peft converts to float32
    adapter     16 bytes per parameter: float32 weight, gradient, two moments of AdamW
    activations layers x tokens x the counted bytes; with gradient_checkpointing layers x tokens
                x 2 x width, and one layer in full
    head        head_chunk x vocabulary x 10 bytes: logits in bfloat16, float32, their gradient
    sampling    weights, and 2 x layers x key/value width x 2 bytes per token of cache
    reserve     1.5 GiB for the CUDA context and kernels, and a tenth for fragmentation

A step holds one group of K candidates, or with split_gradients one candidate at a time.

--measure creates the shape with random weights on the GPU and runs two steps of each kind (QLoRA
if bitsandbytes is installed): forward, loss, backward, AdamW. It prints the memory in use and the
memory that torch reserved; neither includes the CUDA context of about half a GiB.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM, LlamaModel

from itertl_eval.train.config._fields import TrainerArguments
from itertl_eval.train.fitting import _logprobs as logprobs
from itertl_eval.train.fitting._objectives import clean
from itertl_eval.train.models import checkpoints

GIB = 2**30
GPUS = (24, 40, 80)
"""Memory of common GPUs in GB."""


@dataclass(frozen=True)
class Shape:
    """Numbers of a Llama-like model that determine its memory."""

    width: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    vocabulary: int
    tied: bool = False

    @property
    def key_width(self) -> int:
        return self.width // self.heads * self.key_heads

    @property
    def layer(self) -> int:
        """Number of parameters in the matrices of one layer."""
        return 2 * self.width * (self.width + self.key_width) + 3 * self.width * self.inner

    @property
    def ends(self) -> int:
        """Number of parameters in embeddings and head."""
        return self.vocabulary * self.width * (1 if self.tied else 2)

    def config(self, *, layers: int, vocabulary: int) -> LlamaConfig:
        """Return the configuration of a model of this shape."""
        return LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=self.width,
            intermediate_size=self.inner,
            num_hidden_layers=layers,
            num_attention_heads=self.heads,
            num_key_value_heads=self.key_heads,
            tie_word_embeddings=self.tied,
        )

    def adapter(self, rank: int) -> int:
        """Return the number of parameters of an adapter on all linear layers."""
        w, k, i = self.width, self.key_width, self.inner
        return self.layers * rank * (2 * (w + w) + 2 * (w + k) + 3 * (w + i))


SHAPES = {
    "deepseek-6.7b": Shape(4096, 11008, 32, 32, 32, 32256),
    "qwen2.5-7b": Shape(3584, 18944, 28, 28, 4, 152064),
}


def kept(shape: Shape, rank: int, tokens: int = 32) -> float:
    """Count the bytes that autograd keeps per token and layer."""
    totals = []
    for layers in (1, 2):
        config = shape.config(layers=layers, vocabulary=64)
        torch.set_default_dtype(torch.bfloat16)
        model: Any = LlamaModel(config)
        torch.set_default_dtype(torch.float32)
        model = get_peft_model(model, LoraConfig(r=rank, target_modules="all-linear")).train()
        own = {p.untyped_storage().data_ptr() for p in model.parameters()}
        held: dict[int, torch.UntypedStorage] = {}

        def hold(
            tensor: torch.Tensor,
            own: set[int] = own,
            held: dict[int, torch.UntypedStorage] = held,
        ) -> torch.Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in own:
                held[storage.data_ptr()] = storage  # kept alive, so no address is used twice
            return tensor

        ids = torch.zeros(1, tokens, dtype=torch.long)
        hooks = torch.autograd.graph.saved_tensors_hooks(hold, lambda tensor: tensor)
        with hooks, torch.autocast("cpu", torch.bfloat16):
            model(input_ids=ids, use_cache=False)
        totals.append(sum(storage.nbytes() for storage in held.values()))
    return (totals[1] - totals[0]) / tokens


@dataclass(frozen=True)
class Setting:
    """How a training step runs."""

    name: str
    quantized: bool = False
    checkpointing: bool = False
    split: bool = False


SETTINGS = (
    Setting("LoRA"),
    Setting("LoRA, gradient_checkpointing", checkpointing=True),
    Setting("LoRA, both, split_gradients", checkpointing=True, split=True),
    Setting("QLoRA, gradient_checkpointing", quantized=True, checkpointing=True),
    Setting("QLoRA, both, split_gradients", quantized=True, checkpointing=True, split=True),
)


def needed(
    shape: Shape, setting: Setting, per_token: float, options: argparse.Namespace
) -> dict[str, float]:
    """Return the memory of a training step in GiB, by part and in total."""
    length = options.prompt + options.response
    tokens = length if setting.split else options.candidates * length
    layers = shape.layers
    if setting.checkpointing:
        activations = tokens * (layers * 2 * shape.width + per_token)
    else:
        activations = tokens * layers * per_token
    parts = {
        "weights": shape.layers * shape.layer * (0.516 if setting.quantized else 2)
        + (4 if setting.quantized else 2) * shape.ends,
        "adapter": 16 * shape.adapter(options.rank),
        "activations": activations,
        "head": 10 * options.head_chunk * shape.vocabulary,
    }
    whole = 1.1 * sum(parts.values()) + 1.5 * GIB
    return {**{name: value / GIB for name, value in parts.items()}, "total": whole / GIB}


def sampling_rows(shape: Shape, memory: int, length: int) -> int:
    """Return how many completions the transformers sampler can generate at once on a GPU."""
    weights = 2 * (shape.layers * shape.layer + shape.ends)
    # Key/value cache, and the logits of one step: bfloat16, float32, float64 and the float64 sum.
    row = 4 * shape.layers * shape.key_width * length + 22 * shape.vocabulary
    return max(0, int((memory * GIB / 1.1 - 1.5 * GIB - weights) // row))


def measure(options: argparse.Namespace) -> int:
    """Print the memory that each setting takes on this GPU, each measured in a separate process."""
    if not torch.cuda.is_available():
        print("--measure needs a GPU that torch can use", file=sys.stderr)
        return 3
    shape, context = SHAPES[options.shape], multiprocessing.get_context("spawn")
    print(f"{options.shape} on {torch.cuda.get_device_name()}, torch {torch.__version__}")
    for setting in SETTINGS:
        if setting.quantized and importlib.util.find_spec("bitsandbytes") is None:
            print(f"{setting.name:32} bitsandbytes is not installed", flush=True)
            continue
        process = context.Process(target=_steps, args=(shape, setting, options))
        process.start()
        process.join()
        if process.exitcode:
            print(f"{setting.name:32} failed with status {process.exitcode}", flush=True)
    return 0


def _steps(shape: Shape, setting: Setting, options: argparse.Namespace) -> None:
    model = _on_gpu(shape, setting, options.rank)
    logprobs.install(model, options.head_chunk)
    optimizer = torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)
    rows, length = options.candidates, options.prompt + options.response
    z = torch.linspace(0, 1, rows, device="cuda")

    def means(count: int) -> torch.Tensor:
        lengths = torch.full((count,), options.response, device="cuda")
        with torch.autocast("cuda", torch.bfloat16):
            output = model(
                input_ids=torch.randint(1, 999, (count, length), device="cuda"),
                attention_mask=torch.ones(count, length, dtype=torch.long, device="cuda"),
                starts=torch.full_like(lengths, options.prompt),
                lengths=lengths,
            )
        return logprobs.row_means(output["tokens"], output["rows"], lengths)

    seconds = 0.0
    for _ in range(2):
        began = time.perf_counter()
        if setting.split:
            with torch.no_grad():
                p = torch.cat([means(1) for _ in range(rows)])
            p.requires_grad_(True)
            for slope in torch.autograd.grad(clean(p, z, z == 1), p)[0]:
                (slope * means(1)).sum().backward()
        else:
            clean(means(rows), z, z == 1).backward()
        optimizer.step()
        optimizer.zero_grad()
        torch.cuda.synchronize()
        seconds = time.perf_counter() - began
    peak, held = torch.cuda.max_memory_allocated() / GIB, torch.cuda.max_memory_reserved() / GIB
    used = f"{peak:6.1f} GiB used, {held:6.1f} reserved, {seconds:.2f} s per step"
    print(f"{setting.name:32} {used}", flush=True)


def _on_gpu(shape: Shape, setting: Setting, rank: int) -> Any:
    """Return a model of this shape with random weights and an adapter, like `load_trainable`."""
    config = shape.config(layers=shape.layers, vocabulary=shape.vocabulary)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        model: Any = LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    if setting.quantized:
        # bitsandbytes quantises while it loads, so the weights pass through a folder.
        more = {"lora_r": rank, "gradient_checkpointing": setting.checkpointing}
        arguments = TrainerArguments(tuning="qlora", dtype="bfloat16", **more)
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            del model
            torch.cuda.empty_cache()
            model = checkpoints.load_trainable(folder, folder, arguments)
        torch.cuda.reset_peak_memory_stats()
        return model.train()
    model = get_peft_model(model, LoraConfig(r=rank, target_modules="all-linear")).train()
    if setting.checkpointing:
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable({"use_reentrant": False})
    return model


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--shape", choices=SHAPES, default="deepseek-6.7b")
    parser.add_argument("--prompt", type=int, default=512, help="tokens")
    parser.add_argument("--response", type=int, default=512, help="tokens")
    parser.add_argument("--candidates", type=int, default=5, help="K, the reference included")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--head_chunk", type=int, default=1024)
    parser.add_argument("--measure", action="store_true", help="run the steps on this GPU")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.measure:
        return measure(options)
    shape, length = SHAPES[options.shape], options.prompt + options.response
    per_token = kept(shape, options.rank)
    rows = [{"setting": s.name, **needed(shape, s, per_token, options)} for s in SETTINGS]
    sampling = {gpu: sampling_rows(shape, gpu, length) for gpu in GPUS}
    if options.json:
        facts = {"options": vars(options), "shape": asdict(shape), "rows": rows}
        facts |= {"bytes_kept": per_token, "sampling_rows": sampling}
        print(json.dumps(facts, indent=1))
        return 0
    print(f"{options.shape}, {options.candidates} candidates of {length} tokens, in GiB")
    print(f"a layer keeps {per_token / 1024:.1f} KiB per token\n")
    heads = ("weights", "adapter", "activations", "head", "total")
    print("".join([f"{'step':32}", *(f"{name:>12}" for name in heads), "  fits on"]))
    for row in rows:
        fits = ", ".join(f"{gpu}" for gpu in GPUS if row["total"] <= gpu) or "none"
        print("".join([f"{row['setting']:32}", *(f"{row[h]:12.1f}" for h in heads), f"  {fits}"]))
    counts = ", ".join(f"{count} on {gpu} GB" for gpu, count in sampling.items())
    print(f"\ncompletions sampled at once: {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
