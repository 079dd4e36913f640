"""The interface of a sampler: requests in, samples out, whichever engine it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Finish = Literal["eos", "endmodule", "length"]
AFTER_END = 2
"""So many tokens may come between endmodule and the end token."""
SampleKey = tuple[str, int]
"""(problem_id, number)."""

_SKIP = re.compile(r'//[^\n]*|/\*(?:.*?\*/|.*\Z)|"(?:\\.|[^"\\\n])*"', re.DOTALL)
_END = re.compile(r"\bendmodule\b")


@dataclass(frozen=True)
class Request:
    """One completion to sample.

    Attributes:
        problem_id: "SUITE/PROBLEM".
        number: Its number among the completions of the problem, from 0.
        seed: Decides the completion.
        prompt: The prompt's text.
        ids: The prompt's tokens.
        stop: Whether the completion ends at endmodule.
    """

    problem_id: str
    number: int
    seed: int
    prompt: str
    ids: tuple[int, ...]
    stop: bool

    @property
    def key(self) -> SampleKey:
        return self.problem_id, self.number


@dataclass(frozen=True)
class Sample:
    """One completion of a problem.

    Attributes:
        problem_id: "SUITE/PROBLEM".
        number: Its number among the completions of the problem, from 0.
        text: The completion.
        ids: The sampled tokens without the end token; None if the engine returns only text.
        logprob: Mean log-probability in nats per token, at temperature 1, under the model that
            sampled it, over `ids` and, if it ended by itself, the end token.
        finish: What ended it.
        end: The end token that was sampled; None if there was none or the engine returns only
            text.
        logprobs: The terms of `logprob`, one per token, if the plan asks for them.
    """

    problem_id: str
    number: int
    text: str
    ids: list[int] | None
    logprob: float | None
    finish: Finish
    end: int | None = None
    logprobs: list[float] | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Sample:
        """Return what `as_row` wrote. Rows of earlier versions have no `end`."""
        return cls(
            problem_id=row["task"],
            number=row["k"],
            text=row["text"],
            ids=row["ids"],
            logprob=row["logprob"],
            finish=row["finish"],
            end=row.get("end"),
            logprobs=row.get("logprobs"),
        )

    def as_row(self) -> dict[str, Any]:
        """Return the sample's line of samples-RANK.jsonl."""
        return {
            "task": self.problem_id,
            "k": self.number,
            "text": self.text,
            "ids": self.ids,
            "logprob": self.logprob,
            "finish": self.finish,
            **({} if self.end is None else {"end": self.end}),
            **({} if self.logprobs is None else {"logprobs": self.logprobs}),
        }

    @property
    def key(self) -> SampleKey:
        return self.problem_id, self.number


@dataclass(frozen=True)
class SamplingParams:
    """How completions are sampled; temperature 0 is greedy."""

    temperature: float
    top_p: float
    max_new_tokens: int
    batch: int


class Sampler(Protocol):
    """An engine. `sample` yields finished samples as they come, in any order.

    `settings` may be changed between two calls: loading a model again takes longer.
    """

    settings: SamplingParams

    def sample(self, requests: Sequence[Request]) -> Iterator[list[Sample]]: ...

    def close(self) -> None: ...


def row_seed(seed: int, stage: str, problem_id: str, number: int) -> int:
    """Return a sample's seed, 0 <= seed < 2**31, from these four alone.

    So neither the order nor the batch of the requests matters.
    """
    text = f"{seed}/{stage}/{problem_id}/{number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


def ends_module(text: str) -> bool:
    """Return whether `text` contains an `endmodule` outside of comments and strings."""
    return "endmodule" in text and bool(_END.search(_SKIP.sub(" ", text)))


def may_follow_end(token: str, after: int) -> bool:
    """Return whether a token may follow endmodule and `after` more tokens.

    Only line ends may, before the end token.
    """
    return after < AFTER_END and not token.strip()


def cut_at_endmodule(text: str) -> tuple[str, bool]:
    """Return `text` up to its first real `endmodule`, and whether there was one."""
    blank = _SKIP.sub(lambda found: " " * len(found[0]), text)
    found = _END.search(blank)
    return (text[: found.end()], True) if found else (text, False)
