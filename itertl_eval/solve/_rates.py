"""pass@1 after each number of turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from itertl_eval.results import mean_and_error
from itertl_eval.solve._conversation import Conversation


def pass_after_turns(
    conversations: Iterable[Conversation], turns: int
) -> dict[int, tuple[float, float]]:
    """Return the share of conversations that have passed within t turns, for t = 1 to `turns`.

    The mean is over problems, with its standard error. The first turn is ordinary pass@1.
    Conversations that ended in an infrastructure error are left out.
    """
    by_problem: dict[str, list[int | None]] = defaultdict(list)
    for conversation in conversations:
        if not conversation.ungraded:
            by_problem[conversation.task_id].append(conversation.passed_at)
    return {
        turn: mean_and_error(
            [
                sum(at is not None and at <= turn for at in found) / len(found)
                for found in by_problem.values()
            ]
        )
        for turn in range(1, turns + 1)
    }
