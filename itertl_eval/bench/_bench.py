"""Bench: ports, golden model and test cases in one declaration."""

from __future__ import annotations

import itertools
import random as _random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from itertl_eval.bench._interface import Layout
from itertl_eval.bench._model import Hold, Inputs, Model
from itertl_eval.bench._schedule import schedule

Stimulus = Iterable[Mapping[str, int]]
Weight = float | int | Sequence[int] | Callable[[_random.Random], int]


class Bench:
    """A testbench: what is driven, what is expected, in which named cases.

    `golden` is a function from `Inputs` to the outputs for a combinational design, or a
    subclass of `Model` for one with state. `inputs` and `outputs` give the widths in bits;
    the clock is not among the inputs. `reset` names an input, with a leading "!" when it is
    active low; it is synchronous unless `asynchronous` is set. `cases` holds the stimulus of
    each case by name, for a bench that tests the same under other port names.
    """

    def __init__(
        self,
        golden: Callable[..., Any],
        *,
        inputs: Mapping[str, int] | None = None,
        outputs: Mapping[str, int],
        clock: str | None = None,
        edge: Literal["rising", "falling", "both"] = "rising",
        reset: str | None = None,
        asynchronous: bool = False,
    ) -> None:
        self.golden = golden
        self.has_state = isinstance(golden, type) and issubclass(golden, Model)
        self.inputs = dict(inputs or {})
        self.outputs = dict(outputs)
        self.clock = clock
        self.edge = edge
        self.reset = reset.removeprefix("!") if reset else None
        self.reset_active = 0 if reset and reset.startswith("!") else 1
        self.asynchronous = asynchronous
        self.input_layout = Layout(self.inputs)
        self.output_layout = Layout(self.outputs)
        self.cases: dict[str, Callable[..., Stimulus]] = {}
        if self.reset is not None and self.reset not in self.inputs:
            raise ValueError(f"reset={reset!r} must be one of the inputs {list(self.inputs)}")
        if clock is not None and not self.has_state:
            raise ValueError("a bench with a clock needs a golden model derived from Model")

    @property
    def driven_widths(self) -> dict[str, int]:
        """All ports that the bench drives, in packing order; the clock is the highest bit."""
        return self.inputs | ({self.clock: 1} if self.clock else {})

    # -- stimulus ---------------------------------------------------------------------------

    def every(self, *names: str, **fixed: int) -> Iterator[dict[str, int]]:
        """Every combination of the named inputs (default: all that are not fixed), in order."""
        names = names or tuple(name for name in self.inputs if name not in fixed)
        ranges = [range(1 << self.inputs[name]) for name in names]
        for values in itertools.product(*ranges):
            yield {**fixed, **dict(zip(names, values, strict=True))}

    def random(
        self, rng: _random.Random, count: int, /, **weights: Weight
    ) -> Iterator[dict[str, int]]:
        """`count` random items, uniform except where `weights` says otherwise.

        A weight is a probability of 1 (float, one-bit ports; a reset of 0.05 is asserted in
        one cycle of twenty whatever its polarity), a constant (int), a sequence to choose
        from, or a function of `rng`.
        """
        for name in weights:
            if name not in self.inputs:
                raise KeyError(f"{name!r} is no input of this bench")
        draws = [(name, self._draw(rng, name, weights.get(name))) for name in self.inputs]
        for _ in range(count):
            yield {name: draw() for name, draw in draws}

    def _draw(self, rng: _random.Random, name: str, weight: Weight | None) -> Callable[[], int]:
        if weight is None:
            width = self.inputs[name]
            return lambda: rng.getrandbits(width)
        if isinstance(weight, float):
            inverted = name == self.reset and not self.reset_active
            return lambda: int(rng.random() < weight) ^ inverted
        if isinstance(weight, int):
            return lambda: weight
        return (lambda: weight(rng)) if callable(weight) else lambda: rng.choice(weight)

    def stream(
        self, rng: _random.Random, count: int, source: str, /, **weights: Weight
    ) -> Iterator[dict[str, int]]:
        """`count` random items from a well-behaved source with a valid and a ready.

        What it offers stays as it is until the golden model takes it or is reset. `source` is
        what the names of its ports begin with: "s_axis_t" for s_axis_tvalid, s_axis_tready and
        the inputs s_axis_tdata, s_axis_tlast and so on. For a bench with a reset; to be used
        right after one.
        """
        model, kept = self.golden(), dict[str, int]()
        model.reset()
        offered = [name for name in self.inputs if name.startswith(source)]
        for item in self.random(rng, count, **weights):
            item.update(kept)
            yield item
            i = Inputs(**item)
            if item[str(self.reset)] == self.reset_active:
                kept = {}
                model.reset()
                continue
            refused = i[f"{source}valid"] and not model.outputs(i)[f"{source}ready"]
            kept = {name: item[name] for name in offered} if refused else {}
            model.edge(i)

    def corners(self, rng: _random.Random, **fixed: int) -> Iterator[dict[str, int]]:
        """Directed values of every input in turn, the others random: zero, all ones, one bit
        set, one bit clear, alternating bits."""
        for name in self.inputs:
            if name in fixed:
                continue
            full = (1 << self.inputs[name]) - 1
            single = [1 << bit for bit in range(self.inputs[name])]
            stripes = [int("01" * self.inputs[name], 2) & full, int("10" * full.bit_length(), 2)]
            for value in [0, full, *single, *(full ^ bit for bit in single), *stripes]:
                item = {other: rng.getrandbits(width) for other, width in self.inputs.items()}
                yield {**item, name: value & full, **fixed}

    def in_reset(self, rng: _random.Random, cycles: int = 2) -> Iterator[dict[str, int]]:
        """Cycles with the reset asserted and every other input random."""
        for _ in range(cycles):
            item = {name: rng.getrandbits(width) for name, width in self.inputs.items()}
            yield {**item, str(self.reset): self.reset_active}

    # -- cases ------------------------------------------------------------------------------

    def case(self, stimulus: Callable[..., Stimulus] | None = None, *, reset: bool = True) -> Any:
        """Make a test case of a function `(rng) -> iterable of inputs`, one item per cycle.

        An item names the inputs that change; the others keep their value. With a reset port
        the case begins with two cycles in reset, released by the first item unless that item
        asserts it again; `reset=False` leaves this out. Returns a cocotb test.
        """
        if stimulus is None:
            return lambda function: self.case(function, reset=reset)

        import cocotb

        from itertl_eval.bench._player import play

        name = stimulus.__name__
        self.cases[name] = stimulus
        bench = self

        async def test(dut: Any) -> None:
            rng = _random.Random(cocotb.RANDOM_SEED)
            await play(bench, dut, lambda fresh: bench.steps(stimulus, rng, reset, fresh))

        test.__name__ = test.__qualname__ = name
        test.__doc__ = stimulus.__doc__
        test.__module__ = _module_name(stimulus)
        return cocotb.test(test)

    def steps(
        self, stimulus: Callable[..., Stimulus], rng: _random.Random, reset: bool, fresh: bool
    ) -> Iterator[Any]:
        items: Stimulus = stimulus(rng)
        if self.reset is not None and reset:
            release = {self.reset: 1 - self.reset_active}
            others = [name for name in self.inputs if name != self.reset]
            # A reset may depend on no other input, so the first case has all of them at zero
            # and the second at all ones: a design in which it does is then not in its reset state.
            fixed = dict(zip(self.cases.values(), (0, -1), strict=False)).get(stimulus)
            start = [
                item if fixed is None else {**item, **dict.fromkeys(others, fixed)}
                for item in self.in_reset(rng)
            ]
            items = itertools.chain(start, _released(items, release))
        return schedule(self, items, fresh)


def _released(items: Stimulus, release: dict[str, int]) -> Iterator[Mapping[str, int]]:
    for index, item in enumerate(items):
        if index:
            yield item
        else:
            merged = {**release, **item}
            yield Hold(merged) if isinstance(item, Hold) else merged


def _module_name(function: Callable[..., Any]) -> str:
    """The bench's file name: the seed of a case must not depend on how the file was loaded."""
    module = sys.modules.get(function.__module__)
    file = getattr(module, "__file__", None) or function.__code__.co_filename
    return Path(file).stem


__all__ = ["Bench", "Inputs", "Stimulus"]
