"""Signs of a bad run in its completions, for the log, the results and the report."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from itertl_eval.grader import detokenizer_fault, unclosed_mark
from itertl_eval.lm_eval._back_end import LENGTH_REASONS, BackEnd
from itertl_eval.lm_eval._sampling import Sampling
from itertl_eval.problem import Prompt
from itertl_eval.prompts import ChatTemplate

EMPTY_SHARE = 0.05
"""The share of empty completions that makes a run suspicious."""
_COMMENT = re.compile(r"//[^\n]*+(?:\n|(?P<last>\Z))|/\*(?:.*?\*/|(?P<open>.*\Z))", re.DOTALL)
_MODULE = re.compile(r"^[ \t]*+module\b|\b(end)module\b", re.MULTILINE)
# These look at the end of a text without the blanks after it.
_LAST_WORD = re.compile(r"(?:;|\bend[a-z]*|^[ \t]*+`[^\n]*+)\Z", re.MULTILINE)
_FINISHED = re.compile(r"(?:[.!?:)\]>`\"*_]|\bendmodule(?:\s{0,9}:\s{0,9}\w+)?)\Z")


def template_remarks(prompt: Prompt, template: ChatTemplate | None, chat: bool) -> list[str]:
    """Return a warning if the chat template, or the lack of one, does not suit a task.

    Args:
        prompt: One of the task's prompts.
        template: The model's chat template, if it is applied.
        chat: Whether the task is for chat models.
    """
    if template is None:
        if chat and prompt.header:
            return ["this task is for chat models: add --apply_chat_template"]
    elif prompt.system.strip() and not template.has_system_turn:
        return ["the chat template has no system turn: the system text begins the user's turn"]
    return []


@dataclass(frozen=True)
class Run:
    """The completions of one rank.

    Attributes:
        texts: The completions as the back end returned them.
        problems: The problem of each text.
        opened: For each text the mark with which its prompt opened the thoughts, or "".
        sampling: How they were sampled.
        back_end: The model.
    """

    texts: Sequence[str]
    problems: Sequence[str]
    opened: Sequence[str]
    sampling: Sampling
    back_end: BackEnd

    def remarks(self) -> list[str]:
        """Return what is suspicious about the texts, except cuts."""
        if not self.texts:  # a rank without documents
            return []
        total = len(self.texts)
        empty = sum(not text.strip() for text in self.texts)
        if empty == total:
            return [
                f"all {total} completions are empty: is the model's chat template missing "
                "(--apply_chat_template), or did a stop string or a length limit end each of them?"
            ]
        found = []
        if empty >= EMPTY_SHARE * total:
            found.append(
                f"{empty} of {total} completions are empty ({empty / total:.0%}): did requests "
                "fail, or did thinking use up max_gen_toks?"
            )
        if self.sampling.temperature and all_equal(self.texts, self.problems):
            found.append(
                "all samples of each problem are equal although the temperature is "
                f"{self.sampling.temperature}: the back end seems to ignore it or to send a "
                "constant seed, so pass@k equals pass@1"
            )
        faults = Counter(fault for text in self.texts if (fault := detokenizer_fault(text)))
        for fault, count in faults.items():
            found.append(
                f"{count} of {total} completions have {fault}: the back end's detokenizer is "
                "broken, and these scores are not the model's"
            )
        return found

    def cuts(self) -> tuple[list[bool], list[bool]]:
        """Tell which texts end in the middle, and which of these end inside thoughts."""
        thinking = [
            bool(text.strip() and unclosed_mark(mark + text))
            for mark, text in zip(self.opened, self.texts, strict=True)
        ]
        cut = [self._is_cut(text) for text in self.texts]
        return [a or b for a, b in zip(cut, thinking, strict=True)], thinking

    def cut_remark(self, passed: Sequence[bool] | None) -> list[str]:
        """Return a remark on completions that were cut.

        Args:
            passed: Which samples passed, None if they were not graded.
        """
        cut, thinking = self.cuts()
        count = sum(cut)
        if not count:
            return []
        inside = f", {sum(thinking)} of them inside their thoughts" if any(thinking) else ""
        result = ""
        if passed is not None:
            result = f", and {sum(p and c for p, c in zip(passed, cut, strict=True))} of these pass"
        now = "" if self.sampling.limit is None else f" (now {self.sampling.limit})"
        return [
            f"{count} of {len(cut)} completions end in the middle{inside}{result}: raise the "
            f"length limit with --gen_kwargs max_gen_toks=N{now}"
        ]

    def _is_cut(self, text: str) -> bool:
        """Tell whether the length limit ended a text, by the best evidence there is.

        The back end's word; else the number of tokens, which may differ a little when a text is
        encoded again; else the length, since a token has at least one byte, and two or more on
        average, and the look of its end.
        """
        if reason := self.back_end.reason(text):
            return reason in LENGTH_REASONS
        limit = self.sampling.limit
        if limit is None or not text.strip():
            return False
        whole = "endmodule" not in self.sampling.stops
        size = len(text.encode())
        if size < limit:
            return False
        ids = self.back_end.tokens(text)
        if ids is not None:
            return len(ids) >= limit or (len(ids) > 0.95 * limit and not finished(text, whole))
        return unfinished(text, whole) or (size >= 2 * limit and not finished(text, whole))


def all_equal(texts: Sequence[str], problems: Sequence[str]) -> bool:
    """Tell whether all problems with several samples have the same one throughout.

    False if no problem has several samples.
    """
    samples = defaultdict[str, list[str]](list)
    for problem, text in zip(problems, texts, strict=True):
        samples[problem].append(text)
    several = [texts for texts in samples.values() if len(texts) > 1]
    return bool(several) and all(len(set(texts)) == 1 for texts in several)


def unfinished(text: str, whole: bool) -> bool:
    """Tell whether a text surely ends in the middle of a design.

    Args:
        text: A completion.
        whole: Whether it should hold complete modules instead of the body of one.
    """
    if whole:
        *_, last = [None, *_MODULE.finditer(text)]
        return last is None or last[1] is None
    code = _COMMENT.sub(_shortened, text)
    return not _LAST_WORD.search(code.rstrip())


def _shortened(comment: re.Match[str]) -> str:
    """Return what is left of a comment: nothing but a line's end, unless the text ends in it."""
    if comment["open"] is not None:
        return "/*"
    return "\n" if comment["last"] is None else comment[0]


def finished(text: str, whole: bool) -> bool:
    """Tell whether a text ends as a complete one does: with a design, a fence or a sentence."""
    if unfinished(text, whole):
        return False
    return not whole or _FINISHED.search(text.rstrip()) is not None
