"""Play the reference once and keep what its outputs are, where they are the design's own doing.

Every block is played twice in one simulation, in opposite orders, so that what a block starts from
differs; the last one, which is the first in reverse order, is also played from power-on. A bit is
kept where each time has the same 0 or 1. Values at power-on are the reference's choice, too: a copy
without them is played as well. Z cannot be compared. Where the text asks for it, a design that
ignores its enable would pass, so an output that is sometimes driven and sometimes Z is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from itertl_eval.errors import InfrastructureError
from itertl_eval.from_reference._stimulus import Block
from itertl_eval.from_reference._table import Captured, bench_text, input_table, steps_of
from itertl_eval.from_reference.circuit import Circuit
from itertl_eval.grader import capture_tables, interpret
from itertl_eval.problem import Problem

SECONDS = 6.0, 5.0
"""CPU time limits for the reference: of the whole run and of the simulation."""


_TRI_STATE = re.compile(
    r"high[- ]?(?:impedance|z\b)|\bhi[- ]?z\b|tri[- ]?stat|three[- ]?state|'[bdh]?z", re.IGNORECASE
)
"""What a text says that asks for high impedance."""


class Refused(Exception):
    """No testbench can be made from a reference; `outcome` names the reason."""

    HIGH_IMPEDANCE = "high impedance"
    """The outcome for a tri-state output; more stimulus can show one that the first did not."""

    def __init__(self, outcome: str, detail: str = "") -> None:
        super().__init__(f"{outcome}: {detail}" if detail else outcome)
        self.outcome = outcome
        self.detail = detail


def record(
    problem: Problem, code: str, circuit: Circuit, blocks: Sequence[Block]
) -> list[Captured]:
    """Return (value, care) at each step of each block.

    Args:
        problem: The problem whose reference is played.
        code: The reference, or the reference without its initial values.
        circuit: What `read_circuit` found.
        blocks: The stimulus.

    Raises:
        Refused: The reference does not compile, does not end, or has a tri-state output.
        InfrastructureError: This machine failed.
    """
    names = [f"first_{at}" for at in range(len(blocks))]
    again = [f"again_{at}" for at in range(len(blocks))]
    played = [*zip(names, blocks, strict=True), *reversed([*zip(again, blocks, strict=True)])]
    result = capture(problem, code, circuit, played)
    recorded = []
    for first, second, block in zip(names, again, blocks, strict=True):
        once, twice = result[first], result[second]
        assert len(once) == len(list(steps_of(circuit, block.items)))
        recorded.append(agreeing(once, twice))
    if len(blocks) > 1:
        alone = capture(problem, code, circuit, [(names[-1], blocks[-1])])
        recorded[-1] = agreeing(recorded[-1], alone[names[-1]])
    return recorded


def record_once(
    problem: Problem,
    code: str,
    circuit: Circuit,
    blocks: Sequence[Block],
    zero_at_start: bool = False,
) -> list[Captured]:
    """The same for blocks that are played once, in this order, from power-on."""
    played = [(f"first_{at}", block) for at, block in enumerate(blocks)]
    result = capture(problem, code, circuit, played, zero_at_start)
    return [[(v & k, k) for v, k in result[name]] for name, _ in played]


def agreeing(one: Captured, other: Captured) -> Captured:
    """Where both have the same known bit."""
    found = []
    for (value, known), (second, also) in zip(one, other, strict=True):
        care = known & also & ~(value ^ second)
        found.append((value & care, care))
    return found


def _known(bits: str) -> tuple[int, int]:
    """The value of four-state digits, and the mask of those that are 0 or 1."""
    low = bits.lower()
    unknown = int(low.translate(_UNKNOWN), 2)
    value = int(low.translate(_KNOWN), 2)
    return value, unknown ^ ((1 << len(bits)) - 1)


_OTHERS = "xzuwlh-"
_UNKNOWN = str.maketrans("01" + _OTHERS, "00" + "1" * len(_OTHERS))
_KNOWN = str.maketrans(_OTHERS, "0" * len(_OTHERS))
_FLOATING = str.maketrans("01" + _OTHERS, "".join("01"[c == "z"] for c in "01" + _OTHERS))


def capture(
    problem: Problem,
    code: str,
    circuit: Circuit,
    played: Sequence[tuple[str, Block]],
    zero_at_start: bool = False,
) -> dict[str, Captured]:
    """Play blocks by name; return what each showed."""
    tables = [(name, input_table(circuit, block)) for name, block in played]
    bench = bench_text(circuit, zero_at_start)
    result = capture_tables(problem, code, bench, tables, seconds=SECONDS)
    status, stage, message = interpret(result)
    if status == "infra_error":
        raise InfrastructureError(f"{problem.id}: the reference could not be played: {message}")
    seen = {case.name: case.captured for case in result.cases}
    if status != "pass" or not all(seen.get(name) for name, _ in played):
        outcome = "does not end" if stage == "simulate" else "does not compile"
        if result.unsupported:
            outcome = "not supported by this simulator"
        raise Refused(outcome, message)
    if _TRI_STATE.search(problem.prompt.text):
        _require_driven([bits for name, _ in played for bits in seen[name]], circuit)
    return {name: [_known(bits) for bits in seen[name]] for name, _ in played}


def _require_driven(seen: Iterable[str], circuit: Circuit) -> None:
    """Refuse an output bit that is sometimes Z; one that always is was only left unconnected."""
    floating = driven = 0
    for bits in dict.fromkeys(seen):
        low = bits.lower()
        if "z" in low:
            floating |= int(low.translate(_FLOATING), 2)
        driven |= _known(bits)[1]
    for name, width in circuit.outputs.items():
        if floating & driven & ((1 << width) - 1):
            raise Refused(Refused.HIGH_IMPEDANCE, name)
        floating, driven = floating >> width, driven >> width


__all__ = ["Refused", "agreeing", "capture", "record", "record_once"]
