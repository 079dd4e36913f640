"""Encode prompts and completions as token ids, in the same way for sampling and training."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.problem import Prompt
from itertl_eval.prompts import ChatTemplate, prompt_text
from itertl_eval.train.models import checkpoints

_PROBE = "endmodule"
"""A completion that no chat template changes."""


class Encoder:
    """Encodes prompts and completions with one tokenizer.

    Args:
        tokenizer: A transformers tokenizer.
        chat: Wrap prompts in the tokenizer's chat template. Otherwise a model continues the plain
            text.
        template: Arguments of the chat template, such as `enable_thinking`.
        stops: Ids at which the model's `generation_config` ends a generation.

    Raises:
        UsageError: The tokenizer has no end-of-sequence token, or no chat template with `chat`.
    """

    def __init__(
        self,
        tokenizer: Any,
        *,
        chat: bool = False,
        template: Mapping[str, Any] | None = None,
        stops: Collection[int] = (),
    ) -> None:
        self.tokenizer = tokenizer
        self.chat = chat
        self._texts: dict[Prompt, str] = {}
        self._prompts: dict[Prompt, list[int]] = {}
        if tokenizer.eos_token_id is None:
            raise UsageError("the tokenizer has no end-of-sequence token")
        if chat and not tokenizer.chat_template:
            raise UsageError(
                "chat_template: the tokenizer has no chat template; omit the field for a base model"
            )
        self._apply = partial(tokenizer.apply_chat_template, tokenize=False, **(template or {}))
        self._template = (
            ChatTemplate(partial(self._apply, add_generation_prompt=True)) if chat else None
        )
        self.end_id = self._end_of_turn(stops) if chat else self.eos_id
        """Id that ends a completion: the chat template's end of turn, or end of sequence."""
        self.stop_ids = frozenset({*stops, self.eos_id, self.end_id})
        """All ids at which sampling ends a completion."""

    @classmethod
    def load(
        cls,
        path: str,
        revision: str | None = None,
        *,
        chat: bool = False,
        template: Mapping[str, Any] | None = None,
    ) -> Encoder:
        """Return the encoder of a model folder or hub name."""
        tokenizer = checkpoints.load_tokenizer(path, revision)
        stops = checkpoints.stop_ids(path, revision)
        return cls(tokenizer, chat=chat, template=template, stops=stops)

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
        """Return the text that is encoded for a prompt, the same as lm-eval's."""
        if prompt not in self._texts:
            self._texts[prompt] = prompt_text(prompt, self._template)
        return self._texts[prompt]

    def prompt(self, prompt: Prompt) -> list[int]:
        """Return the ids of a prompt. Every phase of a run asks for them again."""
        if prompt not in self._prompts:
            self._prompts[prompt] = self._ids(self.prompt_text(prompt), special=not self.chat)
        return self._prompts[prompt]

    def completion(self, prompt: Prompt, text: str, *, ended: bool = True) -> list[int]:
        """Return the ids of a completion of `prompt`.

        If prompt and completion together encode to the prompt's ids and more, those are used.
        Otherwise a token would straddle the border, which sampling cannot produce, and the
        completion is encoded alone.

        Args:
            prompt: The prompt before it.
            text: The completion, without an end.
            ended: Append `end_id`. False for a completion that was cut off.
        """
        before = self.prompt(prompt)
        both = self._ids(self.prompt_text(prompt) + text, special=not self.chat)
        joined = both[: len(before)] == before
        ids = both[len(before) :] if joined else self._ids(text, special=False)
        if not ended or (ids and ids[-1] in self.stop_ids):
            return ids
        return [*ids, self.end_id]

    def text(self, ids: Sequence[int]) -> str:
        """Return the text of ids, without special tokens."""
        text: str = self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def require_round_trip(self, name: str, text: str, ids: Sequence[int] | None = None) -> None:
        """Check that a text survives encoding and decoding, apart from blanks at its start.

        Args:
            name: What the text is, for the message.
            text: The text.
            ids: Its ids, if they are known.

        Raises:
            UsageError: The ids decode to another text, with the first difference.
        """
        ids = self._ids(text, special=False) if ids is None else ids
        found = self.text(ids[:-1] if ids and ids[-1] in self.stop_ids else ids)
        # Some tokenizers add or drop one blank where a text starts.
        text, found = text.lstrip(), found.lstrip()
        if found != text:
            raise UsageError(_difference(name, text, found))

    def _end_of_turn(self, stops: Collection[int]) -> int:
        """Return the id with which the chat template ends a completion."""
        turns = [{"role": "user", "content": "x"}, {"role": "assistant", "content": _PROBE}]
        text: str = self._apply(turns, add_generation_prompt=False)
        after = self._ids(text.rpartition(_PROBE)[2], special=False)
        added = self.tokenizer.added_tokens_decoder.items()
        ends = {*stops, self.eos_id, *(token for token, facts in added if facts.special)}
        return next((token for token in after if token in ends), self.eos_id)

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


def _difference(name: str, text: str, found: str) -> str:
    """Return a message about a text that the tokenizer changes."""
    pairs = zip(text, found, strict=False)
    at = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(text), len(found)))
    place = slice(max(0, at - 10), at + 20)
    return (
        f"the tokenizer damages {name}: {text[place]!r} becomes {found[place]!r}. Training would "
        "teach damaged designs. Use a release of transformers that reads this tokenizer right, or "
        "repair its files (tokenizer_class in tokenizer_config.json)."
    )
