"""Tokenizer of the small model, and batches of its texts as token ids."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

END, PAD = "<|end|>", "<|pad|>"
PIECES = r" ?\[\d+:0\]| ?\d+'[bd]| *[A-Za-z_][A-Za-z0-9_]*|\d| *[^\sA-Za-z0-9_]+\n?|\n| +"
"""Pieces that no token crosses: a range, a literal's size, a word with its indent, a digit,
punctuation with the end of its line. A token ends with its line, so a prompt has the same tokens
with and without a completion after it."""


class Example(NamedTuple):
    """One document: its tokens, of which the first `prompt` are given and carry no loss."""

    tokens: list[int]
    prompt: int


def make_tokenizer(texts: Sequence[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Train a byte-level BPE: any text round-trips, and words of the corpus are one token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        padding_side="left",
        model_max_length=4096,
        clean_up_tokenization_spaces=False,
    )


def encode(tokenizer: PreTrainedTokenizerFast, pairs: Sequence[tuple[str, str]]) -> list[Example]:
    """Encode prompt and completion separately, as sampling joins them, then the end token."""
    prompts = tokenizer([prompt for prompt, _ in pairs]).input_ids
    completions = tokenizer([completion for _, completion in pairs]).input_ids
    end = tokenizer.convert_tokens_to_ids(END)
    assert isinstance(end, int)
    return [Example([*p, *c, end], len(p)) for p, c in zip(prompts, completions, strict=True)]


def batches(examples: list[Example], tokens: int, seed: int) -> Iterator[list[Example]]:
    """Yield endless batches of at most `tokens` padded tokens, similar in length, shuffled."""
    rng = random.Random(seed)
    while True:
        order = list(examples)
        rng.shuffle(order)
        epoch: list[list[Example]] = []
        for start in range(0, len(order), 1000):
            batch: list[Example] = []
            for example in sorted(order[start : start + 1000], key=lambda e: len(e.tokens)):
                if batch and (len(batch) + 1) * len(example.tokens) > tokens:
                    epoch.append(batch)
                    batch = []
                batch.append(example)
            epoch.append(batch)
        rng.shuffle(epoch)
        yield from epoch
