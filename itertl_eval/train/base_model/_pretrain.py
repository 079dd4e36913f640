"""Pretrain a small model in minutes, so that the loop can run without a download.

    python -m itertl_eval.train.base_model --out DIR --size tiny --steps 600

The model is a Llama of one to ten million parameters with its own tokenizer, saved in the format
that transformers and lm-eval load. It learns from the *generic* part of the corpus: low levels, a
seed that no corpus uses, and no structure that the corpus holds out. It learns to write Verilog
with single operators and pairs of them; the loop has to teach longer combinations.

Documents are short, so they are batched by length instead of packed: in a packed row a model could
copy names from the neighbouring document. The loss covers the completion only. Muon trains
matrices and Adam the rest, which takes half the tokens of AdamW alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from itertl_eval._util.command import command
from itertl_eval._util.options import positive
from itertl_eval._util.progress import Progress, say
from itertl_eval.corpus import Corpus, completion_of, rows
from itertl_eval.errors import ItertlError, UsageError
from itertl_eval.train.base_model._muon import Muon
from itertl_eval.train.base_model._tokenizer import Example, batches, encode, make_tokenizer

GENERIC_SEED = 7_000_000
CHECKPOINT_SECONDS = 30.0


@dataclass(frozen=True)
class Size:
    """Shape of a model. `SIZES` notes millions of parameters at a vocabulary of a thousand."""

    width: int
    layers: int
    heads: int
    inner: int


SIZES = {
    "tiny": Size(128, 4, 4, 384),  # 1.0
    "small": Size(192, 5, 6, 576),  # 2.6
    "medium": Size(320, 7, 5, 960),  # 9.6
}


@dataclass(frozen=True)
class BaseModelRecipe:
    """Everything that the model depends on."""

    size: str = "tiny"
    steps: int = 600
    seed: int = 0
    levels: tuple[int, ...] = (1, 2, 3)
    families: tuple[str, ...] = ()
    vocabulary: int = 1024
    batch_tokens: int = 4096
    matrix_rate: float = 0.02
    other_rate: float = 0.004
    warmup: int = 20

    @property
    def rows(self) -> int:
        """Rows to generate: enough that a run of minutes sees no row twice."""
        return min(max(80 * self.steps, 1000), 48_000)


def generic_pairs(recipe: BaseModelRecipe, corpus: Corpus | None = None) -> list[tuple[str, str]]:
    """Return (prompt, completion) pairs. Raises UsageError if one has a held-out structure."""
    refused = {corpus.rows[key]["structure"] for key in corpus.heldout} if corpus else set()
    pairs = []
    seed = GENERIC_SEED + recipe.seed
    for row, _ in rows(
        "train",
        recipe.rows,
        seed=seed,
        levels=recipe.levels,
        check=False,
        families=recipe.families,
    ):
        if row["structure"] in refused:
            raise UsageError(
                f"the corpus holds out {row['structure']}: generic pairs must not use it"
            )
        pairs.append((row["instruction"] + row["header"], completion_of(row)))
    return pairs


def make_base_model(
    out: Path,
    corpus: Corpus | None = None,
    *,
    size: str = "tiny",
    steps: int = 600,
    seed: int = 0,
    levels: Sequence[int] = (1, 2, 3),
    families: Sequence[str] = (),
) -> Path:
    """Train a model and save it with its tokenizer to the folder `out`.

    Does nothing if `out` already holds a model of the same recipe. After an interruption it
    continues from a checkpoint beside `out` and ends with the same weights.

    Args:
        out: Folder to create.
        corpus: Corpus whose held-out structures must not occur.
        size: Key of `SIZES`.
        steps: Updates of `batch_tokens` tokens each.
        seed: Seed of the data and of the weights.
        levels: Levels of difficulty to generate.
        families: Families of circuits to generate; all if empty.

    Raises:
        UsageError: Unknown size, a seed of more than 64 bits, a held-out structure, or `out` holds
            something else.
    """
    if size not in SIZES:
        raise UsageError(f"unknown size {size!r}: use {', '.join(SIZES)}")
    if not -(2**63) <= seed < 2**63:
        raise UsageError(f"seed: {seed} has more than 64 bits")
    recipe = BaseModelRecipe(
        size=size, steps=steps, seed=seed, levels=tuple(levels), families=tuple(sorted(families))
    )
    card = {
        **asdict(recipe),
        "levels": list(recipe.levels),
        "families": list(recipe.families),
        "structures": "train side only",
    }
    if out.exists():
        found = out / "base_model.json"
        if found.exists() and json.loads(found.read_text(encoding="utf-8")) == card:
            return out
        raise UsageError(f"{out} holds something else: remove it or choose another folder")
    pairs = generic_pairs(recipe, corpus)
    texts = [prompt + completion for prompt, completion in pairs[:4000]]
    tokenizer = make_tokenizer(texts, recipe.vocabulary)
    model = new_model(recipe, tokenizer)
    digest = hashlib.sha256(json.dumps([card, texts[:100]]).encode()).hexdigest()
    checkpoint = out.with_name(f".{out.name}.{digest[:12]}.safetensors")
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    train(model, encode(tokenizer, pairs), recipe, checkpoint)
    partial = out.with_name(f".{out.name}.saving")
    shutil.rmtree(partial, ignore_errors=True)
    model.cpu().save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    (partial / "base_model.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    partial.rename(out)
    checkpoint.unlink(missing_ok=True)
    return out


def new_model(recipe: BaseModelRecipe, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Return a model with random weights that depend only on the seed."""
    size = SIZES[recipe.size]
    torch.manual_seed(recipe.seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=size.width,
        intermediate_size=size.inner,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.heads,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config)


def train(
    model: LlamaForCausalLM, examples: list[Example], recipe: BaseModelRecipe, checkpoint: Path
) -> list[float]:
    """Train on a GPU if there is one, from the checkpoint if there is one.

    Returns:
        The loss of each step of this call, in nats per token.
    """
    if torch.cuda.is_available():
        torch.nn.Module.to(model, "cuda")
    optimizer = Muon(model, recipe.matrix_rate, recipe.other_rate)
    done = _restore(checkpoint, model, optimizer)
    source = batches(examples, recipe.batch_tokens, recipe.seed)
    losses: list[float] = []
    saved = time.monotonic()
    model.train()
    with Progress("base model", recipe.steps, "step", done) as progress:
        for number in range(1, recipe.steps + 1):
            batch = next(source)
            if number <= done:
                continue
            loss = batch_loss(model, batch)
            loss.backward()
            scale = min(1.0, number / recipe.warmup, 1.02 - number / recipe.steps)
            optimizer.step(number, scale)
            losses.append(loss.item())
            if not math.isfinite(losses[-1]):
                raise ItertlError(f"the loss became {losses[-1]} at step {number}")
            progress.update(1, f"loss {sum(losses[-20:]) / len(losses[-20:]):.3f}")
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                _save(checkpoint, model, optimizer, number)
                saved = time.monotonic()
    if losses:
        say(f"  base model: loss {sum(losses[-20:]) / len(losses[-20:]):.3f}")
    return losses


def batch_loss(model: LlamaForCausalLM, batch: list[Example]) -> torch.Tensor:
    """Return the mean negative log-likelihood of the completions' tokens, in nats.

    Padding is on the right, where causal attention never looks, so no mask is needed.
    """
    length = max(len(example.tokens) for example in batch)
    tokens = torch.zeros(len(batch), length, dtype=torch.long)
    counts = torch.zeros(len(batch), length, dtype=torch.bool)
    for row, example in enumerate(batch):
        tokens[row, : len(example.tokens)] = torch.tensor(example.tokens)
        counts[row, example.prompt : len(example.tokens)] = True
    tokens, counts = tokens.to(model.device), counts.to(model.device)
    hidden = model.model(tokens).last_hidden_state[:, :-1]
    targets = counts[:, 1:]
    return cross_entropy(model.lm_head(hidden[targets]), tokens[:, 1:][targets])


def _save(path: Path, model: LlamaForCausalLM, optimizer: Muon, number: int) -> None:
    tensors = {f"model.{name}": p.detach() for name, p in model.named_parameters()}
    tensors |= optimizer.state | {"number": torch.tensor(number)}
    partial = path.with_suffix(".tmp")
    save_file(tensors, partial)
    partial.replace(path)


def _restore(path: Path, model: LlamaForCausalLM, optimizer: Muon) -> int:
    """Load a checkpoint into model and optimizer; return the steps already done."""
    if not path.exists():
        return 0
    tensors = load_file(path)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(tensors[f"model.{name}"])
    optimizer.state = {name: tensors[name].to(model.device) for name in optimizer.state}
    return int(tensors["number"])


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Pretrain a model and print its folder; the exit code is 0."""
    parser = argparse.ArgumentParser(
        prog="python -m itertl_eval.train.base_model", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for model and tokenizer")
    parser.add_argument("--size", choices=list(SIZES), default="tiny")
    parser.add_argument("--steps", type=positive, default=600, help="batches of 4096 tokens (600)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--levels",
        type=lambda text: [int(level) for level in text.split(",")],
        default=[1, 2, 3],
        help="levels to learn from (1,2,3)",
    )
    parser.add_argument("--families", default="", help="only these families of circuits (all)")
    options = parser.parse_args(arguments)
    make_base_model(
        options.out,
        size=options.size,
        steps=options.steps,
        seed=options.seed,
        levels=options.levels,
        families=[f for f in options.families.split(",") if f],
    )
    print(options.out)
    return 0
