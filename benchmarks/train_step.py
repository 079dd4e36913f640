r"""Memory and time of a training step, against a joint forward pass and TRL's GRPO loss.

    python benchmarks/train_step.py [--width 256] [--layers 4] [--vocabulary 32000]
        [--rows 9] [--prompt 128] [--response 128] [--steps 3] [--json]
    python benchmarks/train_step.py --ways chunked,shared --rows 5 --prompt 300 --response 120 \
        --width 896 --inner 4864 --layers 2 --heads 14 --key_heads 2 --vocabulary 12661

The second is RTLCoder's group and a twelfth of Qwen2.5-Coder-0.5B: 2 of 24 layers, and a twelfth of
the vocabulary. Sharing the prompt saves work in the layers and none in the output head, so its gain
depends on what part of a model the head is.

One group of candidates with the same random Llama and the same tokens for every way. On a CPU each
way runs in a separate process, so the peaks do not mix; on a GPU torch counts each peak, and one
process saves the start of the others:

    joint         all candidates through the model at once, logits of every position kept, as
                  RTLCoder's released script does
    chunked       output head over completion tokens, one chunk at a time
    shared        the default: chunked, with the prompt computed once for all candidates
    checkpointed  chunked, with activations recomputed in the backward pass
    split         split_gradients, one candidate in memory at a time
    trl           TRL's GRPOTrainer: per-token log-probabilities and loss on the same rows

The peak is the growth of the resident set over the loaded model and its gradients, in MiB (Linux);
on a GPU it is torch's peak. Time is per step, forward and backward, after one warm-up step.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from itertl_eval.train.fitting import _logprobs as logprobs
from itertl_eval.train.fitting._objectives import clean

WAYS = ("joint", "chunked", "shared", "checkpointed", "split", "trl")


def model_of(options: argparse.Namespace) -> Any:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=options.vocabulary,
        hidden_size=options.width,
        intermediate_size=options.inner or 3 * options.width,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        num_key_value_heads=options.key_heads or options.heads,
        max_position_embeddings=4096,
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return LlamaForCausalLM(config).to(device)


def batch_of(options: argparse.Namespace, device: Any) -> dict[str, Tensor]:
    source = torch.Generator().manual_seed(1)
    length = options.prompt + options.response
    ids = torch.randint(2, options.vocabulary, (options.rows, length), generator=source)
    ids[:, : options.prompt] = ids[0, : options.prompt]
    return {
        "input_ids": ids.to(device),
        "attention_mask": torch.ones_like(ids).to(device),
        "starts": torch.full((options.rows,), options.prompt, device=device),
        "lengths": torch.full((options.rows,), options.response, device=device),
    }


def loss_of(p: Tensor) -> Tensor:
    z = torch.linspace(0, 1, len(p), device=p.device)
    return clean(p, z, z == 1)


def joint(model: Any, batch: dict[str, Tensor], _: argparse.Namespace) -> float:
    logits = model(batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    logs = logits[:, :-1].float().log_softmax(-1)
    picked = logs.gather(2, batch["input_ids"][:, 1:, None])[..., 0]
    mask = logprobs.response_mask(batch["attention_mask"], batch["starts"], batch["lengths"])
    p = (picked * mask[:, 1:]).sum(1) / batch["lengths"]
    loss = loss_of(p)
    loss.backward()
    return float(loss.detach())


def chunked(model: Any, batch: dict[str, Tensor], _: argparse.Namespace) -> float:
    loss = loss_of(_means(model, batch))
    loss.backward()
    return float(loss.detach())


def shared(model: Any, batch: dict[str, Tensor], options: argparse.Namespace) -> float:
    sizes = torch.tensor([options.rows], device=batch["lengths"].device)
    return chunked(model, {**batch, "sizes": sizes}, options)


def split(model: Any, batch: dict[str, Tensor], _: argparse.Namespace) -> float:
    count = len(batch["lengths"])
    rows = [{key: value[at : at + 1] for key, value in batch.items()} for at in range(count)]
    with torch.no_grad():
        p = torch.cat([_means(model, row) for row in rows])
    p.requires_grad_(True)
    loss = loss_of(p)
    (slope,) = torch.autograd.grad(loss, p)
    for g, row in zip(slope, rows, strict=True):
        (g * _means(model, row)).sum().backward()
    return float(loss.detach())


def _means(model: Any, batch: dict[str, Tensor]) -> Tensor:
    output = model(**batch)
    return logprobs.row_means(output["tokens"], output["rows"], batch["lengths"])


def trl_step(model: Any, options: argparse.Namespace) -> Callable[..., float]:
    """Return a step of GRPOTrainer.compute_loss with given advantages: no sampling, no reward."""
    from datasets import Dataset
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast
    from trl import GRPOConfig, GRPOTrainer

    words = Tokenizer(models.WordLevel({"<s>": 0, "</s>": 1}, unk_token="<s>"))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    folder = tempfile.mkdtemp(prefix="train-step-")
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
        args=GRPOConfig(
            output_dir=folder,
            per_device_train_batch_size=options.rows,
            num_generations=options.rows,
            report_to=[],
            gradient_checkpointing=False,
            use_cpu=not torch.cuda.is_available(),
            bf16=False,
        ),
        train_dataset=Dataset.from_list([{"prompt": "x"}]),
        processing_class=tokenizer,
    )

    def step(model: Any, batch: dict[str, Tensor], options: argparse.Namespace) -> float:
        ids, cut = batch["input_ids"], options.prompt
        advantages = torch.linspace(-1, 1, options.rows, device=ids.device)
        inputs = {
            "prompt_ids": ids[:, :cut],
            "completion_ids": ids[:, cut:],
            "prompt_mask": batch["attention_mask"][:, :cut],
            "completion_mask": batch["attention_mask"][:, cut:],
            "advantages": advantages,
            "num_items_in_batch": torch.tensor(ids[:, cut:].numel()),
        }
        trainer.current_gradient_accumulation_steps = 1
        loss = trainer.compute_loss(model, inputs)
        loss.backward()
        return float(loss.detach())

    return step


STEPS = {
    "joint": joint,
    "chunked": chunked,
    "shared": shared,
    "checkpointed": chunked,
    "split": split,
}


def resident() -> float:
    """Return the peak memory so far in MiB."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(way: str, options: argparse.Namespace) -> dict[str, Any]:
    model = model_of(options).train()
    batch = batch_of(options, model.device)
    if way == "trl":
        step = trl_step(model, options)
    else:
        step = STEPS[way]
        if way == "checkpointed":
            model.gradient_checkpointing_enable({"use_reentrant": False})
        if way != "joint":
            logprobs.install(model, options.chunk)
    for weight in model.parameters():  # every way starts with gradients allocated
        weight.grad = torch.zeros_like(weight)
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    before = resident()
    loss, seconds, cpu = 0.0, [], []
    for _ in range(options.steps + 1):
        began, used = time.perf_counter(), time.process_time()
        loss = step(model, batch, options)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - used)
    return {
        "way": way,
        "peak_mib": round(resident() - before, 1),
        "seconds": round(min(seconds[1:]), 4),
        "cpu_seconds": round(min(cpu[1:]), 4),
        "loss": round(loss, 6),
    }


def put(way: str, options: argparse.Namespace, results: Any) -> None:
    results.put(measure(way, options))


def alone(way: str, options: argparse.Namespace) -> dict[str, Any] | None:
    """Return the result of a way that has its own process; None if it failed."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=put, args=(way, options, results))
    process.start()
    process.join()
    if process.exitcode:
        print(f"{way}: failed with status {process.exitcode}", file=sys.stderr)
        return None
    row: dict[str, Any] = results.get()
    return row


def together(way: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return the result of a way in this process, whose GPU memory is free again afterwards."""
    row = measure(way, options)
    gc.collect()
    torch.cuda.empty_cache()
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    defaults = {
        "width": 256,
        "inner": 0,
        "layers": 4,
        "heads": 4,
        "key_heads": 0,
        "vocabulary": 32000,
        "rows": 9,
        "prompt": 128,
        "response": 128,
        "steps": 3,
        "chunk": 256,
    }
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    run = together if torch.cuda.is_available() else alone
    rows = []
    for way in options.ways.split(","):
        row = run(way, options)
        if row is None:
            return 1
        rows.append(row)
    if options.json:
        print(json.dumps({"options": vars(options), "rows": rows}, indent=1))
        return 0
    base = rows[0]
    # On a CPU, CPU time varies less than wall time.
    clock = "seconds" if torch.cuda.is_available() else "cpu_seconds"
    print(f"{'way':13} {'peak MiB':>9} {'of first':>8} {clock:>12} {'of first':>8}  loss")
    for row in rows:
        peak, spent = row["peak_mib"], row[clock]
        print(
            f"{row['way']:13} {peak:9.0f} {peak / base['peak_mib']:8.2f} "
            f"{spent:12.3f} {spent / base[clock]:8.2f}  {row['loss']:.6f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
