"""Prompts and answers as token ids, the same way for sampling and for training."""

from __future__ import annotations

from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.problem import Prompt


class Encoder:
    """Turns prompts and answers into ids with one tokenizer.

    `chat` wraps the prompt in the tokenizer's chat template; otherwise a model continues the
    plain text.
    """

    def __init__(self, tokenizer: Any, *, chat: bool = False) -> None:
        self.tokenizer = tokenizer
        self.chat = chat
        if tokenizer.eos_token_id is None:
            raise UsageError("the tokenizer has no end-of-sequence token")
        if chat and not tokenizer.chat_template:
            raise UsageError("chat_template: the tokenizer has none; leave it out for a base model")

    @property
    def pad_id(self) -> int:
        # Only a filler: masks come from lengths, so it may equal a token that means something.
        pad = self.tokenizer.pad_token_id
        return pad if pad is not None else self.tokenizer.eos_token_id

    @property
    def eos_id(self) -> int:
        return self.tokenizer.eos_token_id

    def prompt_text(self, prompt: Prompt) -> str:
        """What is encoded for a prompt, the chat template included."""
        if not self.chat:
            return prompt.text
        messages = [{"role": "user", "content": f"{prompt.description}{prompt.header}"}]
        if prompt.system:
            messages.insert(0, {"role": "system", "content": prompt.system})
        return self.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )

    def prompt(self, prompt: Prompt) -> list[int]:
        return self._ids(self.prompt_text(prompt), special=not self.chat)

    def answer(self, prompt: Prompt, text: str) -> list[int]:
        """Ids of an answer behind its prompt, with the end-of-sequence token.

        Where prompt and answer together encode to the prompt's ids and more, those are taken;
        else (a token would straddle the border, which sampling can't produce) the answer's own.
        """
        before = self.prompt(prompt)
        both = self._ids(self.prompt_text(prompt) + text, special=not self.chat)
        joined = both[: len(before)] == before
        ids = both[len(before) :] if joined else self._ids(text, special=False)
        if ids and ids[-1] == self.eos_id:
            return ids
        return [*ids, self.eos_id]

    def text(self, ids: list[int]) -> str:
        return self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def _ids(self, text: str, *, special: bool) -> list[int]:
        ids = list(self.tokenizer(text, add_special_tokens=special)["input_ids"])
        # Some tokenizers close every text; a prompt must stay open.
        if (
            special
            and ids
            and ids[-1] == self.eos_id
            and not text.endswith(str(self.tokenizer.eos_token))
        ):
            ids.pop()
        return ids
