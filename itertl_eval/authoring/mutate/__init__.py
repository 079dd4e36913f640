"""Mutants: small, plausible mistakes in a design, to measure a testbench with.

A testbench is sound if it lets the reference pass and notices every change of behaviour. Mutants
are made on slang's syntax tree and written back as exact replacements in the source, so that a
diff shows the one mistake and nothing else. Some mutants are equivalent to the design (a default
arm that is never reached); telling those apart is up to the reader, or to a second testbench.
"""

from __future__ import annotations

import difflib
import random
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from itertl_eval.authoring.mutate._design import Design, Edit
from itertl_eval.authoring.mutate._rules import changes
from itertl_eval.problem import Given
from itertl_eval.verilog import slang, without_comments

KINDS: tuple[str, ...] = (
    *("arithmetic", "logical", "bitwise", "comparison", "shift", "reduction"),
    *("constant", "bound", "condition", "branches"),
    *("clock-edge", "reset-polarity", "reset-kind", "sensitivity", "assignment"),
    *("case-arms", "next-state", "drop", "stuck-bit", "concatenation", "identifier", "term"),
)
"""The kinds of mistakes."""


@dataclass(frozen=True)
class Mutant:
    """A design with one mistake: its `kind` (one of KINDS), its line, and what was changed."""

    kind: str
    line: int
    description: str
    source: str
    original: str = field(repr=False, compare=False, default="")

    @property
    def diff(self) -> str:
        """The mistake as a unified diff without context lines."""
        before, after = self.original.splitlines(), self.source.splitlines()
        return "\n".join(difflib.unified_diff(before, after, "design", self.kind, "", "", 0, ""))

    @cached_property
    def changed(self) -> tuple[int, int]:
        """First and last byte, exclusive, of the one piece of `original` that is different."""
        old, new = self.original.encode(), self.source.encode()
        first = _common(old, new)
        last = _common(old[first:][::-1], new[first:][::-1])
        return first, len(old) - last


def _common(one: bytes, other: bytes) -> int:
    """Return how many bytes are the same at the start of both."""
    # By slices: byte by byte, the mutants of a FIFO with 22 parameters took minutes to choose.
    shorter = range(1, min(len(one), len(other)) + 1)
    return bisect_left(shorter, True, key=lambda k: one[:k] != other[:k])


def mutants(
    source: str,
    top: str,
    limit: int | None = None,
    seed: int = 0,
    keep: Callable[[Mutant], bool] | None = None,
    given: Given | None = None,
) -> list[Mutant]:
    """Return the mutants of a design, in the order of its lines.

    The same arguments give the same mutants. Texts that differ only in layout or comments come
    once; texts that slang can't parse are left out.

    Args:
        source: The design.
        top: The module whose signals are exchanged for others of their width.
        limit: How many at most, spread evenly over the kinds and, within a kind, over the lines.
        seed: Chooses them if there is a limit.
        keep: Says which to choose from. Default: all.
        given: What is compiled with the design.
    """
    given = given or Given()
    text = source.encode()
    seen = {_normal(source)}
    found: list[Mutant] = []
    for change in changes(Design(source, top, given)):
        if any(start < 0 for start, _, _ in change.edits):
            continue  # in a macro
        changed = _apply(text, change.edits)
        normal = _normal(changed)
        if normal in seen or not _parses(changed, given):
            continue
        seen.add(normal)
        line = text.count(b"\n", 0, min(start for start, _, _ in change.edits)) + 1
        mutant = Mutant(change.kind, line, change.description, changed, source)
        if keep is None or keep(mutant):
            found.append(mutant)
    if limit is not None and len(found) > limit:
        found = _spread(found, limit, random.Random(seed))
    return sorted(found, key=lambda m: (m.line, KINDS.index(m.kind), m.description, m.source))


def _apply(text: bytes, edits: Sequence[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new.encode() + text[end:]
    return text.decode()


def _normal(source: str) -> str:
    """Return the text without comments and layout."""
    return re.sub(r"\s*(\W)\s*", r"\1", " ".join(without_comments(source).split()))


def _parses(source: str, given: Given) -> bool:
    return not any(d.isError() for d in slang.parse(source, "mutant.sv", given).diagnostics)


def _spread(found: list[Mutant], limit: int, rng: random.Random) -> list[Mutant]:
    """Return `limit` of the mutants: kinds take turns, and so do the lines within a kind."""
    queues: dict[str, list[Mutant]] = {}
    for kind in KINDS:
        lines: dict[int, list[Mutant]] = {}
        for mutant in found:
            if mutant.kind == kind:
                lines.setdefault(mutant.line, []).append(mutant)
        turns = [rng.sample(group, len(group)) for group in lines.values()]
        rng.shuffle(turns)
        queues[kind] = [group[k] for k in range(len(found)) for group in turns if k < len(group)]
    order = (queues[kind][k] for k in range(len(found)) for kind in KINDS if k < len(queues[kind]))
    return [mutant for mutant, _ in zip(order, range(limit), strict=False)]


__all__ = ["KINDS", "Mutant", "mutants"]
