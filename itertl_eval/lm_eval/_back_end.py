"""The model behind a task: what its back end does to prompts, and why completions ended.

lm-eval hands a task the text of a completion only. The model itself knows more: its tokenizer, its
context length and, for a server, the reason why each completion ended.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lm_eval.api.model import LM

from itertl_eval.grader import closes_thoughts, opening_mark
from itertl_eval.lm_eval._responses import completion_text

LENGTH_REASONS = ("length", "max_tokens", "model_length")
_SAMPLE = "module m (\n  input a,\n\toutput y\n);\n  assign y = ~a;\nendmodule\n"


class BackEnd:
    """A model of lm-eval, or None where there is no way to it: then nothing is known."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._reasons: dict[str, str] = {}
        if hasattr(model, "parse_generations"):
            self._record_reasons()

    def reason(self, text: str) -> str:
        """Return why the back end ended a completion, "" if it didn't say."""
        return self._reasons.get(text, "")

    def tokens(self, text: Any) -> list[int] | None:
        """Return the token ids of a text, None if there is no tokenizer."""
        if not isinstance(text, str) or getattr(self.model, "tokenized_requests", True) is False:
            return None
        try:
            ids = self.model.tok_encode(text)
        except Exception:  # a back end without tokenizer raises whatever it likes
            return None
        return list(ids) if all(isinstance(token, int) for token in ids) else None

    @property
    def strips_thoughts(self) -> bool:
        """Whether lm-eval cuts off everything before the end of thoughts."""
        return getattr(self.model, "think_end_token", None) is not None

    def opened_thoughts(self, prompt: Any) -> str:
        """Return the mark with which a prompt opens thoughts that the completion must close.

        "" if it opens none, or if the completion can't show that it closed them.
        """
        if not isinstance(prompt, str) or self.strips_thoughts or self._special_marks():
            return ""
        return opening_mark(prompt)

    def remarks(self, prompts: Sequence[Any], limit: int | None) -> list[str]:
        """Return what will go wrong, as far as it can be known before generation."""
        return [
            *self._cut_prompts(prompts, limit),
            *self._lossy_tokenizer(),
            *self._removed_marks(),
        ]

    def _cut_prompts(self, prompts: Sequence[Any], limit: int | None) -> list[str]:
        length = getattr(self.model, "max_length", None)
        if not isinstance(length, int) or limit is None:
            return []
        encoded = [ids for prompt in prompts if (ids := self.tokens(prompt)) is not None]
        room = length - limit
        cut = [ids for ids in encoded if len(ids) > room]
        if not cut:
            return []
        longest = max(cut, key=len)
        left = len(longest[-room:])  # as lm-eval computes it: a negative room cuts the front
        return [
            f"the back end cuts {len(cut)} of {len(encoded)} prompts: {left} of {len(longest)} "
            f"tokens are left of the longest, because its context of {length} tokens must also "
            f"hold max_gen_toks={limit}; set --model_args max_length=N (the model's own context) "
            "or a smaller --gen_kwargs max_gen_toks"
        ]

    def _lossy_tokenizer(self) -> list[str]:
        decode = getattr(self.model, "tok_decode", None)
        ids = self.tokens(_SAMPLE)
        if decode is None or not ids:
            return []
        try:
            text = str(decode(ids))
        except Exception:
            return []
        if text.split() == _SAMPLE.split():
            return []
        return [
            "the tokenizer does not give back what it is given (for example blanks are lost), so "
            "prompts and completions are damaged: use the tokenizer files of the model's authors, "
            "or another version of transformers"
        ]

    def _removed_marks(self) -> list[str]:
        """Marks of thoughts that are special tokens don't survive hf's decoding."""
        decode = getattr(self.model, "tok_decode", None)
        removes = decode is not None and (
            "skip_special_tokens" in inspect.signature(decode).parameters
        )
        marks = self._special_marks()
        if not removes or not marks or self.strips_thoughts:
            return []
        return [
            f"the back end removes {marks[0]} from completions, so thoughts can't be told from the "
            f"answer: set --model_args think_end_token={marks[0]} (hf needs the token's number)"
        ]

    def _special_marks(self) -> list[str]:
        """Return the special tokens that close thoughts; decoders may remove them."""
        if not hasattr(type(self.model), "tok_encode"):
            return []  # its tokenizer, if any, is a download of lm-eval's dummy model
        tokens = getattr(getattr(self.model, "tokenizer", None), "all_special_tokens", None)
        return [t for t in tokens if closes_thoughts(t)] if isinstance(tokens, list) else []

    def _record_reasons(self) -> None:
        """Note the finish_reason of each completion of a server, which lm-eval drops."""
        if not hasattr(self.model, "itertl_eval_reasons"):
            parse: Callable[..., list[Any]] = self.model.parse_generations
            reasons: dict[str, str] = {}

            def parse_and_record(outputs: Any, **kwargs: Any) -> list[Any]:
                texts = parse(outputs=outputs, **kwargs)
                found = _reasons_of(outputs if isinstance(outputs, list) else [outputs])
                if len(found) == len(texts):
                    reasons.update(zip(map(completion_text, texts), found, strict=True))
                return texts

            self.model.parse_generations = parse_and_record
            self.model.itertl_eval_reasons = reasons
        self._reasons = self.model.itertl_eval_reasons


def model_of(chat_template: Callable[..., Any] | None) -> Any:
    """Return the model that a task is evaluated with, None if it can't be found.

    lm-eval passes a task the model's chat template method at most. Without one the model is a
    local variable of its evaluator, which is calling.
    """
    model = getattr(chat_template, "__self__", None)
    frame = sys._getframe().f_back
    while model is None and frame is not None:
        found = frame.f_locals.get("lm")
        found = getattr(found, "lm", found)  # --use_cache wraps the model
        model = found if isinstance(found, LM) else None
        frame = frame.f_back
    return model


def _reasons_of(outputs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the reasons in a server's answers, in the order of lm-eval's parse_generations."""
    found: list[str] = []
    for output in outputs:
        if "content" in output:  # Anthropic
            found += [str(output.get("stop_reason") or "") for _ in output["content"]]
            continue
        choices = sorted(output.get("choices", []), key=lambda choice: choice.get("index", 0))
        found += [str(choice.get("finish_reason") or "") for choice in choices]
    return found
