"""What a sampler is: requests in, samples out, whichever engine draws them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

Finish = Literal["eos", "endmodule", "length"]
BEHIND_END = 2
"""So many tokens may stand between endmodule and the end token."""
_SKIP = re.compile(r'//[^\n]*|/\*(?:.*?\*/|.*\Z)|"(?:\\.|[^"\\\n])*"', re.DOTALL)
_END = re.compile(r"\bendmodule\b")


@dataclass(frozen=True)
class Request:
    """One answer to draw: the k-th for an instruction, with the seed that decides it."""

    task: str
    k: int
    seed: int
    prompt: str
    ids: tuple[int, ...]
    stop: bool


@dataclass(frozen=True)
class Sample:
    """One answer as drawn.

    `ids` are the sampled tokens without the end-of-sequence token, None where the engine does
    not tell. `logprob` is the mean log-probability (nats per token, at temperature 1) under
    the model that drew it, over `ids` and, when it ended by itself, the end token.
    """

    task: str
    k: int
    text: str
    ids: list[int] | None
    logprob: float | None
    finish: Finish

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class SamplingParams:
    """How answers are drawn; temperature 0 is greedy."""

    temperature: float
    top_p: float
    max_new_tokens: int
    batch: int


class Sampler(Protocol):
    """An engine. `draw` yields finished samples as they come, in any order.

    `settings` may be changed between two draws: loading a model again takes longer.
    """

    settings: SamplingParams

    def draw(self, requests: Sequence[Request]) -> Iterator[list[Sample]]: ...

    def close(self) -> None: ...


def row_seed(seed: int, stage: str, task: str, k: int) -> int:
    """A sample's seed, 0 <= seed < 2**31, from these four alone: order and batch don't matter."""
    text = f"{seed}/{stage}/{task}/{k}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


def ends_module(text: str) -> bool:
    """True when `text` holds an `endmodule` outside of comments and strings."""
    return "endmodule" in text and bool(_END.search(_SKIP.sub(" ", text)))


def may_follow_end(token: str, behind: int) -> bool:
    """Whether a token's text may stand behind endmodule and `behind` more tokens: a line end may,
    before the end token; anything else is too much."""
    return behind < BEHIND_END and not token.strip()


def cut_at_endmodule(text: str) -> tuple[str, bool]:
    """`text` up to its first real `endmodule`, and whether there was one."""
    blank = _SKIP.sub(lambda found: " " * len(found[0]), text)
    found = _END.search(blank)
    return (text[: found.end()], True) if found else (text, False)
