"""Single changes: stimulus in which one input changes alone and an output must follow.

Random inputs nearly always change together, and then a design looks right although a name is
missing in one of its sensitivity lists. So each case of a combinational bench ends with changes of
one input at a time, from several states, for every input and every output that depends on it.

They are found once per bench, with a fixed seed, so no verdict depends on whether a seed happens
to contain them. A change is only taken between inputs that the bench's own cases produce, one
after the other or both somewhere in the same case: what a case rules out is never driven.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice, pairwise

from itertl_eval.bench._interface import Interface
from itertl_eval.bench._model import Inputs
from itertl_eval.bench._schedule import packer

TIMES = 3
"""How many changes of an input are looked for that an output must follow."""
_ITEMS_PER_CASE = 4096
_PAIRS = 400
"""For each case and input: how many are tried, since models may be slow."""

Item = dict[str, int]
Sampler = tuple[str, Callable[[], int]]


class Explorer(random.Random):
    """The random generator for a case that is searched for single changes.

    It makes `Bench.random` append items in which one input changes alone. They pass through
    whatever the case does with its items, so that they are as legal as those.
    """

    budget = 2048

    def walk(self, samplers: list[Sampler]) -> Iterator[Item]:
        """Yield items of which each differs from the one before in at most one input."""
        for _ in range(8):
            item = {name: sample() for name, sample in samplers}
            yield dict(item)
            for _ in range(max(1, 32 // len(samplers))):
                for name, sample in samplers:
                    if self.budget <= 0:
                        return
                    self.budget -= 1
                    item[name] = sample()
                    yield dict(item)


def single_changes(
    interface: Interface, cases: Mapping[str, Callable[..., Iterable[Mapping[str, int]]]]
) -> dict[str, list[Item]]:
    """Return what to append to each case: items in pairs, before and after a change.

    A case or a model that fails is left for the simulation to report. The cases run in another
    process, so whatever they change in their module is as it was.
    """
    if interface.has_state or len(interface.inputs) < 2:
        return {}
    packed: dict[str, list[str]] = json.loads(_elsewhere(lambda: _search(interface, cases)))
    unpack = interface.input_layout.unpack
    return {name: [unpack(int(state, 16)) for state in found] for name, found in packed.items()}


def _search(
    interface: Interface, cases: Mapping[str, Callable[..., Iterable[Mapping[str, int]]]]
) -> str:
    """Return the changes of all cases as JSON, inputs packed and in hexadecimal."""
    search = _Search(interface)
    found: dict[str, list[str]] = {}
    for name, stimulus in cases.items():
        try:
            found[name] = [f"{state:x}" for state in search.run(stimulus)]
        except Exception:
            continue
    return json.dumps(found)


def _elsewhere(work: Callable[[], str]) -> str:
    """Return the result of `work` in a process of its own, or here where there can be none."""
    reader, writer = os.pipe()
    try:
        child = os.fork()
    except OSError:  # in a sandbox
        os.close(reader)
        os.close(writer)
        return work()
    if child == 0:
        with suppress(BaseException), open(writer, "w") as file:
            file.write(work())
        os._exit(0)
    os.close(writer)
    with open(reader) as file:
        text = file.read()
    os.waitpid(child, 0)
    return text or "{}"


class _Search:
    def __init__(self, interface: Interface) -> None:
        self._interface = interface
        self._inputs, self._outputs = interface.input_layout, interface.output_layout
        self._pack = packer(interface.output_layout)
        self._shown: Counter[tuple[str, str]] = Counter()
        self._known: dict[int, tuple[int, int]] = {}

    def run(self, stimulus: Callable[..., Iterable[Mapping[str, int]]]) -> list[int]:
        """Return the changes that one case adds to those of the cases before, inputs packed."""
        states = list(self._states(stimulus(Explorer(0))))
        found: list[int] = []
        for name, (offset, width) in self._inputs.fields.items():
            lacking = {o for o in self._outputs.fields if self._shown[name, o] < TIMES}
            for before, after in _pairs(states, ((1 << width) - 1) << offset):
                if not lacking:
                    break
                following = self._following(before, after)
                if lacking & following:
                    found += [before, after]
                    self._shown.update((name, output) for output in following)
                    lacking -= {
                        output for output in following if self._shown[name, output] >= TIMES
                    }
        return found

    def _states(self, items: Iterable[Mapping[str, int]]) -> Iterator[int]:
        """Yield all inputs, packed, after each item."""
        values = dict.fromkeys(self._interface.inputs, 0)
        for item in islice(items, _ITEMS_PER_CASE):
            values |= item
            yield self._inputs.pack(values)

    def _following(self, before: int, after: int) -> set[str]:
        """Return the outputs that must change with the inputs.

        One that is only compared after the change, and then is not zero, counts: a design that
        does not follow has no reason to show it.
        """
        (value, care), (other, also) = self._expected(before), self._expected(after)
        changed = (value & care ^ other) & also
        return {
            name
            for name, (offset, width) in self._outputs.fields.items()
            if changed >> offset & ((1 << width) - 1)
        }

    def _expected(self, state: int) -> tuple[int, int]:
        if state not in self._known:
            inputs = Inputs(**self._inputs.unpack(state))
            self._known[state] = self._pack(self._interface.model(inputs))
        return self._known[state]


def _pairs(states: list[int], mask: int) -> list[tuple[int, int]]:
    """Return some pairs of states that differ in the bits of `mask` alone, in random order."""
    pairs = {(a, b) for a, b in pairwise(states) if a != b and not (a ^ b) & ~mask}
    alike: dict[int, list[int]] = defaultdict(list)
    for state in set(states):
        alike[state & ~mask].append(state)
    for group in alike.values():
        pairs.update(pairwise(sorted(group)))
    return random.Random(0).sample(sorted(pairs), min(len(pairs), _PAIRS))


__all__ = ["Explorer", "Item", "single_changes"]
