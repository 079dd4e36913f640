"""Chat models on every task: the prompt, the stop strings, the thoughts."""

from __future__ import annotations

import json
from functools import partial
from types import SimpleNamespace

import pytest
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager

from itertl_eval import load_suite
from itertl_eval._util.paths import shipped
from itertl_eval.errors import ItertlError
from itertl_eval.prompts import ChatTemplate, prompt_text
from tests.lm_eval_harness.run import chat, evaluate, numbers, reference_when
from tests.lm_eval_harness.stub_server import stub_server

pytestmark = [pytest.mark.lm_eval, pytest.mark.simulator]
TASKS = [
    pytest.param("rtl_core", id="rtl_core"),
    *(
        pytest.param(f"verilogeval_{name}", id=name, marks=pytest.mark.data)
        for name in ("human", "machine", "human_instruct", "spec_to_rtl", "code_complete")
    ),
]


def all_turns(messages, add_generation_prompt=True):
    return "".join(f"<{m['role']}>{m['content']}" for m in messages) + "<assistant>"


def no_system_turn(messages, add_generation_prompt=True):
    """Drop the system text, as lm-eval's hf back end does where the template refuses it."""
    return all_turns([message for message in messages if message["role"] != "system"])


def requests_of(name, template):
    manager = TaskManager(include_path=str(shipped("tasks")), include_defaults=False)
    task = manager.load([name])["tasks"][name]
    task.build_all_requests(
        limit=2, apply_chat_template=template is not None, chat_template=template
    )
    return [(task.suite[r.doc["task_id"]].prompt, *r.arguments) for r in task.instances]


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("template", [None, all_turns, no_system_turn])
def test_every_task_asks_what_training_asks(name, template):
    found = requests_of(name, template)
    assert len(found) == 2
    for prompt, sent, _ in found:
        assert sent == prompt_text(prompt, ChatTemplate(template) if template else None)
        assert prompt.text in sent
        if template is not None:
            assert prompt.system.strip() in sent


@pytest.mark.parametrize("name", TASKS)
def test_no_task_stops_a_chat_model_within_its_completion(name):
    for _, _, settings in requests_of(name, all_turns):
        assert settings["until"] == ["<|endoftext|>"]
    assert requests_of(name, None)[0][2]["until"] in (["endmodule"], ["[DONE]"])


@pytest.mark.data
def test_a_completion_task_under_a_chat_template_is_not_cut_at_a_draft():
    suite = load_suite("verilogeval_human")
    problem = suite[suite.covered[0]]
    draft = f"<think>First {problem.prompt.header}\nendmodule\nis wrong.</think>"

    with stub_server(lambda *_: f"{draft}\n```\n{problem.reference}\n```\n") as (url, requests):
        results = evaluate(
            ["verilogeval_human"],
            "local-chat-completions",
            chat(url),
            limit=1,
            apply_chat_template=True,
        )
    assert numbers(results, "verilogeval_human")["pass@1"] == 1.0
    assert [m["role"] for m in requests[0]["messages"]] == ["system", "user"]


THOUGHT = "<think>Maybe\n```\nmodule nothing(); endmodule\n```\nbut rather:</think>\n"


@pytest.mark.parametrize("model_args", [{}, {"think_end_token": "</think>"}])
def test_a_model_may_think_and_fence(model_args):
    """Neither the thoughts nor a bare fence before the code end the completion."""
    right = reference_when(lambda _: True)

    def complete(prompt, seed):
        return f"{THOUGHT}Here it is:\n```\n{right(prompt, seed)}\n```\nDone."

    with stub_server(complete) as (url, _):
        results = evaluate(
            ["rtl_core"],
            "local-chat-completions",
            chat(url, **model_args),
            limit=2,
            apply_chat_template=True,
        )
    assert numbers(results)["pass@1"] == 1.0


@pytest.mark.data
def test_a_chat_model_may_repeat_what_the_prompt_asks_for():
    """v2 asks for code between [BEGIN] and [DONE]; thoughts may contain these words."""
    right = load_suite("verilogeval_spec_to_rtl")["Prob001_zero"].reference
    thought = "<think>The code goes between [BEGIN] and [DONE].</think>\n"

    with stub_server(lambda *_: f"{thought}[BEGIN]\n{right}\n[DONE]\n") as (url, requests):
        results = evaluate(
            ["verilogeval_spec_to_rtl"],
            "local-chat-completions",
            chat(url),
            limit=1,
            apply_chat_template=True,
        )
    assert numbers(results, "verilogeval_spec_to_rtl")["pass@1"] == 1.0
    assert requests[0]["stop"] == ["<|endoftext|>"]


def test_a_system_instruction_of_the_user_precedes_the_prompt():
    with stub_server(reference_when(lambda _: True)) as (url, requests):
        evaluate(
            ["rtl_core"],
            "local-chat-completions",
            chat(url),
            limit=1,
            apply_chat_template=True,
            system_instruction="Be brief.",
        )
    system, _ = requests[0]["messages"]
    assert system == {"role": "system", "content": "Be brief."}


def test_half_a_character_in_a_completion_loses_no_sample(tmp_path):
    """A server's JSON may hold a lone surrogate, which UTF-8 can't."""
    with stub_server(lambda *_: "module \ud83d x; \ud83d\ude00 endmodule") as (url, _):
        results = evaluate(
            ["rtl_core"], "local-chat-completions", chat(url), limit=3, apply_chat_template=True
        )
    tracker = EvaluationTracker(output_path=str(tmp_path))
    tracker.save_results_aggregated(results=results, samples=results["samples"])
    tracker.save_results_samples("rtl_core", results["samples"]["rtl_core"])
    (file,) = tmp_path.rglob("samples_*.jsonl")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [row["resps"] for row in rows] == [[["module \ufffd x; \U0001f600 endmodule"]]] * 3


REFUSES = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system role') }}"
    "{% endif %}<{{ m.role }}>{{ m.content | trim }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
TAKES = REFUSES.replace("m.role == 'system'", "false")


@pytest.mark.train
@pytest.mark.parametrize("jinja", [None, TAKES, REFUSES], ids=["base", "system", "no_system"])
def test_lm_eval_and_training_send_the_same_string(tiny_model, jinja):
    """On every suite, through the code of lm-eval's hf back end."""
    from lm_eval.models.huggingface import HFLM
    from transformers import AutoTokenizer

    from itertl_eval.train.models import Encoder

    tokenizer = AutoTokenizer.from_pretrained(str(tiny_model))
    tokenizer.chat_template = jinja
    template = None
    if jinja is not None:
        model = SimpleNamespace(tokenizer=tokenizer, chat_template_args={})
        template = partial(HFLM.apply_chat_template, model)
    encoder = Encoder(tokenizer, chat=jinja is not None)
    names = [param.values[0] for param in TASKS if not param.marks or published_data()]
    for name in names:
        for prompt, sent, _ in requests_of(name, template):
            assert encoder.prompt_text(prompt) == sent


def published_data() -> bool:
    try:
        return bool(load_suite("verilogeval_human"))
    except ItertlError:
        return False
