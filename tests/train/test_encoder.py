"""Prompts and completions as ids: the prompt of lm-eval, the end, tokenizers that damage text."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
from lm_eval.tasks import TaskManager

from itertl_eval._util.paths import shipped
from itertl_eval.corpus import make_corpus
from itertl_eval.errors import UsageError
from itertl_eval.problem import Port, Problem, Prompt
from itertl_eval.suites import PUBLISHED, load_suite
from itertl_eval.suites._registry import CHAT_TASKS
from itertl_eval.train.config._fields import SampleArguments, TrainerArguments
from itertl_eval.train.data._instruction import Instruction, for_chat, from_suite, hide_references
from itertl_eval.train.filter._self_contained import faults_of
from itertl_eval.train.inputs._leave_out import within_limits
from itertl_eval.train.models import checkpoints
from itertl_eval.train.models._encoder import Encoder

pytestmark = pytest.mark.train

TURNS = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{{ END }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
REFUSES = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no') }}{% endif %}"
DROPS = "{% if messages[0]['role'] == 'system' %}{% set messages = messages[1:] %}{% endif %}"
THINKS = "{% if enable_thinking is not false %}<think>{% endif %}"
PROMPT = Prompt("Invert a.\n", header="module top(input a, output y);\n")


def tokenizer_of(tiny_model, template, end="<|end|>"):
    tokenizer = checkpoints.load_tokenizer(str(tiny_model))
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|end|>", "<|other|>"]})
    tokenizer.chat_template = template.replace("{{ END }}", end)
    return tokenizer


@pytest.fixture
def base(tiny_model):
    return Encoder.load(str(tiny_model))


@pytest.mark.parametrize(
    ("template", "stops", "end"),
    [
        (TURNS, (), "<|end|>"),  # the template's end of turn, not the tokenizer's end of sequence
        (TURNS.replace("{{ END }}", "</s>"), (), "</s>"),
        (TURNS.replace("{{ END }}", ""), (), "</s>"),  # the turn has no end
        (TURNS, ("<|other|>",), "<|end|>"),
    ],
)
def test_a_reference_ends_as_the_template_ends_its_turn(tiny_model, template, stops, end):
    tokenizer = tokenizer_of(tiny_model, template)
    known = [tokenizer.convert_tokens_to_ids(stop) for stop in stops]
    encoder = Encoder(tokenizer, chat=True, stops=known)
    ids = encoder.completion(PROMPT, "assign y = ~a;\nendmodule")
    assert tokenizer.convert_ids_to_tokens(ids[-1]) == end
    assert encoder.text(ids) == "assign y = ~a;\nendmodule"
    assert encoder.stop_ids == {encoder.end_id, encoder.eos_id, *known}


def test_a_base_model_ends_with_the_end_of_sequence(base):
    ids = base.completion(PROMPT, "endmodule")
    assert ids[-1] == base.end_id == base.eos_id
    assert ids.count(base.eos_id) == 1


def test_a_completion_that_was_cut_has_no_end(base):
    ids = base.completion(PROMPT, "assign y", ended=False)
    assert base.text(ids) == "assign y"
    assert not base.stop_ids & set(ids)


def test_stop_ids_are_those_of_the_generation_config(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    assert checkpoints.stop_ids(str(folder)) == (1,)
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [1, 7]}))
    assert checkpoints.stop_ids(str(folder)) == (1, 7)
    assert Encoder.load(str(folder)).stop_ids == {1, 7}
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    base = {"base_model_name_or_path": str(folder)}
    (adapter / "adapter_config.json").write_text(json.dumps(base))
    assert checkpoints.stop_ids(str(adapter)) == (1, 7)


TASKS = [
    "rtl_core",
    "corpus_heldout",
    *(pytest.param(name, marks=pytest.mark.data) for name in (*PUBLISHED, *CHAT_TASKS)),
]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus") / "c"
    make_corpus(folder, train=12, heldout=3)
    return folder


@pytest.mark.lm_eval
@pytest.mark.parametrize("template", [None, TURNS, REFUSES + TURNS, DROPS + TURNS])
@pytest.mark.parametrize("name", TASKS)
def test_the_prompt_trained_on_is_the_one_that_lm_eval_asks(tiny_model, corpus, name, template):
    suite = load_suite(str(corpus) if name == "corpus_heldout" else CHAT_TASKS.get(name, name))
    if not suite.covered:
        pytest.skip(f"{name}: its testbenches have not been made here (itertl-eval fetch {name})")
    tokenizer = tokenizer_of(tiny_model, template or "")
    encoder = Encoder(tokenizer, chat=template is not None)
    manager = TaskManager(
        include_path=str(shipped("tasks")),
        include_defaults=False,
        metadata={"corpus": str(corpus)},
    )
    task = manager.load([name])["tasks"][name]
    apply = None if template is None else partial(tokenizer.apply_chat_template, tokenize=False)
    task.build_all_requests(limit=2, apply_chat_template=template is not None, chat_template=apply)
    asked = {request.doc["task_id"]: request.arguments[0] for request in task.instances}
    assert len(asked) == 2
    prompts = {key: suite[key].prompt for key in asked}
    assert {key: encoder.prompt_text(prompt) for key, prompt in prompts.items()} == asked
    if template is not None:
        assert all(p.system.strip() in asked[key] for key, p in prompts.items())
        assert all(p.text in asked[key] for key, p in prompts.items())


def test_arguments_of_the_template_reach_it(tiny_model):
    tokenizer = tokenizer_of(tiny_model, TURNS + THINKS)
    assert Encoder(tokenizer, chat=True).prompt_text(PROMPT).endswith("<think>")
    quiet = Encoder(tokenizer, chat=True, template={"enable_thinking": False})
    assert not quiet.prompt_text(PROMPT).endswith("<think>")


def test_a_chat_model_is_taught_a_whole_module(tiny_suite):
    problem = Problem(
        "p", "s", "top", (Port("a", "input"), Port("y", "output")), PROMPT,
        reference=f"{PROMPT.header}\n  assign y = ~a;\nendmodule\n",
    )  # fmt: skip
    body = Instruction(problem, "\n  assign y = ~a;\nendmodule\n")
    whole = for_chat(body)
    assert whole.reference == problem.reference
    assert faults_of(whole) == faults_of(body) == []
    polite = replace(body, problem=replace(problem, prompt=replace(PROMPT, system="Be brief.")))
    assert for_chat(polite).reference == problem.reference
    assert [for_chat(i) for i in from_suite(load_suite(str(tiny_suite)))] == from_suite(
        load_suite(str(tiny_suite))
    )


@pytest.mark.data
def test_a_benchmark_that_asks_for_the_body_gets_the_body():
    for instruction in from_suite(load_suite("verilogeval_human"))[:1]:
        assert "Do not include module" in instruction.problem.prompt.system
        assert for_chat(instruction) == instruction


def test_a_tokenizer_that_loses_blanks_is_refused(base, tiny_model, tiny_suite):
    text = "  assign y = a;\n    // two  blanks\nendmodule\n"
    base.require_round_trip("x", text)
    base.require_round_trip("x", text, base.completion(PROMPT, text))
    damaged = checkpoints.load_tokenizer(str(tiny_model))
    decode = damaged.decode
    damaged.decode = lambda *args, **more: decode(*args, **more).replace(" ", "")
    encoder = Encoder(damaged)
    with pytest.raises(UsageError, match=r"damages the reference of s/p: 'assign y = a;"):
        encoder.require_round_trip("the reference of s/p", text, encoder.completion(PROMPT, text))
    # A run asks for each of its instructions, before anything is sampled.
    given = from_suite(load_suite(str(tiny_suite)))
    assert within_limits(given, base, SampleArguments(), Counter()) == given
    for instructions, what in ((given, "reference"), (hide_references(given, 0, 0), "prompt")):
        with pytest.raises(UsageError, match=f"damages the {what} of gates/and_gate"):
            within_limits(instructions, encoder, SampleArguments(), Counter())


def tied(tiny_model, folder, tie):
    shutil.copytree(tiny_model, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": tie}))
    return str(folder)


@pytest.mark.parametrize("target", ["lm_head", "embed_tokens"])
def test_an_adapter_on_tied_embeddings_is_refused(tiny_model, tmp_path, target):
    path = tied(tiny_model, tmp_path / "tied", True)
    arguments = TrainerArguments(lora_targets=["q_proj", target])
    for check in (
        lambda: checkpoints.load_trainable(path, path, arguments),
        lambda: checkpoints.require_trainable(path, arguments),
    ):
        with pytest.raises(UsageError, match="leave lm_head and embed_tokens out"):
            check()
    checkpoints.require_trainable(path, TrainerArguments())  # all-linear leaves them out
    untied = tied(tiny_model, tmp_path / "untied", False)
    checkpoints.require_trainable(untied, arguments)
    checkpoints.load_trainable(untied, untied, arguments)


def test_targets_that_match_nothing_are_refused_without_loading(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    (folder / "model.safetensors").unlink()  # no weights are read
    with pytest.raises(UsageError, match="lora_targets"):
        checkpoints.require_trainable(str(folder), TrainerArguments(lora_targets=["nowhere"]))
