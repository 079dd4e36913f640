"""From a case's stimulus to what is driven and expected, step by step.

A step is one packed input vector, held for 10 ns and compared at its end. A clock is a bit of
that vector. One stimulus item is one clock cycle in three steps, so that data never changes
together with either edge and no simulator can race:

    inputs change while the clock is active   (a latch in place of a flip-flop shows)
    the clock returns to idle                 (the wrong edge shows)
    the clock becomes active                  (the model advances)

With `edge="both"` an item is two steps: inputs change, the clock toggles. Without a clock an
item is one step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from itertl_eval.bench._model import Care, Hold, Inputs, Model, Run

if TYPE_CHECKING:
    from itertl_eval.bench._bench import Bench

STEP_NS = 10


Step = tuple[int, int, int, int]
"""(driven, value, care, cycle): all inputs packed, all outputs packed, which of their bits are
compared; the first port is the lowest. A plain tuple, for thousands are made per sample."""


class Layout:
    """Where each port lies in a packed vector; the first port takes the lowest bits."""

    def __init__(self, widths: Mapping[str, int]) -> None:
        self.fields: dict[str, tuple[int, int]] = {}
        self.width = 0
        for name, width in widths.items():
            self.fields[name] = (self.width, width)
            self.width += width
        self.full = (1 << self.width) - 1

    def unpack(self, packed: int) -> dict[str, int]:
        return {
            name: packed >> offset & ((1 << width) - 1)
            for name, (offset, width) in self.fields.items()
        }


_ANYTHING = 0, 0
"""Value and care while the golden model's state is not known."""


class Skip(NamedTuple):
    """`cycles` clock cycles between the input vectors `low` and `high`, not compared."""

    low: int
    high: int
    cycles: int


def schedule(
    bench: Bench, stimulus: Iterable[Mapping[str, int]], fresh: bool
) -> Iterator[Step | Skip]:
    """Yield the steps of one case; see the module's docstring. A `Run` becomes a Skip and a step.

    Raises KeyError when the stimulus names a port that the bench has not, or the golden model
    leaves an output out.
    """
    model = bench.golden() if bench.has_state else None
    if model is not None:
        model.power_on = fresh
    settles = model is not None and type(model).settle is not Model.settle
    golden = model.outputs if model else bench.golden
    layout, reset, active = bench.output_layout, bench.reset, bench.reset_active
    known = model is None or reset is None
    inputs = Inputs(**dict.fromkeys(bench.inputs, 0))
    values = inputs.__dict__
    places = {
        name: (offset, (1 << width) - 1, ~((1 << width) - 1 << offset))
        for name, (offset, width) in bench.input_layout.fields.items()
    }
    clock_bit = 1 << bench.input_layout.width if bench.clock else 0
    idle = clock_bit if bench.edge == "falling" else 0
    clock = idle
    driven = 0

    for cycle, item in enumerate(stimulus):
        for name, value in item.items():
            if name not in places:
                raise KeyError(f"the stimulus drives {name!r}, which is no input of this bench")
            offset, mask, others = places[name]
            values[name] = number = int(value) & mask
            driven = driven & others | number << offset
        in_reset = reset is not None and values[reset] == active
        if model is not None:
            if in_reset and bench.asynchronous:
                model.reset()
                known = True
            elif known and settles:
                model.settle(inputs)
        wanted, care = pack_expected(layout, golden(inputs)) if known else _ANYTHING
        yield driven | clock, wanted, care, cycle
        if not clock_bit or isinstance(item, Hold):
            continue
        if isinstance(item, Run):
            clock = idle ^ clock_bit
            yield Skip(driven | idle, driven | clock, item.cycles)
            for _ in range(item.cycles):
                known = _advance(model, inputs, in_reset, known)
            expected = pack_expected(layout, golden(inputs)) if known else _ANYTHING
            yield driven | clock, *expected, cycle
            continue
        if bench.edge != "both" and clock != idle:
            clock = idle
            yield driven | clock, wanted, care, cycle
        clock ^= clock_bit
        known = _advance(model, inputs, in_reset, known)
        wanted, care = pack_expected(layout, golden(inputs)) if known else _ANYTHING
        yield driven | clock, wanted, care, cycle


def _advance(model: Model | None, inputs: Inputs, in_reset: bool, known: bool) -> bool:
    """One active clock edge for the golden model; True when its state is known afterwards."""
    assert model is not None  # a clock needs a Model
    if in_reset:
        model.reset()
        return True
    if known:
        model.edge(inputs)
    return known


def pack_expected(layout: Layout, outputs: object) -> tuple[int, int]:
    """Pack a golden model's answer into (value, care) over all output ports."""
    if isinstance(outputs, int) and len(layout.fields) == 1:
        return outputs & layout.full, layout.full
    if not isinstance(outputs, Mapping):
        if len(layout.fields) != 1:
            raise TypeError(f"the golden model must return all of {list(layout.fields)}")
        outputs = {next(iter(layout.fields)): outputs}
    wanted: Mapping[str, Any] = outputs
    value, care = 0, layout.full
    for name, (offset, width) in layout.fields.items():
        expected = wanted[name]
        full = (1 << width) - 1
        if expected is None or isinstance(expected, Care):  # not the whole port is compared
            expected, mask = expected or (0, 0)
            care &= ~((full & ~mask) << offset)
            full &= mask
        value |= (int(expected) & full) << offset
    return value, care


__all__ = ["STEP_NS", "Layout", "Skip", "Step", "pack_expected", "schedule"]
