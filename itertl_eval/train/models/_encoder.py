"""Encode prompts and completions as token ids, in the same way for sampling and training."""

from __future__ import annotations

from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.problem import Prompt


class Encoder:
    """Encodes prompts and completions with one tokenizer.

    `chat` wraps prompts in the tokenizer's chat template; otherwise a model continues the plain
    text.
    """

    def __init__(self, tokenizer: Any, *, chat: bool = False) -> None:
        self.tokenizer = tokenizer
        self.chat = chat
        if tokenizer.eos_token_id is None:
            raise UsageError("the tokenizer has no end-of-sequence token")
        if chat and not tokenizer.chat_template:
            raise UsageError(
                "chat_template: the tokenizer has no chat template; omit the field for a base model"
            )

    @property
    def pad_id(self) -> int:
        """Id that fills rows. Masks come from lengths, so it may equal a meaningful token."""
        pad = self.tokenizer.pad_token_id
        return int(pad if pad is not None else self.tokenizer.eos_token_id)

    @property
    def eos_id(self) -> int:
        """Id of the tokenizer's end-of-sequence token."""
        return int(self.tokenizer.eos_token_id)

    def prompt_text(self, prompt: Prompt) -> str:
        """Return the text that is encoded for a prompt, including the chat template."""
        if not self.chat:
            return prompt.text
        messages = [{"role": "user", "content": f"{prompt.description}{prompt.header}"}]
        if prompt.system:
            messages.insert(0, {"role": "system", "content": prompt.system})
        text: str = self.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        return text

    def prompt(self, prompt: Prompt) -> list[int]:
        """Return the ids of a prompt."""
        return self._ids(self.prompt_text(prompt), special=not self.chat)

    def answer(self, prompt: Prompt, text: str) -> list[int]:
        """Return the ids of a completion of `prompt`, with the end-of-sequence token.

        If prompt and completion together encode to the prompt's ids and more, those are used.
        Otherwise a token would straddle the border, which sampling cannot produce, and the
        completion is encoded alone.
        """
        before = self.prompt(prompt)
        both = self._ids(self.prompt_text(prompt) + text, special=not self.chat)
        joined = both[: len(before)] == before
        ids = both[len(before) :] if joined else self._ids(text, special=False)
        if ids and ids[-1] == self.eos_id:
            return ids
        return [*ids, self.eos_id]

    def text(self, ids: list[int]) -> str:
        """Return the text of ids, without special tokens."""
        text: str = self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def _ids(self, text: str, *, special: bool) -> list[int]:
        ids = list(self.tokenizer(text, add_special_tokens=special)["input_ids"])
        # Some tokenizers append an end token to every text; a prompt must stay open.
        if (
            special
            and ids
            and ids[-1] == self.eos_id
            and not text.endswith(str(self.tokenizer.eos_token))
        ):
            ids.pop()
        return ids
