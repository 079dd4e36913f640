"""Caches of the sampler: prompts shared by their samples, places taken again."""

from __future__ import annotations

import contextlib
import dataclasses
import functools

import pytest
import torch

from itertl_eval._util.progress import say_once
from itertl_eval.train.models import checkpoints
from itertl_eval.train.models._encoder import Encoder
from itertl_eval.train.sampling import _caches, _places
from itertl_eval.train.sampling._hf_sampler import TransformersSampler
from itertl_eval.train.sampling._protocol import SamplingParams
from tests.train.test_sample import by_key, draw, requests

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def encoder(tiny_model):
    return Encoder(checkpoints.load_tokenizer(str(tiny_model)))


class Counted:
    """The shape of each forward pass of a model."""

    def __init__(self, model):
        self.shapes = []
        forward = model.forward

        @functools.wraps(forward)
        def counted(**inputs):
            self.shapes.append(tuple(inputs["input_ids"].shape))
            return forward(**inputs)

        model.forward = counted


def test_a_prompt_is_computed_once_and_a_free_place_is_taken_at_once(tiny_model, encoder):
    model = checkpoints.load(str(tiny_model), dtype="float64")
    sampler = TransformersSampler(model, encoder, SamplingParams(1.0, 1.0, 60, 4))
    counted = Counted(model)
    wanted = requests(encoder, count=8)
    samples = by_key([s for part in sampler.sample(wanted) for s in part])
    prompts = [shape for shape in counted.shapes if shape[0] == 1 and shape[1] > 1]
    assert len(prompts) <= 3  # the prompt "x" is one token, which looks like a step
    steps = [rows for rows, length in counted.shapes if length == 1]
    spent = sum(len(s.ids) + (s.finish != "length") for s in samples.values()) - len(wanted)
    assert sum(steps) - (len(prompts) < 3) == spent
    full = [rows == 4 for rows in steps]
    assert sum(full) > 0.7 * len(full)  # only the last places stay empty


def test_a_model_with_another_attention_samples_in_fixed_batches(
    tiny_model, encoder, monkeypatch, capsys
):
    """Found by trying, said once, and the samples are the same."""
    wanted = requests(encoder)
    shared = draw(tiny_model, encoder, wanted, 4)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(_places, "_shared_attention", lambda _: contextlib.nullcontext())
    say_once.cache_clear()  # another test may have said it
    apart = draw(tiny_model, encoder, wanted, 4)
    draw(tiny_model, encoder, wanted[:1], 4)
    assert capsys.readouterr().err.count("waits for the others") == 1
    assert {k: s.ids for k, s in apart.items()} == {k: s.ids for k, s in shared.items()}
    monkeypatch.undo()
    model = checkpoints.load(str(tiny_model))
    assert _caches.takes_places(model)
    model.config.sliding_window = 8
    assert not _caches.takes_places(model)


def test_rounding_in_16_bits_is_not_another_attention(monkeypatch):
    """Large keys, as those of Qwen2, cost up to half a nat for unlikely tokens."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=500,
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.3,
    )
    model = Qwen2ForCausalLM(config).to(torch.bfloat16).eval()
    for layer in model.model.layers:
        layer.self_attn.k_proj.bias.data.normal_(std=5)
    places = _caches.Places(model, 1)
    places.add([(1, 2, 3)])
    found = places.step(torch.tensor([0])).log_softmax(-1)[0]
    due = _caches._after(model, (1, 2, 3, 0))
    assert (found - due).abs().max() > 16 * torch.finfo(torch.bfloat16).eps
    assert _caches.takes_places(model)

    def early(self, device, own=_caches.Places._arrange):
        rows = own(self, device)
        return dataclasses.replace(rows, starts=rows.starts - 1)

    monkeypatch.setattr(_caches.Places, "_arrange", early)  # each token at the place before its own
    assert not _caches.takes_places(model)


def test_no_memory_is_reserved_for_places_that_stay_empty(tiny_model, encoder):
    sampler = TransformersSampler(
        checkpoints.load(str(tiny_model)), encoder, SamplingParams(1.0, 1.0, 4, 1000)
    )
    assert sampler._cache(3).free == 3


def test_the_keys_of_a_prompt_are_kept_once(tiny_model):
    model = checkpoints.load(str(tiny_model), dtype="float64")
    places = _caches.Places(model, 8)
    places.add([(2, 3, 4)] * 5 + [(5, 6)] * 2)
    places.step(torch.tensor([2] * 7))
    places.keep([1, 5, 6])
    places.add([(7, 8, 9, 10)])
    places.step(torch.tensor([2] * 4))
    assert {layer._shared[1].shape[0] for layer in places._layers} == {4}  # of 8 rows


def test_memory_for_prompts_grows_in_few_steps(tiny_model, monkeypatch):
    """Growing by each prompt took 16 GiB for 64 long prompts of a model of 0.5B."""
    grown = []
    own = _places._grown
    monkeypatch.setattr(_places, "_grown", lambda *made: grown.append(made) or own(*made))
    places = _caches.Places(checkpoints.load(str(tiny_model)), 24)
    places.add([tuple(range(2, 12 + n)) for n in range(24)])
    assert {layer._shared[1].shape[0] for layer in places._layers} == {24}
    assert 0 < len(grown) <= 6 * len(places._layers)  # 1, 2, 4, 8, 16 and 24 prompts


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize(("attention", "close"), [("sdpa", 1e-9), ("eager", 1e-5)])
def test_rows_continue_as_in_a_plain_forward(heads, attention, close):
    """Many rows, of prompts of different lengths, that come and go; with grouped heads too."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=50,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=heads,
        attn_implementation=attention,
    )
    model = LlamaForCausalLM(config).double().eval()
    rows = [(*range(2, 3 + n // 4),) for n in range(20)]
    places = _caches.Places(model, 20)
    with torch.inference_mode():
        logits = places.add(rows[:12])
        for turn in range(6):
            for row, found in zip(rows, logits, strict=False):
                due = model(torch.tensor([row])).logits[0, -1]
                # `eager` has a softmax in float32.
                assert torch.allclose(found, due, rtol=0, atol=close)
            tokens = [(7 * turn + at) % 50 for at in range(len(logits))]
            known = len(logits)
            rows[:known] = [(*row, token) for row, token in zip(rows, tokens, strict=False)]
            logits = places.step(torch.tensor(tokens))
            if turn in (1, 3):
                going = [at for at in range(known) if at % 3 != turn % 3]
                places.keep(going)
                rows = [rows[at] for at in going] + rows[known:]
                fresh = rows[len(going) : len(going) + 4]
                logits = torch.cat([logits[going], places.add(fresh)])
    assert model.config._attn_implementation == attention


@pytest.mark.parametrize("change", ["softcap", "s_aux", "position_bias", "sliding_window"])
def test_an_attention_that_does_more_is_refused(change):
    """A softcap of 50 changes so little that trying would not show it."""
    query = torch.zeros(1, 1, 1, 4)
    with pytest.raises(ValueError, match="softcap, sinks, a window or a bias"):
        _places._attention(None, query, query, query, None, scaling=1.0, **{change: 50.0})


def test_the_head_is_given_no_view(tiny_model, encoder):
    """torch folds rows and positions by their strides, or copies the head for each product."""
    model = checkpoints.load(str(tiny_model), dtype="float64")
    seen = []
    model.get_output_embeddings().register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    sampler = TransformersSampler(model, encoder, SamplingParams(1.0, 1.0, 4, 4))
    assert list(sampler.sample(requests(encoder, count=2)))
    assert sampler.logprob([5, 6, 7], [8, 9]) < 0
    assert {tuple(hidden.shape[:2]) for hidden in seen} >= {(1, 1), (4, 1), (1, 3)}
    assert all(hidden.stride(0) == hidden.shape[1] * hidden.stride(1) for hidden in seen)
