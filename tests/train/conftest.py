"""A model of a few thousand weights, and a suite that needs no corpus."""

from __future__ import annotations

import os
import warnings
from importlib.util import find_spec
from pathlib import Path

import pytest

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

MISSING = [name for name in ("torch", "transformers", "peft", "trl") if find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if MISSING else []
if MISSING:
    text = f"tests/train is skipped: {', '.join(MISSING)} missing (install itertl-eval[train])"
    warnings.warn(text, pytest.PytestWarning, stacklevel=1)

GATES = {"and": "a & b", "or": "a | b", "xor": "a ^ b", "nand": "~(a & b)"}
MODULE = """\
module {name}_gate (
    input a,
    input b,
    output y
);
    assign y = {expression};
endmodule
"""
BENCH = """\
from itertl_eval.bench import Bench, Model


class Golden(Model):
    def outputs(self, i):
        a, b = i["a"], i["b"]
        return ({expression}) & 1


bench = Bench(Golden, inputs={{"a": 1, "b": 1}}, outputs={{"y": 1}})


@bench.case
def all_inputs(rng):
    for value in range(4):
        yield {{"a": value & 1, "b": value >> 1}}
"""
FACTS = """\
top: {name}_gate
ports:
  - {{name: a, direction: input}}
  - {{name: b, direction: input}}
  - {{name: y, direction: output}}
"""


def write_suite(folder: Path) -> Path:
    """Four gates as task folders, each with a spec, a reference and a testbench."""
    for name, expression in GATES.items():
        task = folder / f"{name}_gate"
        task.mkdir(parents=True)
        (task / "problem.yaml").write_text(FACTS.format(name=name))
        (task / "spec.md").write_text(f"// {name}_gate: y = {expression}\n")
        (task / "reference.sv").write_text(MODULE.format(name=name, expression=expression))
        (task / f"test_{name}_gate.py").write_text(BENCH.format(expression=expression))
    return folder


def write_model(folder: Path, *, hidden: int = 32, layers: int = 2) -> Path:
    """A random Llama over a byte-level tokenizer trained on the suite's own text."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    texts = [MODULE.format(name=name, expression=text) for name, text in GATES.items()]
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=320,
            special_tokens=["<s>", "</s>"],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, bos_token="<s>", eos_token="</s>")
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=hidden,
            intermediate_size=2 * hidden,
            num_hidden_layers=layers,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=512,
            bos_token_id=0,
            eos_token_id=1,
        )
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_suite(tmp_path_factory):
    return write_suite(tmp_path_factory.mktemp("suite") / "gates")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture
def recipe(tiny_suite, tiny_model, tmp_path):
    from itertl_eval.train.config import make_recipe

    def make(**fields):
        return make_recipe(
            **{
                "model": str(tiny_model),
                "train_data": [str(tiny_suite)],
                "heldout_data": [str(tiny_suite)],
                "run_dir": str(tmp_path / "run"),
                "samples_per_instruction": 2,
                "max_new_tokens": 72,
                "iterations": 1,
                "sft_updates": 1,
                "updates": 1,
                "batch_size": 2,
                "lora_r": 2,
                **fields,
            }
        )

    return make
