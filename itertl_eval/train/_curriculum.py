"""Choose the instructions of an iteration by how hard they were in earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

from itertl_eval.train.data import Instruction, choose_in_turn
from itertl_eval.train.run import digest
from itertl_eval.train.scoring import Scores

PREFERENCES = {
    "unsolved": ("never", "unseen", "sometimes", "always"),
    "between": ("sometimes", "unseen", "never", "always"),
}
"""`difficulty` -> which instructions come first."""


class Curriculum:
    """Remembers how often each instruction was solved, and chooses the next ones.

    Args:
        instructions: All training instructions.
        count: Instructions per iteration; 0: all.
        seed: The run's seed.
        difficulty: "any", or a key of PREFERENCES.
    """

    def __init__(
        self, instructions: Sequence[Instruction], count: int, seed: int, difficulty: str
    ) -> None:
        self._instructions = instructions
        self._count, self._seed, self._difficulty = count, seed, difficulty
        self._solved: dict[str, list[bool]] = {}

    def choose(self, number: int) -> list[Instruction]:
        """Return the instructions of iteration `number` (from 1), in their original order.

        Among equally preferred ones, those that "any" would choose in this iteration come first.
        """
        size = len(self._instructions)
        if self._difficulty == "any" or not self._count or self._count >= size:
            return choose_in_turn(self._instructions, self._count, number, self._seed)
        ids = [instruction.id for instruction in self._instructions]
        pack = sorted(range(size), key=lambda at: digest([self._seed, "deal", ids[at]]))
        first = (number - 1) * self._count % size
        order = PREFERENCES[self._difficulty]
        ranked = sorted(
            pack[first:] + pack[:first], key=lambda at: order.index(self._kind(ids[at]))
        )
        return [self._instructions[at] for at in sorted(ranked[: self._count])]

    def remember(self, scores: Scores) -> None:
        """Count the samples of an iteration."""
        for scored in scores.values():
            if scored.counts:
                self._solved.setdefault(scored.problem_id, []).append(scored.verified)

    def _kind(self, name: str) -> str:
        solved = self._solved.get(name)
        if not solved:
            return "unseen"
        return "always" if all(solved) else "sometimes" if any(solved) else "never"
