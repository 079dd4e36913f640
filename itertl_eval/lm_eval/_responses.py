"""Completions before they are graded: read lm-eval's responses, and flag signs of a bad run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

EMPTY_SHARE = 0.05
"""The share of empty completions that makes a run suspicious."""
_COMMENT = re.compile(r"//[^\n]*\n|/\*.*?\*/", re.DOTALL)
_LAST_WORD = re.compile(r"(?:;|\bend[a-z]*|^[ \t]*`[^\n]*)\s*\Z", re.MULTILINE)
_MODULE = re.compile(r"^[ \t]*(end)?module\b", re.MULTILINE)


def completion_text(response: object) -> str:
    """Return a response as text that can be written as UTF-8.

    Some back ends give None for a request that failed. Half a character (a lone surrogate, which
    JSON can hold) would stop lm-eval's writer in the middle of its file.
    """
    text = "" if response is None else str(response)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def put_back(text: str, stops: Sequence[str]) -> str:
    """Return the completion with the end that lm-eval cut off as a stop string."""
    if "endmodule" in stops and "endmodule" not in text:
        return f"{text}\nendmodule\n"
    if "[DONE]" in stops and "[BEGIN]" in text:  # v2's rules find no code without both marks
        return f"{text}\n[DONE]\n"
    return text


def remarks(
    texts: Sequence[str],
    stops: Sequence[str],
    limit: int | None,
    problems: Sequence[str] = (),
    temperature: float = 0.0,
) -> list[str]:
    """Return what is suspicious about the completions of a run.

    Most back ends give a text and no reason why it ended, so a cut is recognized by the text
    alone: it ends in the middle, and it is long enough, because a token has at least one byte.

    Args:
        texts: The completions as the back end returned them.
        stops: The stop strings of the requests.
        limit: The length limit in tokens (max_gen_toks), if there is one.
        problems: The problem of each text.
        temperature: The sampling temperature; samples should differ if it is above 0.
    """
    if not texts:  # a rank without documents
        return []
    empty = sum(not text.strip() for text in texts)
    if empty == len(texts):
        return [
            f"all {len(texts)} completions are empty: is the model's chat template missing "
            "(--apply_chat_template), or did a stop string or a length limit end each of them?"
        ]
    found = []
    if empty >= EMPTY_SHARE * len(texts):
        found.append(
            f"{empty} of {len(texts)} completions are empty ({empty / len(texts):.0%}): did "
            "requests fail, or did thinking use up max_gen_toks?"
        )
    if temperature and all_equal(texts, problems):
        found.append(
            f"all samples of each problem are equal although the temperature is {temperature}: "
            "the back end seems to ignore it or to send a constant seed, so pass@k equals pass@1"
        )
    whole = "endmodule" not in stops
    cut = sum(
        limit is not None and len(text.encode()) >= limit and unfinished(text, whole)
        for text in texts
    )
    if cut:
        found.append(
            f"{cut} of {len(texts)} completions end in the middle and are long enough to have met "
            f"the length limit: raise it with --gen_kwargs max_gen_toks=N (now {limit})"
        )
    return found


def all_equal(texts: Sequence[str], problems: Sequence[str]) -> bool:
    """Tell whether all problems with several samples have the same one throughout.

    False if no problem has several samples.
    """
    samples = defaultdict[str, list[str]](list)
    for problem, text in zip(problems, texts, strict=False):
        samples[problem].append(text)
    several = [texts for texts in samples.values() if len(texts) > 1]
    return bool(several) and all(len(set(texts)) == 1 for texts in several)


def unfinished(text: str, whole: bool) -> bool:
    """Tell whether a text ends in the middle of a design.

    Args:
        text: A completion.
        whole: Whether it should hold complete modules instead of the body of one.
    """
    if whole:
        *_, last = [None, *_MODULE.finditer(text)]
        return last is None or last[1] is None
    return not _LAST_WORD.search(_COMMENT.sub("\n", text))
