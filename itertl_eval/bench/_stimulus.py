"""Common stimulus for the test cases of a bench."""

from __future__ import annotations

import itertools
import random as _random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from itertl_eval.bench._interface import Interface
from itertl_eval.bench._model import Inputs
from itertl_eval.bench._single_changes import Explorer

Stimulus = Iterable[Mapping[str, int]]
Weight = float | int | Sequence[int] | Callable[[_random.Random], int]
_MOST_RESETS = 0.5
"""Largest share of cycles in reset; more is the probability of 1 for a reset that is active low."""


class StimulusMethods:
    """The methods of a `Bench` that make stimulus. An item is the inputs of one clock cycle."""

    def __init__(self, interface: Interface) -> None:
        self.interface = interface

    def every(self, *names: str, **fixed: int) -> Iterator[dict[str, int]]:
        """Yield every combination of some inputs, in counting order.

        Args:
            names: The inputs to combine; by default all that are not fixed.
            fixed: Inputs with a constant value.
        """
        widths = self.interface.inputs
        names = names or tuple(name for name in widths if name not in fixed)
        ranges = [range(1 << widths[name]) for name in names]
        for values in itertools.product(*ranges):
            yield {**fixed, **dict(zip(names, values, strict=True))}

    def random(
        self, rng: _random.Random, count: int, /, **weights: Weight
    ) -> Iterator[dict[str, int]]:
        """Yield random items, uniform except where `weights` says otherwise.

        Args:
            rng: The case's source of randomness.
            count: How many items.
            weights: For an input: the probability of 1 (a float, for one-bit inputs; a reset of
                0.05 is active in one cycle of twenty, whatever its polarity), a constant (an
                int), a sequence to choose from, or a function of `rng`.

        Raises:
            KeyError: A weight is for something that is not an input.
            ValueError: The reset would be active in most cycles.
        """
        inputs = self.interface.inputs
        for name in weights:
            if name not in inputs:
                raise KeyError(f"{name!r} is not an input of this bench")
        samplers = [(name, self._sampler(rng, name, weights.get(name))) for name in inputs]
        for _ in range(count):
            yield {name: sample() for name, sample in samplers}
        if isinstance(rng, Explorer):
            yield from rng.walk(samplers)

    def _sampler(self, rng: _random.Random, name: str, weight: Weight | None) -> Callable[[], int]:
        if weight is None:
            width = self.interface.inputs[name]
            return partial(rng.getrandbits, width)
        if isinstance(weight, float):
            is_reset = name == self.interface.reset
            if is_reset and weight > _MOST_RESETS:
                raise ValueError(
                    f"{name}={weight}: the reset would be active in most cycles; its weight is the "
                    f"share of cycles in which it is active, such as {1 - weight:.2g}"
                )
            inverted = is_reset and not self.interface.reset_active
            return lambda: int(rng.random() < weight) ^ inverted
        if isinstance(weight, int):
            return lambda: weight
        return (lambda: weight(rng)) if callable(weight) else lambda: rng.choice(weight)

    def stream(
        self, rng: _random.Random, count: int, source: str, /, **weights: Weight
    ) -> Iterator[dict[str, int]]:
        """Yield random items from a well-behaved source with a valid and a ready signal.

        What the source offers stays unchanged until the reference model takes it or is reset.
        The bench needs a reset, and the stream must begin right after one.

        Args:
            rng: The case's source of randomness.
            count: How many items.
            source: The prefix of the source's ports: "s_axis_t" for s_axis_tvalid,
                s_axis_tready and the inputs s_axis_tdata, s_axis_tlast and so on.
            weights: As for `random`.
        """
        interface = self.interface
        model, kept = interface.model(), dict[str, int]()
        model.reset()
        offered = [name for name in interface.inputs if name.startswith(source)]
        for item in self.random(rng, count, **weights):
            item.update(kept)
            yield item
            i = Inputs(**item)
            if item[str(interface.reset)] == interface.reset_active:
                kept = {}
                model.reset()
                continue
            refused = i[f"{source}valid"] and not model.outputs(i)[f"{source}ready"]
            kept = {name: item[name] for name in offered} if refused else {}
            model.edge(i)

    def corners(self, rng: _random.Random, **fixed: int) -> Iterator[dict[str, int]]:
        """Yield directed values of every input in turn, the other inputs random.

        The values are zero, all ones, one bit set, one bit clear and alternating bits.
        """
        inputs = self.interface.inputs
        for name in inputs:
            if name in fixed:
                continue
            full = (1 << inputs[name]) - 1
            single = [1 << bit for bit in range(inputs[name])]
            stripes = [int("01" * inputs[name], 2) & full, int("10" * full.bit_length(), 2)]
            for value in [0, full, *single, *(full ^ bit for bit in single), *stripes]:
                item = {other: rng.getrandbits(width) for other, width in inputs.items()}
                yield {**item, name: value & full, **fixed}

    def in_reset(self, rng: _random.Random, cycles: int = 2) -> Iterator[dict[str, int]]:
        """Yield cycles with the reset active and every other input random."""
        for _ in range(cycles):
            item = {name: rng.getrandbits(width) for name, width in self.interface.inputs.items()}
            yield {**item, str(self.interface.reset): self.interface.reset_active}


__all__ = ["Stimulus", "StimulusMethods", "Weight"]
