"""extract() takes linear time, whatever a model writes: models do loop on blanks."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from itertl_eval.grader.extraction import MAX_LENGTH, extract
from tests.extraction.completions import HEADER, TOP, WHOLE, fence, same
from tests.extraction.hostile import PIECES, completions


def seconds(text: str, header: str = "") -> float:
    """Return the CPU time; of a slow run the least of four, for a busy machine lengthens some."""
    least = float("inf")
    for _ in range(4):
        started = time.process_time()
        extract(text, TOP, header)
        least = min(least, time.process_time() - started)
        if least < 0.25:
            break
    return least


@pytest.mark.parametrize("piece", PIECES)
def test_noise(piece):
    """Alone, and before an answer in a fence."""
    noise = piece * ((1 << 18) // len(piece))
    answered = f"{noise}\n</think>\n{fence(WHOLE)}"
    # Start with few characters: what is quadratic takes seconds there and hours at full length.
    for text in (noise[: 1 << 13], noise[: 1 << 16], answered):
        for header in ("", HEADER):
            assert seconds(text, header) < 1, f"{len(text)} characters"
    assert same(extract(answered, TOP).code, WHOLE), "the answer after the noise was not found"


@pytest.mark.parametrize(
    "text",
    [
        f"```{' ' * 40_000}`",
        f"function{' ' * 20_000}!",
        f"typedef{' ' * 20_000}!",
        f"typedef a{'[x]' * 20_000}!",
        f"import{' ' * 20_000}a{' ' * 20_000}!",
        f"parameter N = {', ' * 20_000}!",
        f"{'{' * 20_000}",
        f'{{"a": {"[" * 20_000}',
        f"[{'1' * 40_000}]",
    ],
    ids=lambda text: text[:10],
)
def test_repeated_blanks_and_brackets(text):
    for whole in (text, f"{text}\n{WHOLE}", f"{WHOLE}{text}\n{WHOLE}"):
        assert seconds(whole) < 0.5
        assert seconds(whole, HEADER) < 0.5


def test_random_completions():
    slowest = max(seconds(text, HEADER) for text in completions(seed=26, count=200, length=1 << 15))
    assert slowest < 0.5


def test_a_chain_of_helpers():
    names = [f"m{k}" for k in range(20_000)]
    helpers = [f"module {a}(); {b} u(); endmodule\n" for a, b in pairwise(names)]
    text = fence("".join(helpers)) + fence(f"module {TOP}(); m0 u(); endmodule\n")
    assert seconds(text) < 2
    found = extract(text, TOP).code
    assert found is not None
    assert found.count("endmodule") == 20_000


def test_a_completion_beyond_the_limit_is_not_searched():
    started = time.process_time()
    found = extract(WHOLE + " " * MAX_LENGTH, TOP)
    assert time.process_time() - started < 0.01
    assert found.code is None
    assert f"the limit is {MAX_LENGTH}" in found.problem
    assert same(extract(WHOLE + " " * (MAX_LENGTH - len(WHOLE)), TOP).code, WHOLE)
