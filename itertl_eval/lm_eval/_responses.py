"""What a model said, before it is judged: kept on disk, and searched for signs of a bad run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

EMPTY_SHARE = 0.05
"""The share of empty answers from which on a run is warned of."""
_COMMENT = re.compile(r"//[^\n]*\n|/\*.*?\*/", re.DOTALL)
_LAST_WORD = re.compile(r"(?:;|\bend[a-z]*|^[ \t]*`[^\n]*)\s*\Z", re.MULTILINE)
_MODULE = re.compile(r"^[ \t]*(end)?module\b", re.MULTILINE)


def text_of(answer: Any) -> str:
    """An answer as text: some back ends give None for one that failed."""
    return "" if answer is None else str(answer)


def put_back(text: str, stops: Sequence[str]) -> str:
    """The completion with the end that lm-eval cut off as a stop string."""
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
    """What is suspicious about all answers of a run; `limit` is max_gen_toks.

    Back ends give a text and no reason why it ended, so a cut is told from the text alone: it
    ends in the middle, and it is long enough, for a token is a byte at least. `problems` names
    the problem of each text: samples of a temperature above 0 should differ.
    """
    if not texts:  # a rank without documents
        return []
    empty = sum(not text.strip() for text in texts)
    if empty == len(texts):
        return [
            f"all {len(texts)} answers are empty: is the model's chat template missing "
            "(--apply_chat_template), or did a stop string or a length limit end every answer?"
        ]
    found = []
    if empty >= EMPTY_SHARE * len(texts):
        found.append(
            f"{empty} of {len(texts)} answers are empty ({empty / len(texts):.0%}): did requests "
            "fail, or did thinking use up max_gen_toks?"
        )
    if temperature and all_equal(texts, problems):
        found.append(
            f"all samples of each problem are equal although the temperature is {temperature}: "
            "the back end seems to ignore it or to send one seed, and pass@k is then pass@1"
        )
    whole = "endmodule" not in stops
    cut = sum(
        limit is not None
        and len(text.encode(errors="replace")) >= limit
        and unfinished(text, whole)
        for text in texts
    )
    if cut:
        found.append(
            f"{cut} of {len(texts)} answers end in the middle and are long enough to have met the "
            f"length limit: allow more with --gen_kwargs max_gen_toks=N (now {limit})"
        )
    return found


def all_equal(texts: Sequence[str], problems: Sequence[str]) -> bool:
    """Has each problem with several samples the same one throughout? False if none has several."""
    samples = defaultdict[str, list[str]](list)
    for problem, text in zip(problems, texts, strict=False):
        samples[problem].append(text)
    several = [said for said in samples.values() if len(said) > 1]
    return bool(several) and all(len(set(said)) == 1 for said in several)


def unfinished(text: str, whole: bool) -> bool:
    """Does a text end in the middle of a design? `whole`: it should hold complete modules."""
    if whole:
        *_, last = [None, *_MODULE.finditer(text)]
        return last is None or last[1] is None
    return not _LAST_WORD.search(_COMMENT.sub("\n", text))
