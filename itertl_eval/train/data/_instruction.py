"""Instruction: a problem that the model is trained on, and the reference it may see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from itertl_eval.problem import Problem, Suite
from itertl_eval.train.run import digest

_BODY_ALONE = re.compile(r"\bdo not include (the )?module\b", re.IGNORECASE)
PORTS_ONLY = Path(__file__).with_name("elaborates.py")


@dataclass(frozen=True)
class Instruction:
    """A problem as training sees it.

    `reference` is the completion that training may see, as the model would write it: the text
    after the prompt's module header, or the whole design if the prompt has no header. None if
    the instruction has only a testbench.
    """

    problem: Problem
    reference: str | None = None

    @property
    def id(self) -> str:
        """Name of the instruction: SUITE/PROBLEM."""
        return f"{self.problem.suite}/{self.problem.id}"

    @cached_property
    def digest(self) -> str:
        """Hash of everything that its samples and their scores depend on."""
        return digest([self.id, self.problem.digest, self.problem.prompt.text, self.reference])


def is_ports_only(problem: Problem) -> bool:
    """Return True if there is no testbench, so that a pass only means that a design elaborates."""
    return problem.testbench == PORTS_ONLY


def from_suite(suite: Suite) -> list[Instruction]:
    """Return the problems of a suite that have a testbench or at least a reference."""
    found = []
    for problem in suite.values():
        reference = reference_completion(problem)
        if problem.testbench is not None:
            found.append(Instruction(problem, reference))
        elif reference is not None:
            found.append(Instruction(replace(problem, testbench=PORTS_ONLY), reference))
    return found


def reference_completion(problem: Problem) -> str | None:
    """Return the reference as a completion of the prompt, or None if there is none."""
    text, header = problem.reference, problem.prompt.header
    if not text.strip():
        return None
    if not header:
        return text
    before, found, after = text.partition(header.rstrip())
    if not found or before.strip():
        return None
    return after.removeprefix(header[len(header.rstrip()) :])


def for_chat(instruction: Instruction) -> Instruction:
    """Return an instruction with the reference that a chat model should write.

    A chat model answers with a whole module, unless the system text asks for the text after the
    header alone, as VerilogEval's does.
    """
    prompt, reference = instruction.problem.prompt, instruction.reference
    if reference is None or not prompt.header or _BODY_ALONE.search(prompt.system):
        return instruction
    return replace(instruction, reference=prompt.header + reference)


def hide_references(
    instructions: Sequence[Instruction], share: float, seed: int
) -> list[Instruction]:
    """Keep the references of a share of the instructions: the same ones for the same seed.

    The instructions with the smallest hashes keep theirs, so one instruction's choice depends on
    the others only through the exact count.
    """
    having = [i for i in instructions if i.reference is not None]
    ranked = sorted(having, key=lambda i: digest([seed, "reference", i.id]))
    shown = {i.id for i in ranked[: round(share * len(having))]}
    return [i if i.id in shown else replace(i, reference=None) for i in instructions]


def choose_in_turn(
    instructions: Sequence[Instruction], count: int, number: int, seed: int
) -> list[Instruction]:
    """Return the `count` instructions of iteration `number` (from 1); all of them if `count` is 0.

    They are taken from one shuffled order, which starts again at its end, so every instruction is
    used once before any is used twice. The result keeps the order of `instructions`.
    """
    size = len(instructions)
    if not count or count >= size:
        return list(instructions)
    order = sorted(range(size), key=lambda at: digest([seed, "deal", instructions[at].id]))
    chosen = {order[at % size] for at in range((number - 1) * count, number * count)}
    return [instructions[at] for at in sorted(chosen)]


def digest_all(instructions: Iterable[Instruction]) -> str:
    """Return one hash of several instructions."""
    return digest([instruction.digest for instruction in instructions])
