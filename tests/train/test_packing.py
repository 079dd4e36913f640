"""A prompt computed once for its group gives the losses and gradients of separate rows."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest
import torch
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    TrainingArguments,
)

from itertl_eval._util.progress import say_once
from itertl_eval.train.config._fields import TrainerArguments
from itertl_eval.train.fitting import _group_trainer as trainers
from itertl_eval.train.fitting import _logprobs as logprobs
from itertl_eval.train.fitting._groups import Candidate, Group, collate
from itertl_eval.train.fitting._objectives import make_objective
from itertl_eval.train.fitting._packing import pack, saves
from itertl_eval.train.models import checkpoints
from tests.train.test_trainer import make_groups

pytestmark = pytest.mark.train

SMALL = {"vocab_size": 320, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
LLAMA = {**SMALL, "intermediate_size": 48, "num_key_value_heads": 2}
ROWS = ("input_ids", "attention_mask", "starts", "lengths")


def model_of(name):
    torch.manual_seed(0)
    model = {
        "llama": lambda: LlamaForCausalLM(LlamaConfig(**LLAMA)),
        "llama eager": lambda: LlamaForCausalLM(LlamaConfig(**LLAMA, attn_implementation="eager")),
        "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**LLAMA, head_dim=8)),
        "gpt2": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=320, n_embd=32, n_layer=2, n_head=4)),
        "mistral": lambda: MistralForCausalLM(MistralConfig(**LLAMA, sliding_window=None)),
        "sliding": lambda: MistralForCausalLM(MistralConfig(**LLAMA, sliding_window=8)),
        "bloom": lambda: BloomForCausalLM(
            BloomConfig(vocab_size=320, hidden_size=32, n_layer=2, n_head=4)
        ),
    }[name]()
    return model.double().eval()


@pytest.mark.parametrize("name", ["llama", "llama eager", "qwen3", "gpt2", "mistral"])
def test_logprobs_are_those_of_separate_rows(name):
    model = model_of(name)
    assert logprobs.install(model, 5, share_prompts=True)
    batch = collate(make_groups(6), pad_id=1)
    apart = model(**{key: batch[key] for key in ROWS})
    shared = model(**{key: batch[key] for key in (*ROWS, "sizes")})
    assert shared["rows"].tolist() == apart["rows"].tolist()
    # The eager attention's softmax is in float32, whatever the weights.
    assert (shared["tokens"] - apart["tokens"]).abs().max() < 1e-6


@pytest.mark.parametrize("name", ["sliding", "bloom"])
def test_other_attention_keeps_separate_rows(name):
    assert not logprobs.install(model_of(name), 5, share_prompts=True)


def test_a_model_that_keeps_separate_rows_says_so_once(tmp_path, capsys):
    """However many fits a run has."""
    say_once.cache_clear()  # another test may have said it
    for _ in range(2):
        trainer = trainers.GroupTrainer(
            model=model_of("bloom"),
            args=TrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to=[]),
            objective=make_objective("clean"),
        )
        trainer.current_gradient_accumulation_steps = 1
        trainer.training_step(trainer.model, collate(make_groups(2), pad_id=1))
    said = capsys.readouterr().err
    assert said.count("BloomForCausalLM: the prompt is computed for each candidate") == 1


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_a_model_that_mixes_candidates_keeps_separate_rows(monkeypatch, dtype):
    everything = lambda mask, *_: torch.ones_like(mask).tril()  # noqa: E731
    monkeypatch.setattr(logprobs, "pair_mask", everything)
    assert not logprobs.install(model_of("llama").to(dtype), 5, share_prompts=True)


class Off:
    """A model in bfloat16 whose shared prompts change each log-probability by `error`."""

    training, dtype = False, torch.bfloat16
    config = SimpleNamespace(vocab_size=100)

    def __init__(self, error):
        self.error = error

    def __call__(self, input_ids, sizes=None, **_):
        return {"tokens": torch.full((26,), -7.0 - self.error * (sizes is not None))}

    def get_input_embeddings(self):
        return torch.nn.Embedding(2, 2)

    def eval(self):
        pass

    def train(self, mode):
        pass


@pytest.mark.parametrize(("error", "packs"), [(0.135, True), (2.18, False)])
def test_rounding_in_16_bits_is_no_reason_to_keep_separate_rows(error, packs):
    """Qwen2.5-Coder-0.5B with a trained adapter is off by 0.135, with wrong positions by 2.18."""
    assert logprobs._packs(Off(error)) == packs


def test_the_layout():
    groups = [
        Group("a", [5, 6], [Candidate([7, 8], 0.0), Candidate([9], 1.0)]),
        Group("b", [4], [Candidate([3, 2, 1], 0.0)]),
    ]
    batch = collate(groups, pad_id=0)
    packed = pack(*(batch[key] for key in (*ROWS, "sizes")))
    assert packed.input_ids.tolist() == [[5, 6, 7, 8, 9], [4, 3, 2, 1, 0]]
    assert packed.position_ids.tolist() == [[0, 1, 2, 3, 2], [0, 1, 2, 3, 0]]
    assert packed.mask[0, 0].int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 0, 0, 1],  # the second candidate does not see the first
    ]
    assert packed.mask[1, 0, 4].int().tolist() == [1, 0, 0, 0, 1]
    assert packed.targets.tolist() == [7, 8, 9, 3, 2, 1]
    assert packed.sources.tolist() == [1, 2, 1, 5, 6, 7]
    assert packed.rows.tolist() == [0, 0, 1, 2, 2, 2]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"head_chunk": 0},
        {"head_chunk": 7},
        {"checkpointing": True},
        {"lora": True},
        {"lora": True, "kl_weight": 3.0},
        {"lora": True, "head_chunk": 7},
    ],
    ids=str,
)
def test_loss_and_gradients_are_those_of_separate_rows(tiny_model, tmp_path, monkeypatch, settings):
    settings = dict(settings)
    checkpointing, lora = settings.pop("checkpointing", False), settings.pop("lora", False)
    batch = collate(make_groups(8), pad_id=1)

    def step(share):
        monkeypatch.setattr(trainers, "saves", lambda *_: True)
        if lora:
            arguments = TrainerArguments(dtype="float64", lora_r=4)
            model = checkpoints.load_trainable(str(tiny_model), str(tiny_model), arguments)
            with torch.no_grad():  # a new adapter changes nothing and would hide a fault
                for name, weight in model.named_parameters():
                    if "lora_B" in name:
                        source = torch.Generator().manual_seed(len(name))
                        weight.copy_(torch.randn(weight.shape, generator=source) * 0.1)
        else:
            model = checkpoints.load(str(tiny_model), dtype="float64")
        trainer = trainers.GroupTrainer(
            model=model,
            args=TrainingArguments(
                output_dir=str(tmp_path),
                use_cpu=True,
                report_to=[],
                gradient_checkpointing=checkpointing,
            ),
            data_collator=partial(collate, pad_id=1),
            objective=make_objective("clean"),
            share_prompts=share,
            **settings,
        )
        assert trainer.share_prompts is share
        if checkpointing:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        trainer.current_gradient_accumulation_steps = 1
        loss = trainer.training_step(model, dict(batch))
        return float(loss), [w.grad for w in model.parameters() if w.requires_grad]

    (loss, gradients), (expected, others) = step(True), step(False)
    assert abs(loss - expected) < 1e-6
    assert len(gradients) > 10
    assert max(g.abs().max() for g in others) > 1e-3
    assert max((g - o).abs().max() for g, o in zip(gradients, others, strict=True)) < 1e-6


def test_packing_is_used_where_it_takes_less_work():
    def shape(prompt, response, candidates):
        n = torch.full((candidates,), 1)
        return n * prompt, n * response, torch.tensor([candidates])

    assert saves(*shape(300, 120, 5), 4096)
    assert saves(*shape(300, 120, 5), 256)
    assert not saves(*shape(300, 120, 1), 4096)  # nothing is shared
    assert not saves(*shape(50, 1000, 9), 256)  # attention over all candidates would dominate
