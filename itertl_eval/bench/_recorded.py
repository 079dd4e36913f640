"""RecordedBench: a bench whose expected outputs were recorded from a reference design.

The stimulus and the outputs are tables of hexadecimal numbers in the testbench file itself, one
line per item:

    1 f3 | 00 | 5a          a clock cycle: the inputs in their order, the outputs before and
                            after the active edge
    1 f3 | 00 | = | 5a      the same, with other outputs at the clock's return to idle
    late 1 f3 | 00 | 5a     the same, but the inputs change after the clock's return to idle
    hold 1 f3 | 00          the inputs change, the clock does not (always so without a clock)
    run 1000 1 f3 | 5a      1000 cycles with these inputs; compared after the last one

A line without inputs begins with `cycle`. An output is a number, `-` where it is not compared, or
NUMBER/MASK where only the bits in the mask are. `=` is the group before it; a group that is `-`
alone compares nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from itertl_eval.bench._bench import Bench, as_test
from itertl_eval.bench._interface import Edge, Interface
from itertl_eval.bench._model import Model
from itertl_eval.bench._player import capture, play, start_at_zero
from itertl_eval.bench._schedule import Skip, Step


class RecordedBench(Bench):
    """A bench without a reference model: it compares with outputs that were recorded.

    Arguments as for `Bench`, and `zero_at_start`: what a design leaves unknown at power-on is set
    to zero, as on an FPGA; for a design that nothing resets, in one test case. `reset` and
    `asynchronous` are for the reader: the tables hold the reset like every other input.
    """

    def __init__(
        self,
        *,
        inputs: Mapping[str, int] | None = None,
        outputs: Mapping[str, int],
        clock: str | None = None,
        edge: Edge = "rising",
        reset: str | None = None,
        asynchronous: bool = False,
        zero_at_start: bool = False,
    ) -> None:
        self._zero_at_start = zero_at_start
        super().__init__(
            Model,
            inputs=inputs,
            outputs=outputs,
            clock=clock,
            edge=edge,
            reset=reset,
            asynchronous=asynchronous,
        )

    def recorded(self, name: str, table: str) -> Any:
        """Return a test case that plays a table and compares; see the module's docstring.

        Raises:
            ValueError: A line of the table cannot be read.
        """
        steps = [*table_steps(self.interface, table)]  # once, and not in each sample's process

        async def test(dut: Any) -> None:
            await self._begin(dut)
            await play(self.interface, dut, lambda _: iter(steps))

        return _as_test(test, name)

    async def _begin(self, dut: Any) -> None:
        if self._zero_at_start:
            await start_at_zero(self.interface, dut)

    def capture(self, name: str, table: str, keep: Callable[[list[str]], None]) -> Any:
        """Return a test case that plays a table's inputs and hands what it sees to `keep`.

        Args:
            name: The name of the case.
            table: As for `recorded`; expected outputs are ignored.
            keep: Receives one string of 0, 1, X and Z per step, the last output first.
        """

        async def test(dut: Any) -> None:
            await self._begin(dut)
            keep(await capture(self.interface, dut, table_steps(self.interface, table)))

        return _as_test(test, name)


def _as_test(test: Callable[..., Any], name: str) -> Any:
    test.__name__ = test.__qualname__ = name
    return as_test(test)


def table_steps(interface: Interface, table: str) -> Iterator[Step | Skip]:
    """Yield the steps of a table. Raises ValueError that names a line that cannot be read."""
    reader = _Reader(interface)
    clock_bit = 1 << interface.input_layout.width if interface.clock else 0
    both = interface.edge == "both"
    idle = clock_bit if interface.edge == "falling" else 0
    clock = idle
    cycle = before = 0
    for line in table.split("\n"):
        if not line:
            continue
        try:
            (kind, count, driven), expected = reader.read(line)
        except (ValueError, IndexError) as error:
            raise ValueError(f"recorded table: {line!r}: {error}") from None
        if kind == "run":
            clock = idle ^ clock_bit
            yield Skip(driven | idle, driven | clock, count)
        elif clock_bit and kind in ("cycle", "late"):
            late = kind == "late" and clock != idle
            if late:
                clock = idle
                yield before | clock, *expected[0], cycle
            yield driven | clock, *expected[-2 if late else 0], cycle
            if clock != idle and not both:
                clock = idle
                yield driven | clock, *expected[-2], cycle
            clock ^= clock_bit
        yield driven | clock, *expected[-1], cycle
        before = driven
        cycle += 1


_NOTHING = (0, 0)
Drive = tuple[str, int, int]
"""What the clock does, for how many cycles, and the inputs, packed."""


class _Reader:
    """Reads lines of a table. Most of what it reads comes again, so it remembers."""

    def __init__(self, interface: Interface) -> None:
        fields = interface.input_layout.fields, interface.output_layout.fields
        self._ins, self._outs = (
            [(offset, (1 << width) - 1) for offset, width in places.values()] for places in fields
        )
        self._drives: dict[str, Drive] = {}
        self._groups: dict[str, tuple[int, int]] = {"-": _NOTHING}

    def read(self, line: str) -> tuple[Drive, list[tuple[int, int]]]:
        """Return what a line drives, and what it expects: two groups at least."""
        first, *groups = line.split(" | ")
        drive = self._drives.get(first) or self._drive(first)
        expected: list[tuple[int, int]] = []
        for group in groups:
            known = expected[-1] if group == "=" else self._groups.get(group)
            expected.append(known or self._group(group))
        if len(expected) < 2:
            expected = (expected or [_NOTHING]) * 2
        return drive, expected

    def _drive(self, text: str) -> Drive:
        words = text.split()
        kind, count = "cycle", 1
        if words and words[0] in ("cycle", "hold", "late", "run"):
            kind = words.pop(0)
            if kind == "run":
                count = int(words.pop(0))
        driven = 0
        for word, (offset, full) in zip(words, self._ins, strict=True):
            driven |= (int(word, 16) & full) << offset
        self._drives[text] = kind, count, driven
        return self._drives[text]

    def _group(self, text: str) -> tuple[int, int]:
        value = care = 0
        for word, (offset, full) in zip(text.split(), self._outs, strict=True):
            if word == "-":
                continue
            number, _, mask = word.partition("/")
            compared = int(mask, 16) & full if mask else full
            value |= (int(number, 16) & compared) << offset
            care |= compared << offset
        self._groups[text] = value, care
        return value, care


__all__ = ["RecordedBench", "table_steps"]
