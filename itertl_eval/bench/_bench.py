"""Bench: ports, reference model and test cases in one declaration."""

from __future__ import annotations

import itertools
import random as _random
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import cocotb

from itertl_eval.bench._interface import Edge, Interface
from itertl_eval.bench._model import Hold, Run
from itertl_eval.bench._player import play
from itertl_eval.bench._schedule import Skip, Step, schedule
from itertl_eval.bench._single_changes import Item, single_changes
from itertl_eval.bench._stimulus import Stimulus, StimulusMethods


class Bench(StimulusMethods):
    """A testbench: what is driven, what is expected, in which named test cases.

    Its life: a testbench file is imported once per worker and makes one module-level `Bench`.
    `case` turns each stimulus function into a cocotb test. For every sample a new process plays
    the tests in the order of the file. Each test calls its stimulus function with a new random
    generator, seeded by the sample, and makes a new reference model; `schedule` asks the model
    what to expect while `play` drives the design. The design alone keeps its state from one
    test to the next, which is why a test begins in reset where there is one.

    Args:
        golden: A function from `Inputs` to the outputs for a combinational design, or a subclass
            of `Model` for a design with state.
        inputs: Input name -> width in bits; without the clock.
        outputs: Output name -> width in bits.
        clock: The name of the clock, if there is one.
        edge: The active edge of the clock.
        reset: The name of the input that resets the design, with a leading "!" if it is active
            low.
        asynchronous: Whether the reset acts without a clock edge.

    Attributes:
        interface: All of the above, as the schedule and the players need it.
        cases: The stimulus function of each case by name, for a bench that tests the same under
            other port names.

    Raises:
        ValueError: The reset is not an input, or there is a clock but no `Model`.
    """

    def __init__(
        self,
        golden: Callable[..., Any],
        *,
        inputs: Mapping[str, int] | None = None,
        outputs: Mapping[str, int],
        clock: str | None = None,
        edge: Edge = "rising",
        reset: str | None = None,
        asynchronous: bool = False,
    ) -> None:
        interface = Interface(
            model=golden,
            inputs=dict(inputs or {}),
            outputs=dict(outputs),
            clock=clock,
            edge=edge,
            reset=reset.removeprefix("!") if reset else None,
            reset_active=0 if reset and reset.startswith("!") else 1,
            asynchronous=asynchronous,
        )
        super().__init__(interface)
        self.golden = golden
        self.inputs, self.outputs = interface.inputs, interface.outputs
        self.cases: dict[str, Callable[..., Stimulus]] = {}

    def case(self, stimulus: Callable[..., Stimulus] | None = None, *, reset: bool = True) -> Any:
        """Make a test case of a stimulus function; used as a decorator.

        An item names the inputs that change; the others keep their value. With a reset port the
        case begins with two cycles in reset, released by the first item unless that item
        activates it again.

        Args:
            stimulus: A function `(rng) -> iterable of items`, one item per clock cycle.
            reset: Whether the case begins in reset.

        Returns:
            A cocotb test.
        """
        if stimulus is None:
            return lambda function: self.case(function, reset=reset)
        name = stimulus.__name__
        self.cases[name] = stimulus
        bench = self

        async def test(dut: Any) -> None:
            rng = _random.Random(cocotb.RANDOM_SEED)
            await play(
                bench.interface,
                dut,
                lambda fresh: bench.steps(stimulus, rng, reset, fresh, probes=True),
            )

        test.__name__ = test.__qualname__ = name
        test.__doc__ = stimulus.__doc__
        test.__module__ = _module_name(stimulus)
        return as_test(test)

    @cached_property
    def single_changes(self) -> dict[str, list[Item]]:
        """Case -> what is appended to it, so that each input changes alone.

        The grader asks for it as soon as the file is imported, once for all samples.
        """
        return single_changes(self.interface, self.cases)

    def steps(
        self,
        stimulus: Callable[..., Stimulus],
        rng: _random.Random,
        reset: bool,
        fresh: bool,
        probes: bool = False,
    ) -> Iterator[Step | Skip]:
        """Return the steps of a case; see `case` and `schedule`."""
        items: Stimulus = stimulus(rng)
        if probes:
            items = itertools.chain(items, self.single_changes.get(stimulus.__name__, ()))
        name = self.interface.reset
        if name is not None and reset:
            release = {name: 1 - self.interface.reset_active}
            others = [other for other in self.inputs if other != name]
            # A reset must not depend on any other input, so the first case has all of them at zero
            # and the second at all ones: a design in which it does is then not in its reset state.
            fixed = dict(zip(self.cases.values(), (0, -1), strict=False)).get(stimulus)
            start = [
                item if fixed is None else {**item, **dict.fromkeys(others, fixed)}
                for item in self.in_reset(rng)
            ]
            items = itertools.chain(start, _released(items, release))
        return schedule(self.interface, items, fresh, probes)


def as_test(test: Any) -> Any:
    """Return a cocotb test of a coroutine that awaits nothing but time, marked as such."""
    test.only_waits = True
    return cocotb.test(test)


def _released(items: Stimulus, release: dict[str, int]) -> Iterator[Mapping[str, int]]:
    for index, item in enumerate(items):
        if index:
            yield item
            continue
        merged = {**release, **item}
        if isinstance(item, Run):
            yield Run(item.cycles, **merged)
        else:
            yield Hold(merged) if isinstance(item, Hold) else merged


def _module_name(function: Callable[..., Any]) -> str:
    """Return the bench's file name: a case's seed must not depend on how the file was loaded."""
    module = sys.modules.get(function.__module__)
    file = getattr(module, "__file__", None) or function.__code__.co_filename
    return Path(file).stem


__all__ = ["Bench", "as_test"]
