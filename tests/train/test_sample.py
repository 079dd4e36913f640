"""Samplers: seeds, stops, padding."""

from __future__ import annotations

import pytest
import torch

from itertl_eval.problem import Prompt
from itertl_eval.train.models import checkpoints
from itertl_eval.train.models._encoder import Encoder
from itertl_eval.train.sampling import _choose
from itertl_eval.train.sampling._choose import choose
from itertl_eval.train.sampling._hf_sampler import TransformersSampler
from itertl_eval.train.sampling._protocol import (
    Request,
    SamplingParams,
    cut_at_endmodule,
    ends_module,
    row_seed,
)

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def encoder(tiny_model):
    return Encoder(checkpoints.load_tokenizer(str(tiny_model)))


def requests(encoder, count=3, prompts=("module and_gate (\n", "x", "a longer prompt: y = a")):
    return [
        Request(text, k, row_seed(0, "s", text, k), text, tuple(encoder.prompt(Prompt(text))), True)
        for text in prompts
        for k in range(count)
    ]


def by_key(samples):
    return {s.key: s for s in samples}


def draw(tiny_model, encoder, wanted, batch, temperature=1.0):
    model = checkpoints.load(str(tiny_model), dtype="float64")
    sampler = TransformersSampler(model, encoder, SamplingParams(temperature, 1.0, 20, batch))
    return by_key([sample for part in sampler.sample(wanted) for sample in part])


def test_a_sample_follows_from_its_seed_not_from_its_batch(tiny_model, encoder):
    wanted = requests(encoder)
    together, apart = (draw(tiny_model, encoder, wanted, size) for size in (9, 1))
    assert len(together) == 9
    assert {k: s.ids for k, s in together.items()} == {k: s.ids for k, s in apart.items()}
    for key, sample in together.items():
        assert sample.logprob == pytest.approx(apart[key].logprob, abs=1e-9)
    assert len({tuple(s.ids) for s in together.values()}) == 9


def test_samples_come_as_they_end(tiny_model, encoder, monkeypatch):
    """A few at a time, each once, the longest of a batch last; and the same as all at once."""
    model = checkpoints.load(str(tiny_model))
    sampler = TransformersSampler(model, encoder, SamplingParams(1.0, 1.0, 60, 24))
    wanted = requests(encoder, count=6)
    whole = by_key([s for part in sampler.sample(wanted) for s in part])
    monkeypatch.setattr("itertl_eval.train.sampling._hf_sampler.FEW", 1)
    parts = list(sampler.sample(wanted))
    assert len(parts) > 1
    assert sum(map(len, parts)) == len(wanted) == 18
    assert by_key([s for part in parts for s in part]) == whole
    assert len(parts[-1][-1].ids) == max(len(sample.ids) for sample in whole.values())


@pytest.mark.filterwarnings("error::FutureWarning")
def test_greedy_is_what_generate_does(tiny_model, encoder):
    wanted = requests(encoder, count=1)
    got = draw(tiny_model, encoder, wanted, 3, temperature=0.0)
    model = checkpoints.load(str(tiny_model), dtype="float64")
    for request in wanted:
        ids = torch.tensor([request.ids])
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=20,
            do_sample=False,
            pad_token_id=1,
        )
        tail = out[0, len(request.ids) :].tolist()
        tail = tail[: tail.index(1)] if 1 in tail else tail
        sample = got[request.key]
        assert sample.ids == tail
        with torch.no_grad():
            whole = model(torch.cat([ids, torch.tensor([tail])], 1)).logits.log_softmax(-1)
        logs = [whole[0, len(request.ids) - 1 + n, token].item() for n, token in enumerate(tail)]
        if sample.finish == "length":
            assert sample.logprob == pytest.approx(sum(logs) / len(logs), abs=1e-9)


def test_samples_are_those_of_the_plain_forward(tiny_model, encoder):
    """Each token by itself: the whole sequence without a cache, float64, one uniform number."""
    wanted = requests(encoder)
    got = draw(tiny_model, encoder, wanted, 4, temperature=0.7)
    model = checkpoints.load(str(tiny_model), dtype="float64")
    for request in wanted:
        source = torch.Generator().manual_seed(request.seed)
        uniform = torch.rand(20, generator=source, dtype=torch.float64)
        ids = list(request.ids)
        for u in uniform[: len(got[request.key].ids)]:
            with torch.no_grad():
                total = (model(torch.tensor([ids])).logits[0, -1] / 0.7).softmax(0).cumsum(0)
            ids.append(int((total <= u * total[-1]).sum()))
        assert got[request.key].ids == ids[len(request.ids) :]


def test_each_sampled_token_has_its_log_probability(tiny_model, encoder):
    for sample in draw(tiny_model, encoder, requests(encoder), 4).values():
        assert len(sample.logprobs) == len(sample.ids) + (sample.finish == "eos")
        assert sample.logprob == pytest.approx(sum(sample.logprobs) / len(sample.logprobs))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
@pytest.mark.parametrize(("temperature", "top_p"), [(0.0, 1.0), (0.8, 1.0), (0.8, 0.9)])
def test_a_row_does_not_depend_on_the_rows_beside_it(dtype, temperature, top_p):
    logits = torch.randn(21, 3000, generator=torch.Generator().manual_seed(0)).to(dtype)
    uniform = torch.rand(21, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    tokens, logprobs = choose(logits.split([11, 1, 9]), uniform, temperature, top_p)
    alone = [
        choose([row[None]], number[None], temperature, top_p)
        for row, number in zip(logits, uniform, strict=True)
    ]
    assert tokens.tolist() == [int(token) for token, _ in alone]
    assert logprobs.tolist() == [float(logprob) for _, logprob in alone]
    wanted = logits.double().log_softmax(1).gather(1, tokens[:, None])[:, 0]
    assert torch.allclose(logprobs.double(), wanted, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rounding_never_chooses_a_token_without_probability(dtype):
    logits = torch.full((4, 1000), -torch.inf, dtype=dtype)
    logits[:, 300], logits[:, 700] = 0.0, -0.1
    last = torch.tensor([0.0, 0.4, 0.6, 1 - 2**-53], dtype=torch.float64)
    for top_p in (1.0, 0.99):
        assert choose([logits], last, 1.0, top_p)[0].tolist() == [300, 300, 700, 700]


def test_nucleus_sampling_sorts_all_tokens_where_the_first_ones_do_not_suffice(monkeypatch):
    logits = torch.randn(64, 3000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    uniform = torch.rand(64, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    chances, order = (logits / 0.8).softmax(1).sort(dim=1, descending=True)
    chances = chances.masked_fill(chances.cumsum(1) - chances >= 0.9, 0.0)
    total = chances.cumsum(1)
    place = (total <= uniform[:, None] * total[:, -1:]).sum(1)
    wanted = order.gather(1, place[:, None])[:, 0].tolist()
    for top in (10, 3000):
        monkeypatch.setattr(_choose, "TOP", top)
        assert choose([logits], uniform, 0.8, 0.9)[0].tolist() == wanted


def test_inverse_transform_sampling_has_the_right_frequencies():
    logits = torch.tensor([[0.0, 1.0, 2.0, -1.0]]).repeat(20_000, 1)
    uniform = torch.rand(20_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for temperature in (1.0, 0.5):
        wanted = (logits[0] / temperature).softmax(0)
        got = torch.bincount(choose([logits], uniform, temperature, 1.0)[0], minlength=4) / 20_000
        assert (got - wanted).abs().max() < 0.015
    kept, _ = choose([logits], uniform, 1.0, 0.8)  # 0.64 + 0.24 reach it; the others are cut
    assert set(kept.tolist()) == {1, 2}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  assign y = a;\nendmodule\nmodule", ("  assign y = a;\nendmodule", True)),
        ("// endmodule\nassign", ("// endmodule\nassign", False)),
        ('$display("endmodule"); endmodule x', ('$display("endmodule"); endmodule', True)),
        ("endmodules", ("endmodules", False)),
    ],
)
def test_endmodule_counts_only_as_a_word_of_code(text, wanted):
    assert cut_at_endmodule(text) == wanted
    assert ends_module(text) is wanted[1]
