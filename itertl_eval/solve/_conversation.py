"""One problem, one model, up to k turns: complete, grade, hear what is wrong, try again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from itertl_eval.problem import Problem
from itertl_eval.prompts import ChatTemplate
from itertl_eval.verdict import Verdict

Message = dict[str, str]
AGAIN = "Mend the design and answer with the complete module."
"""What a model is asked after the feedback on its last completion."""


@dataclass(frozen=True)
class Turn:
    """A completion and its verdict."""

    completion: str
    verdict: Verdict


@dataclass
class Conversation:
    """The turns of one sample of a problem.

    The last turn passed, or was the last one allowed, or could not be graded.
    """

    task_id: str
    sample: int
    turns: list[Turn] = field(default_factory=list)

    @property
    def passed_at(self) -> int | None:
        """The turn that passed, counted from 1; None if none did."""
        last = len(self.turns)
        return last if self.turns and self.turns[-1].verdict.passed else None

    @property
    def ungraded(self) -> bool:
        """Whether an infrastructure error ended it, so that it counts nowhere."""
        return bool(self.turns) and self.turns[-1].verdict.status == "infra_error"

    def complete(self, turns: int) -> bool:
        """Whether nothing is left to try within so many turns."""
        over = self.passed_at is not None or len(self.turns) >= turns
        return over and not self.ungraded

    def as_row(self) -> dict[str, Any]:
        """Return the conversation as one row of a JSON lines file."""
        turns = [
            {"completion": turn.completion, "verdict": turn.verdict.as_row()} for turn in self.turns
        ]
        return {"task_id": self.task_id, "sample": self.sample, "turns": turns}


def opening(problem: Problem) -> list[Message]:
    """Return the messages of the first turn, the same as lm-eval's tasks for chat models send."""
    return ChatTemplate(lambda messages: messages).messages(problem.prompt)


def converse(
    problem: Problem,
    sample: int,
    turns: int,
    ask: Callable[[Sequence[Message]], str],
    grade: Callable[[Problem, str], Verdict],
) -> Conversation:
    """Hold one conversation.

    Args:
        problem: What to solve.
        sample: The number of this conversation among those about the problem.
        turns: How many completions the model may write.
        ask: Returns the model's completion for a list of messages.
        grade: Returns the verdict of a completion.
    """
    found = Conversation(problem.id, sample)
    messages = opening(problem)
    for _ in range(turns):
        text = ask(messages)
        verdict = grade(problem, text)
        found.turns.append(Turn(text, verdict))
        if verdict.status != "fail":
            break
        messages += [
            {"role": "assistant", "content": text},
            {"role": "user", "content": f"{verdict.feedback()}\n\n{AGAIN}"},
        ]
    return found
