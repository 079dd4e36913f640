"""Make a testbench from a problem's reference."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from itertl_eval.authoring import Mutant, listed_reason, mutants
from itertl_eval.errors import UsageError
from itertl_eval.formal import HINT, available, forgotten_input, prove_equivalent
from itertl_eval.from_reference._blocks import first_blocks, more_blocks
from itertl_eval.from_reference._counterexamples import block_of
from itertl_eval.from_reference._long_blocks import ALWAYS, long_blocks
from itertl_eval.from_reference._open import (
    one_hot_inputs,
    open_resets,
    outside_waiting,
    rival_resets,
)
from itertl_eval.from_reference._recording import Refused, agreeing, record, record_once
from itertl_eval.from_reference._selection import Trial, chosen, levels_seen, try_mutants
from itertl_eval.from_reference._stimulus import Block
from itertl_eval.from_reference._table import Captured, bench_text, columns, full_table
from itertl_eval.from_reference.circuit import Circuit, read_circuit, without_initial
from itertl_eval.grader import extract, interpret, run_design, testbench_file
from itertl_eval.problem import Problem

TURNS = 4
"""How often more stimulus is made for the mutants that are left."""

TURNS_FOR_LEVELS = 2
"""How often more stimulus is made for output bits that never change."""

LEAST_KNOWN = 0.3
"""Share of the steps at which the best known output bit must be known."""


@dataclass(frozen=True)
class RecordedTestbench:
    """A testbench made from a reference: its file, and what it did to the reference's mutants.

    `mutants` are those that compile, without the `proved` ones, which change nothing, and without
    those that the problem lists as equivalent.
    """

    text: str = field(repr=False)
    circuit: Circuit = field(repr=False)
    steps: int
    mutants: int = 0
    killed: int = 0
    survivors: tuple[Mutant, ...] = field(default=(), repr=False)
    power_on: bool = False
    proved: int = 0


def make_testbench(
    problem: Problem, *, seed: int = 0, limit: int = 40, prove: bool = False
) -> RecordedTestbench:
    """Return a testbench that compares designs with the recorded outputs of a problem's reference.

    Args:
        problem: Its reference, ports and prompt are used; a testbench that it has is not.
        seed: The same problem, seed, limit, `prove` and version give the same file.
        limit: How many mutants of the reference to try the stimulus on; 0 for none.
        prove: Prove of each mutant that is left that it changes nothing, or add the
            counterexample to the stimulus (the extra `formal`). A proof that meets its time
            limit adds nothing, so that the file may depend on the machine's speed then.

    Raises:
        UsageError: `prove`, and Yosys is not installed.
        Refused: The reference is of a kind from which no testbench can be made.
        InfrastructureError: This machine failed.
    """
    if prove and not available():
        raise UsageError(f"there is no Yosys to prove with; {HINT}")
    return _Maker(problem, seed).make(limit, prove)


class _Maker:
    """One testbench in the making."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem = problem
        _require_ports(problem)
        found = extract(problem.reference, problem.top, problem.prompt.header)
        if found.code is None:
            raise Refused("does not compile", found.problem)
        self.code = found.code
        if forgotten := forgotten_input(self.code, problem.top):  # outputs would be old ones
            raise Refused("incomplete sensitivity list", f"{forgotten} is missing")
        self.circuit = read_circuit(problem)
        self.circuit.rivals = rival_resets(problem, self.circuit)
        self.plain = without_initial(self.code, problem.top, two_state=not self.circuit.resets)
        self.one_hot = one_hot_inputs(problem)
        self.rng = random.Random(f"{seed} {problem.top} {problem.reference}")
        self.blocks: list[Block] = []
        self.seen: list[Captured] = []
        self.power_on = False
        self.zero_at_start = False

    def make(self, limit: int, prove: bool) -> RecordedTestbench:
        self._record_first()
        trials = [Trial(mutant) for mutant in self._mutants(limit)] if limit else []
        fill = len(self.blocks)
        self._judge(0, trials)
        if not self.power_on:  # its one case would have to be recorded anew
            self._extend(trials)
            self._select(trials, fill)
            if prove:
                self._prove(trials)
        text, _ = self._file(self.blocks, self.seen)
        self._require_pass(text)
        compiled = [trial for trial in trials if trial.compiles and not trial.same]
        survivors = tuple(trial.mutant for trial in compiled if trial.alive)
        return RecordedTestbench(
            text,
            self.circuit,
            sum(block.steps for block in self.blocks),
            len(compiled),
            len(compiled) - len(survivors),
            survivors,
            self.power_on,
            sum(trial.same for trial in trials),
        )

    def _extend(self, trials: Sequence[Trial]) -> None:
        """Add stimulus for the mutants that live and the output bits that never change."""
        for turn in range(TURNS):
            alive = [trial for trial in trials if trial.alive]
            stuck = turn < TURNS_FOR_LEVELS and not all(self._levels())
            if alive or stuck:
                self._add_blocks(turn, alive)

    def _levels(self) -> list[set[int]]:
        return levels_seen(self.seen, sum(self.circuit.outputs.values()))

    def _select(self, trials: list[Trial], fill: int) -> None:
        """Keep the blocks that notice something, and see what they notice on their own."""
        goals = [trial.caught_by for trial in trials] + self._levels()
        goals += [{at} for at, block in enumerate(self.blocks) if block.name in ALWAYS]
        kept = chosen(goals, [block.steps for block in self.blocks], fill)
        if len(kept) == len(self.blocks):
            return
        self.blocks = [self.blocks[at] for at in kept]
        before = [self.seen[at] for at in kept]
        again = self._record(self.blocks)  # each has other predecessors now
        self.seen = [agreeing(*pair) for pair in zip(before, again, strict=True)]
        if self.seen != before:
            trials[:] = [Trial(trial.mutant) for trial in trials]
            self._judge(0, trials)

    # -- recording ----------------------------------------------------------------------------

    def _record_first(self) -> None:
        self.blocks = first_blocks(self.circuit, self.rng, self.one_hot)
        self.seen = self._record(self.blocks)
        outcome = self._fault()
        if outcome is not None and self.circuit.clocks:
            self.blocks += long_blocks(self.circuit, self.rng, self.one_hot)
            self.seen = self._record(self.blocks)
            outcome = self._fault()
        if outcome is not None and self.circuit.clocks:
            # Its initial values alone make it known: they are its reset, or zero without one.
            self.blocks = [Block("from_power_on", [i for b in self.blocks for i in b.items])]
            self.power_on = True
            for self.zero_at_start in (False, True):
                self.seen = record_once(
                    self.problem, self.code, self.circuit, self.blocks, self.zero_at_start
                )
                if (outcome := self._fault()) is None:
                    break
        if outcome is not None:
            raise Refused(outcome)

    def _record(self, blocks: Sequence[Block]) -> list[Captured]:
        seen = record(self.problem, self.code, self.circuit, blocks)
        if self.plain is not None:
            try:
                plain = record(self.problem, self.plain, self.circuit, blocks)
            except Refused:  # it needs them to compile or to end
                plain = seen
            seen = [agreeing(*pair) for pair in zip(seen, plain, strict=True)]
        if resets := open_resets(self.problem, self.circuit):
            seen = outside_waiting(self.circuit, resets, blocks, seen)
        return seen

    def _fault(self) -> str | None:
        """Why the recording is not worth having."""
        steps = [step for captured in self.seen for step in captured]
        width = sum(self.circuit.outputs.values())
        known = [sum(care >> bit & 1 for _, care in steps) for bit in range(width)]
        if max(known) < LEAST_KNOWN * len(steps) or not steps:
            return "no known output"
        ones = zeros = 0
        for value, care in steps:
            ones, zeros = ones | value, zeros | care & ~value
        if self.circuit.inputs and not ones & zeros and not self.circuit.constant:
            return "constant outputs"
        return None

    # -- mutants ------------------------------------------------------------------------------

    def _mutants(self, limit: int) -> list[Mutant]:
        """Mutants of the reference without those that the problem lists as equivalent."""
        found = mutants(self.code, self.problem.top, limit=limit)
        if not self.problem.equivalent:
            return found
        # The list has the line numbers of the reference as it is, with its blank lines.
        named = mutants(self.problem.reference, self.problem.top, limit=limit)
        if [each.description for each in found] != [each.description for each in named]:
            named = found
        pairs = zip(found, named, strict=True)
        return [mutant for mutant, name in pairs if not listed_reason(self.problem, name)]

    def _judge(self, first: int, trials: Sequence[Trial]) -> None:
        if not trials:
            return
        text, names = self._file(self.blocks[first:], self.seen[first:])
        try_mutants(self.problem, text, names, first, trials)

    def _add_blocks(self, turn: int, alive: Sequence[Trial]) -> None:
        """Try more stimulus on the mutants that are left; keep it if it helps."""
        first = len(self.blocks)
        blocks = more_blocks(self.circuit, self.rng, self.one_hot, turn)
        if not blocks:  # without inputs there is nothing more to try
            return
        try:
            seen = self._record(blocks)
        except Refused as refused:
            if refused.outcome == Refused.HIGH_IMPEDANCE:
                raise
            return  # too long
        self.blocks += blocks
        self.seen += seen
        self._judge(first, alive)

    def _prove(self, trials: Sequence[Trial]) -> None:
        """Mark the mutants that change nothing; add stimulus for the others that are left."""
        reference = replace(self.problem, reference=self.code)
        for trial in trials:
            if not trial.alive:  # a counterexample may kill several
                continue
            found = prove_equivalent(reference, trial.mutant.source, one_hot=sorted(self.one_hot))
            trial.same = found.outcome == "proved"
            if found.counterexample is None:
                continue
            try:
                block = block_of(self.circuit, found.counterexample)
                seen = self._record([block])
            except Refused:
                continue
            self.blocks.append(block)
            self.seen += seen
            self._judge(len(self.blocks) - 1, [each for each in trials if each.alive])
            if trial.alive:  # it shows only where nothing is compared
                del self.blocks[-1], self.seen[-1]

    def _require_pass(self, text: str) -> None:
        with testbench_file(text) as path:
            result = run_design(replace(self.problem, testbench=path), self.code)
        status, _, message = interpret(result)
        if status != "pass":
            raise Refused("not repeatable", message)

    # -- the file -----------------------------------------------------------------------------

    def _file(self, blocks: Sequence[Block], seen: Sequence[Captured]) -> tuple[str, list[str]]:
        """A testbench file and the names of its cases, one for each block."""
        counts: Counter[str] = Counter()
        names, texts = [], []
        for block, captured in zip(blocks, seen, strict=True):
            counts[block.name] += 1
            number = counts[block.name]
            name = block.name if number == 1 else f"{block.name}_{number}"
            table = full_table(self.circuit, block, captured)
            names.append(name)
            texts.append(f'{name} = bench.recorded("{name}", """\n{table}""")\n')
        head = (
            f'"""{self.problem.top}: recorded from its reference by itertl_eval.from_reference.\n\n'
            f'{columns(self.circuit)} RecordedBench describes the tables.\n"""\n\n'
            "from itertl_eval.bench import RecordedBench\n\n"
        )
        return head + bench_text(self.circuit, self.zero_at_start) + "\n" + "\n".join(texts), names


def _require_ports(problem: Problem) -> None:
    for port in problem.ports:
        if port.direction == "inout":
            raise Refused("inout port", port.name)
        if port.array:
            raise Refused("array port", port.name)
        if port.width < 1:
            raise Refused("port without a width", port.name)
    if not problem.outputs:
        raise Refused("no outputs")


__all__ = ["RecordedTestbench", "make_testbench"]
