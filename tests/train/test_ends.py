"""The end of a completion: trained on as it was sampled, so that a model agrees with itself."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from functools import partial

import pytest
from transformers import TrainingArguments

from itertl_eval.problem import Port, Problem, Prompt
from itertl_eval.train._training_set import TrainingSet
from itertl_eval.train.config._fields import ObjectiveArguments
from itertl_eval.train.data._instruction import Instruction
from itertl_eval.train.fitting._group_trainer import GroupTrainer
from itertl_eval.train.fitting._groups import Group, collate
from itertl_eval.train.fitting._objectives import make_objective
from itertl_eval.train.models import checkpoints
from itertl_eval.train.models._encoder import Encoder
from itertl_eval.train.sampling._hf_sampler import TransformersSampler
from itertl_eval.train.sampling._protocol import Request, Sample, SamplingParams
from itertl_eval.train.scoring._scored import ScoredSample

pytestmark = pytest.mark.train

PROMPT = Prompt("Invert a.\n", header="module top(input a, output y);\n")
PROBLEM = Problem("p", "s", "top", (Port("a", "input"), Port("y", "output")), PROMPT)
TEMPLATE = (
    "{% for m in messages %}<s>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<s>{% endif %}"
)


@pytest.fixture(scope="module")
def many_stops(tiny_model, tmp_path_factory):
    """A model whose completions end at any of forty ids, so that they do end."""
    folder = shutil.copytree(tiny_model, tmp_path_factory.mktemp("ends") / "model")
    stops = json.dumps({"eos_token_id": [1, *range(200, 239)]})
    (folder / "generation_config.json").write_text(stops)
    return str(folder)


def candidates_of(encoder, samples):
    known = TrainingSet(ObjectiveArguments(), [Instruction(PROBLEM)], {}, encoder)
    scores = {s.key: ScoredSample(*s.key, 0.5, False, "simulate", "fail", 0.5, "") for s in samples}
    return known.candidates(samples, scores)["s/p"]


def test_a_model_agrees_with_its_own_samples(many_stops, tmp_path):
    """Same model, no update: the sampler gap is zero, whichever end was sampled."""
    encoder = Encoder.load(many_stops)
    model = checkpoints.load(many_stops, dtype="float64")
    sampler = TransformersSampler(model, encoder, SamplingParams(1.0, 1.0, 12, 16))
    ids = tuple(encoder.prompt(PROMPT))
    wanted = [Request("s/p", n, n, "", ids, True) for n in range(32)]
    samples = [sample for part in sampler.sample(wanted) for sample in part]
    ended = {sample.end for sample in samples if sample.finish == "eos"}
    assert len(ended) > 3
    assert {sample.finish for sample in samples} == {"eos", "length"}
    candidates = candidates_of(encoder, samples)
    ends = {c.ids[-1] for c, s in zip(candidates, samples, strict=True) if s.finish == "eos"}
    assert ends == ended
    trainer = GroupTrainer(
        model=model,
        args=TrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to=[]),
        data_collator=partial(collate, pad_id=encoder.pad_id),
        objective=make_objective("clean"),
    )
    trainer.current_gradient_accumulation_steps = 1
    trainer.training_step(model, collate([Group("s/p", list(ids), candidates)], pad_id=1))
    logs = {"loss": 0.0}
    trainer.log(logs)
    assert abs(logs["sampler_gap"]) < 1e-6


@pytest.mark.parametrize(
    ("sample", "ids", "added"),
    [
        (Sample("s/p", 0, "ab", [7, 8], -1.0, "eos", end=210), [7, 8, 210], 0),
        (Sample("s/p", 0, "ab", [7, 8], -1.0, "endmodule"), [7, 8, "end"], 1),
        (Sample("s/p", 0, "ab", [7, 8], -1.0, "length"), [7, 8], 0),
        (Sample("s/p", 0, "ab", [7, 8], -1.0, "eos"), [7, 8, "end"], 0),  # of an earlier version
        (Sample("s/p", 0, "ab", None, None, "eos"), ["text", "end"], 0),
        (Sample("s/p", 0, "ab", None, None, "endmodule"), ["text", "end"], 0),
        (Sample("s/p", 0, "ab", None, None, "length"), ["text"], 0),  # cut: no end is taught
    ],
)
def test_the_end_of_a_candidate(tiny_model, sample, ids, added):
    tokenizer = checkpoints.load_tokenizer(str(tiny_model))
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|end|>"]})
    tokenizer.chat_template = TEMPLATE
    encoder = Encoder(tokenizer, chat=True)
    assert encoder.end_id != encoder.eos_id
    text = tokenizer("ab", add_special_tokens=False)["input_ids"]
    known = {"end": [encoder.end_id], "text": text}
    (candidate,) = candidates_of(encoder, [sample])
    assert candidate.ids == [n for i in ids for n in known.get(i, [i])]
    assert candidate.added == added


def test_a_text_is_encoded_without_a_search_through_all_instructions(tiny_model):
    """A server returns texts without ids, and each needs its instruction's prompt."""
    encoder = Encoder.load(str(tiny_model))

    def seconds(count):
        problems = [replace(PROBLEM, id=f"p{n}") for n in range(count)]
        known = TrainingSet(ObjectiveArguments(), [Instruction(p) for p in problems], {}, encoder)
        samples = [Sample(f"s/{p.id}", 0, "ab", None, None, "eos") for p in problems[-100:]]
        scores = {
            s.key: ScoredSample(*s.key, 0.5, False, "simulate", "fail", 0.5, "") for s in samples
        }
        began = time.process_time()
        assert len(known.candidates(samples, scores)) == 100
        return time.process_time() - began

    few, many = (min(seconds(count) for _ in range(3)) for count in (100, 20_000))
    assert many < 4 * few
