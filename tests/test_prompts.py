"""One function makes the prompt, for base and for chat models."""

from __future__ import annotations

import json

import pytest
from jinja2 import Environment, TemplateError

from itertl_eval import Prompt
from itertl_eval.prompts import ChatTemplate, prompt_text

HEADER = Prompt("// Invert.\n", "module m(input a);\n", "Only Verilog.\n", "// Hint\n", "")
SPECIFICATION = Prompt("Invert a.\n", "", "Only Verilog.\n", "Question:\n", "Answer:\n")


def rendered(text):
    """A template as transformers renders it."""
    environment = Environment()

    def refuse(message):
        raise TemplateError(message)

    template = environment.from_string(text)
    return lambda messages: template.render(messages=messages, raise_exception=refuse)


ALL_TURNS = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}[assistant]"
REFUSES = (
    "{% for m in messages %}{% if m.role == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "[{{ m.role }}]{{ m.content }}{% endfor %}[assistant]"
)
DROPS = (
    "{% for m in messages %}{% if m.role == 'user' %}[user]{{ m.content }}{% endif %}"
    "{% endfor %}[assistant]"
)


def test_a_base_model_is_given_plain_text():
    assert prompt_text(HEADER) == "// Hint\n// Invert.\nmodule m(input a);\n"
    assert prompt_text(SPECIFICATION) == "Only Verilog.\nQuestion:\nInvert a.\nAnswer:\n"


@pytest.mark.parametrize("prompt", [HEADER, SPECIFICATION])
def test_a_chat_model_is_given_the_whole_prompt(prompt):
    template = ChatTemplate(rendered(ALL_TURNS))
    assert prompt_text(prompt, template) == f"[system]Only Verilog.[user]{prompt.text}[assistant]"


@pytest.mark.parametrize("text", [REFUSES, DROPS], ids=["refuses", "drops"])
def test_the_system_text_joins_the_user_turn_where_there_is_no_system_turn(text):
    template = ChatTemplate(rendered(text))
    assert not template.has_system_turn
    assert prompt_text(HEADER, template) == f"[user]Only Verilog.\n\n{HEADER.text}[assistant]"


def test_no_system_turn_without_a_system_text():
    assert ChatTemplate(rendered(ALL_TURNS)).messages(Prompt("x")) == [
        {"role": "user", "content": "x"}
    ]


def test_a_renderer_may_return_messages_for_a_server():
    template = ChatTemplate(lambda messages: [json.dumps(messages)])
    assert template.has_system_turn
    (sent,) = prompt_text(HEADER, template)
    assert [message["role"] for message in json.loads(sent)] == ["system", "user"]
