"""Turn a Prompt into the string that a model is given, the same for lm-eval and for training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import TemplateError

from itertl_eval.problem import Prompt

_MARK = "itertl-system-text"


class ChatTemplate:
    """A chat template, with the system text in the user's turn where there is no system turn.

    Some templates refuse a system message and others drop it. Which of them this one does is
    found out by rendering a system text that is easily recognized.

    Args:
        render: Turns messages (`{"role": ..., "content": ...}`) into the text that opens the
            model's turn. It may return anything else that its caller passes on to the model.
    """

    def __init__(self, render: Callable[[list[dict[str, str]]], Any]) -> None:
        self._render = render
        self.has_system_turn = self._renders_system()

    def __call__(self, prompt: Prompt) -> Any:
        return self._render(self.messages(prompt))

    def messages(self, prompt: Prompt) -> list[dict[str, str]]:
        """Return the turns before the model's own."""
        system, user = prompt.system.strip(), prompt.text
        if not system:
            return [_message("user", user)]
        if not self.has_system_turn:
            return [_message("user", f"{system}\n\n{user}")]
        return [_message("system", system), _message("user", user)]

    def _renders_system(self) -> bool:
        try:
            return _MARK in str(self._render([_message("system", _MARK), _message("user", "x")]))
        except TemplateError:
            return False


def prompt_text(prompt: Prompt, template: ChatTemplate | None = None) -> Any:
    """Return what a model is given for a prompt.

    Args:
        prompt: The parts of the prompt.
        template: The model's chat template; None for a base model, which continues plain text.

    Returns:
        A string, or what the template's `render` returns. Without a template the system text
        precedes a specification, which is prose too. It is left out where the prompt ends in a
        module header: such a prompt is a piece of Verilog.
    """
    if template is not None:
        return template(prompt)
    system = prompt.system.strip()
    return f"{system}\n{prompt.text}" if system and not prompt.header else prompt.text


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
