"""From a case's stimulus to what is driven and expected, step by step.

A step is one packed input vector, held for 10 ns and compared at its end. A clock is a bit of
that vector. One stimulus item is one clock cycle in three steps, so that data never changes
together with either edge and no simulator can race:

    inputs change while the clock is active   (a latch in place of a flip-flop shows)
    the clock returns to idle                 (the wrong edge shows)
    the clock becomes active                  (the model advances)

In every fifth cycle the first two change places: what is only there before the clock returns to
idle, or only after, is not the same then, so that a memory written at the wrong edge shows.

With `edge="both"` an item is two steps: inputs change, the clock toggles. Without a clock an
item is one step.

Probes are further steps, for what no model shows: all inputs move once at the start, and where
outputs of a clocked design follow its inputs at once, inputs sometimes change one after the other
(see `Splitter`; for a combinational design, see `single_changes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from itertl_eval.bench._interface import Interface, Layout
from itertl_eval.bench._model import Care, Hold, Inputs, Model, Run

LATE_EVERY = 5
"""Every so many cycles the inputs change after the clock returned to idle; few patterns have a
period of five."""

STEP_NS = 10
"""How long a step lasts."""
LOOKS_NS = 6, 7, 8, 9
"""When outputs are looked at before the end of a step, in turn. Not sooner: a design may have
delays of a few ns."""

Step = tuple[int, int, int, int]
"""(driven, value, care, cycle): all inputs packed, all outputs packed, which of their bits are
compared; the first port is the lowest. A plain tuple, since every sample takes thousands."""

SPLIT_STEPS = 64
"""How many steps are added to a case at most."""
_NARROW = 4
"""Inputs up to this width may be controls, of which not every combination may be legal."""

_ANYTHING = 0, 0
"""Value and care while the model's state is unknown."""


class Skip(NamedTuple):
    """`cycles` clock cycles between the input vectors `low` and `high`, not compared."""

    low: int
    high: int
    cycles: int


def schedule(
    interface: Interface,
    stimulus: Iterable[Mapping[str, int]],
    fresh: bool,
    probes: bool = False,
) -> Iterator[Step | Skip]:
    """Yield the steps of one case; see the module's docstring. A `Run` becomes a Skip and a step.

    Args:
        interface: The ports and the reference model.
        stimulus: The inputs that change, cycle by cycle.
        fresh: Whether the simulation starts with this case.
        probes: Whether to add probes.

    Raises:
        KeyError: The stimulus names a port that is not an input, or the model omits an output.
    """
    model = interface.model() if interface.has_state else None
    if model is not None:
        model.power_on = fresh
    settles = model is not None and type(model).settle is not Model.settle
    outputs = model.outputs if model else interface.model
    reset, active = interface.reset, interface.reset_active
    asynchronous, both = interface.asynchronous, interface.edge == "both"
    pack = packer(interface.output_layout)
    known = model is None or reset is None
    inputs = Inputs(**dict.fromkeys(interface.inputs, 0))
    values = inputs.__dict__
    places = {
        name: (offset, (1 << width) - 1, ~((1 << width) - 1 << offset))
        for name, (offset, width) in interface.input_layout.fields.items()
    }
    clock_bit = 1 << interface.input_layout.width if interface.clock else 0
    idle = clock_bit if interface.edge == "falling" else 0
    clock = idle
    driven = 0
    clocked = bool(probes and clock_bit and not settles)
    splitter = Splitter(interface) if clocked else None
    # An input of a two-state type starts at 0, and no `always @*` runs if it stays there. So all
    # inputs move once, except where the design may keep what they were.
    wake = probes and fresh and bool(places) and (model is None or bool(clock_bit and not settles))
    value, care = _ANYTHING

    for cycle, item in enumerate(stimulus):
        before = driven
        plain = item.__class__ is dict
        if (
            clocked
            and clock != idle
            and plain
            and not both
            and cycle % LATE_EVERY == LATE_EVERY - 1
        ):
            clock = idle
            yield driven | clock, value, care, cycle
        for name, given in item.items():
            try:
                offset, mask, others = places[name]
            except KeyError:
                message = f"the stimulus drives {name!r}, which is not an input of this bench"
                raise KeyError(message) from None
            values[name] = number = int(given) & mask
            driven = driven & others | number << offset
        if wake:
            wake = False
            yield driven ^ interface.input_layout.full | clock, *_ANYTHING, cycle
        in_reset = reset is not None and values[reset] == active
        if model is not None:
            if in_reset and asynchronous:
                model.reset()
                known = True
            elif known and settles:
                model.settle(inputs)
        earlier = value, care
        value, care = pack(outputs(inputs)) if known else _ANYTHING
        if splitter is not None and known:
            splitter.note(driven)
            if (value, care) != earlier and not in_reset:
                for between in splitter.between(before, driven):
                    some = Inputs(**interface.input_layout.unpack(between))
                    yield between | clock, *pack(outputs(some)), cycle
        yield driven | clock, value, care, cycle
        if not clock_bit or (not plain and isinstance(item, Hold)):
            continue
        assert model is not None  # a clock needs one
        if not plain and isinstance(item, Run):
            clock = idle ^ clock_bit
            yield Skip(driven | idle, driven | clock, item.cycles)
            repeat = item.cycles
        else:
            if clock != idle and not both:
                clock = idle
                yield driven | clock, value, care, cycle
            clock ^= clock_bit
            repeat = 1
        if in_reset:
            model.reset()
            known = True
        elif known:
            for _ in range(repeat):
                model.edge(inputs)
        value, care = pack(outputs(inputs)) if known else _ANYTHING
        yield driven | clock, value, care, cycle


class Splitter:
    """Splits a change of several inputs into steps in which each changes alone.

    What a case rules out is not driven: every combination of the narrow inputs must have occurred
    in the case itself. Their order is another one in every change.
    """

    def __init__(self, interface: Interface) -> None:
        fields = interface.input_layout.fields
        reset = interface.reset
        self._masks = [((1 << w) - 1) << at for name, (at, w) in fields.items() if name != reset]
        self._reset = sum(1 << at for name, (at, _) in fields.items() if name == reset)
        narrow = [((1 << w) - 1) << at for at, w in fields.values() if w <= _NARROW]
        self._narrow = sum(narrow)
        self._occurred: set[int] = set()
        self._left = SPLIT_STEPS
        self._turn = 0

    def note(self, driven: int) -> None:
        """Take note of inputs that the case has."""
        self._occurred.add(driven & self._narrow)

    def between(self, before: int, after: int) -> Iterator[int]:
        """Yield the inputs between two steps, packed, if more than one input changes."""
        changed = before ^ after
        masks = [mask for mask in self._masks if changed & mask]
        if len(masks) < 2 or changed & self._reset or self._left < len(masks):
            return
        first = self._turn = (self._turn + 1) % len(masks)
        for mask in [*masks[first:], *masks[:first]][:-1]:
            before ^= changed & mask
            if before & self._narrow in self._occurred:
                self._left -= 1
                yield before


def packer(layout: Layout) -> Callable[[Any], tuple[int, int]]:
    """Return a function that packs a model's outputs into (value, care) over all ports.

    It is called thousands of times for each sample, so the usual case comes first.
    """
    whole = layout.full
    places = [(name, offset, (1 << width) - 1) for name, (offset, width) in layout.fields.items()]

    def one(outputs: Any) -> tuple[int, int]:
        if outputs.__class__ in _NUMBERS:
            return outputs & whole, whole
        named = outputs.__class__ is dict or isinstance(outputs, Mapping)
        return several(outputs if named else {places[0][0]: outputs})

    def several(outputs: Any) -> tuple[int, int]:
        if outputs.__class__ is not dict and not isinstance(outputs, Mapping):
            raise TypeError(f"the reference model must return all of {list(layout.fields)}")
        value, care = 0, whole
        for name, offset, full in places:
            expected: Any = outputs[name]
            if expected.__class__ in _NUMBERS:
                value |= (expected & full) << offset
                continue
            mask = full
            if expected is None or isinstance(expected, Care):  # not the whole port is compared
                expected, mask = expected or (0, 0)
                care &= ~((full & ~mask) << offset)
            value |= (int(expected) & full & mask) << offset
        return value, care

    return one if len(places) == 1 else several


_NUMBERS = (int, bool)

__all__ = ["LOOKS_NS", "STEP_NS", "Skip", "Step", "packer", "schedule"]
