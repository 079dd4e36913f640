"""What the model's back end does to prompts and completions is found out and reported."""

from __future__ import annotations

import json

import pytest

from itertl_eval import load_suite
from itertl_eval.lm_eval._back_end import BackEnd, model_of
from tests.lm_eval_harness.run import api, chat, completions, evaluate, numbers, warnings
from tests.lm_eval_harness.stub_server import stub_server

pytestmark = [pytest.mark.lm_eval, pytest.mark.simulator]


@pytest.fixture(scope="module")
def reference():
    return next(iter(load_suite("rtl_core").values())).reference


@pytest.mark.train
@pytest.mark.parametrize(("limit", "emptied"), [(1200, False), (8192, True)])
def test_warns_of_prompts_that_the_back_end_cuts(tiny_model, limit, emptied):
    """lm-eval keeps max_length - max_gen_toks tokens of a prompt, or none where that is < 0."""
    server_args = {"tokenizer": str(tiny_model), "tokenizer_backend": "huggingface"}
    with stub_server(lambda *_: "module m; endmodule") as (url, requests):
        results = evaluate(
            ["rtl_core"],
            "local-completions",
            api(url, **server_args),
            limit=3,
            gen_kwargs=f"max_gen_toks={limit}",
        )
    sent = [len(ids) for request in requests for ids in request["prompt"]]
    assert sent
    said = [warning for warning in warnings(results) if "the back end cuts" in warning]
    if emptied:
        assert max(sent) == 0
        assert said[0].startswith("the back end cuts 3 of 3 prompts: 0 of ")
    else:
        assert max(sent) == 2047 - limit
        assert f"prompts: {max(sent)} of " in said[0]
    assert len(said) == 1


@pytest.mark.train
def test_prompts_that_fit_are_not_mentioned(tiny_model):
    server_args = {"tokenizer": str(tiny_model), "tokenizer_backend": "huggingface"}
    with stub_server(lambda *_: "module m; endmodule") as (url, _):
        results = evaluate(
            ["rtl_core"],
            "local-completions",
            api(url, max_length=20_000, **server_args),
            limit=3,
            gen_kwargs="max_gen_toks=100",
        )
    assert warnings(results) == []


@pytest.mark.parametrize("reason", ["length", "stop"])
@pytest.mark.parametrize("chats", [False, True])
def test_the_reason_why_a_server_ended_a_completion(reference, reason, chats):
    """Cut after a closed draft: no text shows that, and it passes."""
    text = f"```\n{reference}\n```\nWait."
    with stub_server(lambda *_: text, reason=reason) as (url, _):
        results = evaluate(
            ["rtl_core"],
            "local-chat-completions" if chats else "local-completions",
            chat(url) if chats else api(url, num_concurrent=2),
            limit=1,
            apply_chat_template=chats,
        )
    assert numbers(results)["pass@1"] == 1.0
    expected = [
        "1 of 1 completions end in the middle, and 1 of these pass: raise the length limit with "
        "--gen_kwargs max_gen_toks=N (now 2048)"
    ]
    assert warnings(results) == (expected if reason == "length" else [])


def test_a_completion_inside_its_thoughts_is_counted_and_named(reference):
    text = f"<think>```\n{reference}\n```\nHmm, is k"
    with stub_server(lambda *_: text) as (url, _):
        results = evaluate(["rtl_core"], "local-completions", api(url), limit=1)
    assert warnings(results) == [
        "1 of 1 completions end in the middle, 1 of them inside their thoughts, and 0 of these "
        "pass: raise the length limit with --gen_kwargs max_gen_toks=N (now 2048)"
    ]
    verdict = json.loads(results["samples"]["rtl_core"][0]["filtered_resps"][0][0])
    assert verdict["stage"] == "extract"
    assert verdict["message"].startswith("the completion ends inside its thoughts: <think>")


def test_warns_of_a_broken_detokenizer(reference):
    with stub_server(lambda *_: reference.replace(" ", "\u0120")) as (url, _):
        results = evaluate(["rtl_core"], "local-completions", api(url), limit=1)
    assert warnings(results) == [
        "1 of 1 completions have \u0120 in place of blanks: the back end's detokenizer is broken, "
        "and these scores are not the model's"
    ]


class Model:
    """Tokenizer and template of a model whose prompts open its thoughts."""

    def __init__(self, special=(), lossy=False, **attributes):
        self.tokenizer = self
        self.all_special_tokens = ["</s>", *special]
        self.lossy = lossy
        vars(self).update(attributes)

    def tok_encode(self, text):
        return [ord(c) for c in text if not (self.lossy and c == " ")]

    def tok_decode(self, ids, skip_special_tokens=True):
        return "".join(map(chr, ids))

    def apply_chat_template(self, messages, add_generation_prompt=True):
        return f"{messages[-1]['content']}<|assistant|><think>\n"


def test_thoughts_that_the_prompt_opened():
    prompt = Model().apply_chat_template([{"role": "user", "content": "x"}])
    assert BackEnd(Model()).opened_thoughts(prompt) == "<think>"
    assert BackEnd(Model()).opened_thoughts(prompt + "\n</think>\n") == ""
    # lm-eval removes the thoughts itself, or the decoder their end: nothing can be told then.
    assert BackEnd(Model(think_end_token="</think>")).opened_thoughts(prompt) == ""
    assert BackEnd(Model(special=["</think>"])).opened_thoughts(prompt) == ""
    assert BackEnd(None).opened_thoughts(["messages"]) == ""


def test_warns_of_marks_that_the_decoder_removes():
    (remark,) = BackEnd(Model(special=["[/THINK]"])).remarks(["x"], 10)
    assert remark.startswith("the back end removes [/THINK] from completions")
    assert BackEnd(Model(special=["[/THINK]"], think_end_token=7)).remarks(["x"], 10) == []
    assert BackEnd(Model()).remarks(["x"], 10) == []


def test_warns_of_a_tokenizer_that_loses_blanks():
    (remark,) = BackEnd(Model(lossy=True)).remarks(["x"], 10)
    assert remark.startswith("the tokenizer does not give back what it is given")


def test_the_model_is_found_with_and_without_a_template():
    from lm_eval.models.dummy import DummyLM

    model = Model()
    assert model_of(model.apply_chat_template) is model
    assert model_of(None) is None
    lm = DummyLM()
    assert model_of(None) is lm


@pytest.mark.train
def test_a_thought_that_the_prompt_opened_must_be_closed(tiny_model, reference, monkeypatch):
    """The template of many models ends in <think>, which their completions then lack."""
    from lm_eval.models.huggingface import HFLM

    texts = [f"I try\n```\n{reference}\n```\nHmm", f"Easy.\n</think>\n```\n{reference}\n```"]
    monkeypatch.setattr(HFLM, "generate_until", lambda *_, **__: texts)
    monkeypatch.setattr(HFLM, "apply_chat_template", Model.apply_chat_template)
    results = evaluate(
        ["rtl_core"],
        "hf",
        {"pretrained": str(tiny_model)},
        limit=1,
        device="cpu",
        metadata={"n_samples": 2},
        gen_kwargs="temperature=0.8,max_gen_toks=9999",
        apply_chat_template=True,
    )
    assert completions(results) == [texts]
    (sample,) = results["samples"]["rtl_core"]
    verdicts = [json.loads(text) for texts in sample["filtered_resps"] for text in texts]
    assert [verdict["stage"] for verdict in verdicts] == ["extract", "pass"]
    assert any("1 of them inside their thoughts, and 0" in w for w in warnings(results))
