"""Time of the `transformers` sampler: shared prompts and refilled places against fixed batches.

    python benchmarks/train_sampling.py [--width 576] [--layers 30] [--vocabulary 49152]
        [--instructions 12] [--samples 8] [--prompt 300] [--shortest 60] [--longest 300]
        [--batch 64] [--dtype float32] [--threads 1] [--temperature 0.8] [--top_p 1.0] [--json]

A random Llama (by default of SmolLM2-135M's shape) samples the same requests with the same seeds
in each way, one after the other in one process:

    before  each sample computes its prompt, a batch ends with its longest sample, the chosen token
            comes from float64 probabilities of the whole vocabulary
    now     itertl_eval's sampler

A random model has no reason to end, so the lengths are given: uniform between `shortest` and
`longest`, the same for both. CPU time is compared on a CPU, wall time on a GPU. The samples must
be the same up to ties, which low precision makes common.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from itertl_eval.train.sampling import Sample, SamplingParams, _hf_sampler
from itertl_eval.train.sampling._protocol import Request, row_seed

END = 1
Choose = Callable[[Sequence[Tensor], Tensor, float, float], tuple[Tensor, Tensor]]


class Letters:
    """Stands in for an encoder: token n is the character n."""

    stop_ids = frozenset({END})
    pad_id = END

    def __init__(self, vocabulary: int) -> None:
        self.tokenizer = self
        self._vocabulary = vocabulary

    def __len__(self) -> int:
        return self._vocabulary

    def convert_ids_to_tokens(self, ids: list[int]) -> list[str]:
        return [chr(200 + n) for n in ids]

    def text(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


def model_of(options: argparse.Namespace) -> Any:
    torch.manual_seed(0)
    heads = max(1, options.width // 64)
    config = LlamaConfig(
        vocab_size=options.vocabulary,
        hidden_size=options.width,
        intermediate_size=options.width * 8 // 3,
        num_hidden_layers=options.layers,
        num_attention_heads=heads,
        num_key_value_heads=heads // 3 if heads % 3 == 0 else heads,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return LlamaForCausalLM(config).to(device, getattr(torch, options.dtype)).eval()


def requests_of(options: argparse.Namespace) -> list[Request]:
    source = torch.Generator().manual_seed(1)
    found = []
    for number in range(options.instructions):
        name, length = f"p{number:03}", options.prompt + number % 5
        prompt = torch.randint(2, options.vocabulary, (length,), generator=source).tolist()
        found += [
            Request(name, k, row_seed(0, "b", name, k), "", tuple(prompt), True)
            for k in range(options.samples)
        ]
    return found


def ending(choose: Choose, requests: list[Request], options: argparse.Namespace) -> Choose:
    """Return `choose` with an end for each sample at its own length.

    A sample is known by the random number of its last token.
    """
    source = torch.Generator().manual_seed(2)
    lasts = []
    for request in requests:
        own = torch.Generator().manual_seed(request.seed)
        uniform = torch.rand(options.longest + 1, generator=own, dtype=torch.float64)
        length = int(torch.randint(options.shortest, options.longest + 1, (), generator=source))
        lasts.append(uniform[length])
    ends = torch.stack(lasts)

    def chosen(
        logits: Sequence[Tensor], uniform: Tensor, temperature: float, top_p: float
    ) -> tuple[Tensor, Tensor]:
        token, logprob = choose(logits, uniform, temperature, top_p)
        token = torch.where(token == END, END + 1, token)
        return torch.where(torch.isin(uniform, ends.to(uniform.device)), END, token), logprob

    return chosen


def choose_before(
    parts: Sequence[Tensor], uniform: Tensor, temperature: float, top_p: float
) -> tuple[Tensor, Tensor]:
    logits = torch.cat(list(parts)).float()
    chances = (logits / temperature).softmax(1, dtype=torch.float64)
    order = None
    if top_p < 1:
        chances, order = chances.sort(dim=1, descending=True)
        chances = chances.masked_fill(chances.cumsum(1) - chances >= top_p, 0.0)
    total = chances.cumsum(1)
    found = torch.searchsorted(total, uniform[:, None] * total[:, -1:], right=True)
    found = found.clamp(max=total.shape[1] - 1)
    token = (found if order is None else order.gather(1, found))[:, 0]
    return token, logits.gather(1, token[:, None])[:, 0] - logits.logsumexp(1)


def measure(
    way: str, model: Any, requests: list[Request], options: argparse.Namespace
) -> tuple[dict[str, Any], dict[Any, Sample]]:
    settings = SamplingParams(
        options.temperature, options.top_p, options.longest + 1, options.batch
    )
    encoder: Any = Letters(options.vocabulary)
    sampler = _hf_sampler.TransformersSampler(model, encoder, settings)
    own = _hf_sampler.choose
    _hf_sampler.choose = ending(choose_before if way == "before" else own, requests, options)
    if way == "before":
        sampler._shares = False
    began, used = time.perf_counter(), time.process_time()
    try:
        found = [sample for part in sampler.sample(requests) for sample in part]
    finally:
        _hf_sampler.choose = own
    row = {
        "way": way,
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(time.process_time() - used, 2),
        "tokens": sum(len(sample.ids or []) for sample in found),
    }
    return row, {sample.key: sample for sample in found}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    numbers = {
        "width": 576,
        "layers": 30,
        "vocabulary": 49152,
        "instructions": 12,
        "samples": 8,
        "prompt": 300,
        "shortest": 60,
        "longest": 300,
        "batch": 64,
        "threads": 1,
    }
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--top_p", type=float, default=1.0)
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model, requests = model_of(options), requests_of(options)
    rows, samples = [], []
    for way in ("before", "now"):
        row, found = measure(way, model, requests, options)
        rows.append(row)
        samples.append(found)
    same = sum(samples[0][key].ids == samples[1][key].ids for key in samples[0])
    if options.json:
        print(json.dumps({"options": vars(options), "rows": rows, "same": same}, indent=1))
        return 0
    clock = "seconds" if torch.cuda.is_available() else "cpu_seconds"
    print(f"{'way':8} {clock:>12} {'of first':>9} {'tokens':>8} {'tokens/s':>9}")
    for row in rows:
        spent = row[clock]
        print(
            f"{row['way']:8} {spent:12.1f} {spent / rows[0][clock]:9.2f} {row['tokens']:8} "
            f"{row['tokens'] / spent:9.0f}"
        )
    print(f"{same} of {len(requests)} samples are the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
