"""Write stimulus and recorded outputs as the tables of a RecordedBench."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from itertl_eval.from_reference._stimulus import Block, Item
from itertl_eval.from_reference.circuit import Circuit

Known = tuple[int, int]
"""Value and mask of the bits that are compared, over all outputs, packed."""

Captured = list[Known]
"""What is known at the end of each step that is not skipped."""


def clock_of(circuit: Circuit) -> str | None:
    """The clock that a bench drives by itself; several clocks are driven like other inputs."""
    return next(iter(circuit.clocks)) if len(circuit.clocks) == 1 else None


def driven_inputs(circuit: Circuit) -> dict[str, int]:
    """The inputs in a table's columns, with their widths."""
    clock = clock_of(circuit)
    return {name: width for name, width in circuit.inputs.items() if name != clock}


def bench_text(circuit: Circuit, zero_at_start: bool = False) -> str:
    """The declaration of the bench for a circuit, as Python source."""
    clock = clock_of(circuit)
    lines = []
    if clock is not None:
        lines.append(f"clock={clock!r},")
        if circuit.clocks[clock] != "rising":
            lines.append(f"edge={circuit.clocks[clock]!r},")
        if circuit.resets:
            first = circuit.resets[0]
            lines.append(f"reset={('' if first.active else '!') + first.name!r},")
            if first.asynchronous:
                lines.append("asynchronous=True,")
    if zero_at_start:
        lines.append("zero_at_start=True,")
    lines.append(f"inputs={driven_inputs(circuit)},")
    lines.append(f"outputs={circuit.outputs},")
    return "bench = RecordedBench(\n" + "".join(f"    {line}\n" for line in lines) + ")\n"


def columns(circuit: Circuit) -> str:
    """A sentence that names the columns of the tables."""
    names = ", ".join(driven_inputs(circuit)) or "no inputs"
    lines = textwrap.wrap(f"Columns: {names} | {', '.join(circuit.outputs)}.", 96)
    return "\n".join(lines)


def steps_of(circuit: Circuit, items: Sequence[Item]) -> Iterator[tuple[int, str]]:
    """(index of its item, "change", "idle" or "last") of each step that is looked at."""
    clock = clock_of(circuit)
    both = clock is not None and circuit.clocks[clock] == "both"
    active = False
    for index, item in enumerate(items):
        if item.kind in ("cycle", "late") and clock is not None:
            between = ["change", "idle"] if active and not both else ["change"]
            for step in reversed(between) if item.kind == "late" else between:
                yield index, step
            active = not both
        elif item.kind == "run":
            active = True
        yield index, "last"


def input_table(circuit: Circuit, block: Block) -> str:
    """The lines of a block without expected outputs."""
    return "".join(f"{_inputs(circuit, item)}\n" for item in block.items)


def _inputs(circuit: Circuit, item: Item) -> str:
    words = [f"{item.inputs[name]:x}" for name in driven_inputs(circuit)]
    if item.kind == "run":
        words = ["run", str(item.cycles), *words]
    elif item.kind in ("hold", "late") and clock_of(circuit) is not None:
        words = [item.kind, *words]
    return " ".join(words) or "cycle"


def full_table(circuit: Circuit, block: Block, seen: Captured) -> str:
    """The lines of a block with what is expected at each of its steps."""
    groups: list[dict[str, Known]] = [{} for _ in block.items]
    for (index, step), known in zip(steps_of(circuit, block.items), seen, strict=True):
        groups[index][step] = known
    lines, clocked = [], clock_of(circuit) is not None
    for item, found in zip(block.items, groups, strict=True):
        expected = [found["last"]]
        if item.kind in ("cycle", "late") and clocked:
            between = [found["change"], found.get("idle", found["change"])]
            if item.kind == "late":
                between.reverse()
            expected = [*dict.fromkeys(between), found["last"]]
        lines.append(_line(_inputs(circuit, item), expected, circuit.outputs))
    return "\n".join(lines) + "\n"


def _line(inputs: str, expected: Sequence[Known], outputs: Mapping[str, int]) -> str:
    texts: list[str] = []
    before: Known | None = None
    for known in expected:
        texts.append("=" if known == before else _group(known, outputs))
        before = known
    return " | ".join([inputs, *texts])


def _group(known: Known, outputs: Mapping[str, int]) -> str:
    value, care = known
    if not care:
        return "-"
    words = []
    for width in outputs.values():
        full = (1 << width) - 1
        number, mask = value & full & care, care & full
        words.append("-" if not mask else f"{number:x}" + ("" if mask == full else f"/{mask:x}"))
        value, care = value >> width, care >> width
    return " ".join(words)


__all__ = [
    "Captured",
    "Known",
    "bench_text",
    "clock_of",
    "columns",
    "driven_inputs",
    "full_table",
    "input_table",
    "steps_of",
]
