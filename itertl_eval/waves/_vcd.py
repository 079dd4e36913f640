"""Read the ports in a VCD file around one moment, in bounded memory."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

BEFORE, AFTER = 16, 3
"""Number of moments with a change to keep up to the mark, and after it."""
MOST_BEFORE = 4000
"""The same up to the mark where the caller chooses a window of time."""
_UNITS = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0, "ps": 1e-3, "fs": 1e-6}
_BITS = re.compile(r"[01xz]+\Z")


@dataclass(frozen=True)
class Trace:
    """One port: its changes as (nanoseconds, bits); bits are 0, 1, x and z."""

    name: str
    direction: str
    width: int
    changes: list[tuple[float, str]]


@dataclass(frozen=True)
class Wave:
    """The ports of a design from `start` to `end`, in nanoseconds, around `mark`."""

    start: float
    end: float
    mark: float
    traces: list[Trace]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Any) -> Wave:
        """Return the wave that `as_dict` turned into a dictionary. Raises ValueError otherwise."""
        try:
            traces = [
                Trace(
                    str(t["name"]),
                    str(t["direction"]),
                    int(t["width"]),
                    [(float(ns), _bits(bits)) for ns, bits in t["changes"]],
                )
                for t in facts["traces"]
            ]
            start, end, mark = (float(facts[key]) for key in ("start", "end", "mark"))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a waveform: {error!r}") from None
        return cls(start, end, mark, traces)


def read_vcd(
    path: Path,
    top: str,
    ports: Sequence[tuple[str, str, int]],
    mark: float,
    window: float | None = None,
) -> Wave:
    """Read the ports of the first scope called `top`, around one moment.

    Args:
        path: The VCD file.
        top: Name of the scope.
        ports: (name, direction, width in bits) of each port.
        mark: The moment, in nanoseconds.
        window: How much to keep before it, in nanoseconds; by default a few changes.

    Raises:
        ValueError: The file is not a VCD file.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        scale, codes = _header(file, top)
        wanted = {codes[name][0]: name for name, _, _ in ports if name in codes}
        before: dict[str, str] = {}
        kept: deque[tuple[float, dict[str, str]]] = deque()
        after = 0
        for ticks, values in _changes(file, wanted):
            now = round(ticks * scale, 6)
            after += now > mark
            if after > AFTER:
                break
            kept.append((now, values))
            while now <= mark and len(kept) > 1 and _is_too_early(kept, mark, window):
                before.update(kept.popleft()[1])
    start = kept[0][0] if kept else 0.0
    end = max(mark, kept[-1][0] if kept else 0.0)
    traces = []
    for name, direction, width in ports:
        if name not in codes:
            continue
        code, known = codes[name]
        width = int(known) if known.isdecimal() else width  # a parameter may have changed it
        changes = [(now, values[code]) for now, values in kept if code in values]
        if code in before and (not changes or changes[0][0] > start):
            changes.insert(0, (start, before[code]))
        traces.append(Trace(name, direction, width, changes))
    return Wave(start, end + max((end - start) / 12, 1.0), mark, traces)


def _is_too_early(
    kept: deque[tuple[float, dict[str, str]]], mark: float, window: float | None
) -> bool:
    """Whether the first of the moments is to be left out."""
    if window is None:
        return len(kept) > BEFORE
    return len(kept) > MOST_BEFORE or kept[0][0] < mark - window


def _header(file: TextIO, top: str) -> tuple[float, dict[str, tuple[str, str]]]:
    """Return the nanoseconds per tick, and code and width of each name in the scope."""
    scale, codes = 1.0, dict[str, tuple[str, str]]()
    scopes: list[str] = []
    found: tuple[str, ...] = ()
    for kind, body in declarations(file):
        if kind == "timescale":
            scale = nanoseconds("".join(body))
        elif kind == "scope" and len(body) == 2:
            scopes.append(body[1])
            if not found and body[1] == top:
                found = tuple(scopes)
        elif kind == "upscope" and scopes:
            scopes.pop()
        elif kind == "var" and len(body) >= 4 and tuple(scopes) == found:
            codes.setdefault(body[3], (body[2], body[1]))
    return scale, codes


def declarations(file: TextIO) -> Iterator[tuple[str, list[str]]]:
    """Yield (keyword, words) of a header and stop after its last line, for the caller to go on."""
    words = _words(file)
    for word in words:
        if word == "$enddefinitions":
            return
        if word.startswith("$") and word != "$end":
            yield word[1:], list(iter(lambda: next(words, "$end"), "$end"))


def nanoseconds(timescale: str) -> float:
    """Return the nanoseconds of a time with its unit: 0.001 for "1ps"."""
    found = re.fullmatch(r"(\d+)(\w+)", timescale)
    if found is None or found[2] not in _UNITS:
        raise ValueError(f"not a time scale: {timescale!r:.80}")
    return int(found[1]) * _UNITS[found[2]]


def _words(file: TextIO) -> Iterator[str]:
    for line in file:
        yield from line.split()
        if "$enddefinitions" in line:
            return


def _changes(file: TextIO, wanted: dict[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (ticks, {code: bits}) for each moment in which a wanted signal changes."""
    now, values = 0, dict[str, str]()
    for line in file:
        kind = line[:1]
        if kind == "#" and line[1:].strip().isdigit():
            if values:
                yield now, values
            now, values = int(line[1:]), {}
        elif kind in "bB":
            bits, _, code = line[1:].strip().partition(" ")
            if code in wanted and _BITS.match(bits.lower()):
                values[code] = bits.lower()
        elif kind in "01xzXZ" and line[1:].strip() in wanted:
            values[line[1:].strip()] = kind.lower()
    if values:
        yield now, values


def _bits(text: Any) -> str:
    if not isinstance(text, str) or not _BITS.match(text):
        raise ValueError(f"not a value: {text!r:.80}")
    return text
