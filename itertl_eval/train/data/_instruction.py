"""Instruction: one thing that the model is asked to write, and how its answers are judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from itertl_eval.problem import Problem, Suite
from itertl_eval.train.run import digest

PORTS_ONLY = Path(__file__).with_name("elaborates.py")


@dataclass(frozen=True)
class Instruction:
    """A problem as training sees it.

    `reference` is the answer that training may see, as the model would write it: the text
    behind the prompt's module header, or the whole design where the prompt has no header.
    None where the instruction has only a testbench.
    """

    problem: Problem
    reference: str | None = None

    @property
    def id(self) -> str:
        return f"{self.problem.suite}/{self.problem.id}"

    @property
    def digest(self) -> str:
        return digest([self.id, self.problem.digest, self.problem.prompt.text, self.reference])


def is_ports_only(problem: Problem) -> bool:
    """True when no testbench exists, so that "pass" says no more than "elaborates"."""
    return problem.testbench == PORTS_ONLY


def from_suite(suite: Suite) -> list[Instruction]:
    """The problems of a suite that have a testbench or at least a reference."""
    found = []
    for problem in suite.values():
        answer = reference_answer(problem)
        if problem.testbench is not None:
            found.append(Instruction(problem, answer))
        elif answer is not None:
            found.append(Instruction(replace(problem, testbench=PORTS_ONLY), answer))
    return found


def reference_answer(problem: Problem) -> str | None:
    """The golden reference as a model would have written it behind the prompt, or None."""
    text, header = problem.reference, problem.prompt.header
    if not text.strip():
        return None
    if not header:
        return text
    before, found, behind = text.partition(header.rstrip())
    if not found or before.strip():
        return None
    return behind.removeprefix(header[len(header.rstrip()) :])


def hide_references(
    instructions: Sequence[Instruction], share: float, seed: int
) -> list[Instruction]:
    """Keep the references of a share of the instructions: the same ones for the same seed.

    The choice for one instruction does not depend on the others, except through the exact
    count: the `share` with the smallest hashes keep theirs.
    """
    having = [i for i in instructions if i.reference is not None]
    ranked = sorted(having, key=lambda i: digest([seed, "reference", i.id]))
    shown = {i.id for i in ranked[: round(share * len(having))]}
    return [i if i.id in shown else replace(i, reference=None) for i in instructions]


def deal(
    instructions: Sequence[Instruction], count: int, number: int, seed: int
) -> list[Instruction]:
    """The `count` instructions of iteration `number` (from 1), all of them when `count` is 0.

    Dealt from one shuffled pack, and again from its top when it has run out, so that every
    instruction comes up once before any comes up twice. In the order of `instructions`.
    """
    size = len(instructions)
    if not count or count >= size:
        return list(instructions)
    pack = sorted(range(size), key=lambda at: digest([seed, "deal", instructions[at].id]))
    chosen = {pack[at % size] for at in range((number - 1) * count, number * count)}
    return [instructions[at] for at in sorted(chosen)]


def digest_all(instructions: Iterable[Instruction]) -> str:
    return digest([instruction.digest for instruction in instructions])
