"""The reward of samples that another trainer takes: grade a batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import grade_many
from itertl_eval.train.data import Instruction
from itertl_eval.train.run import Rows, ranks
from itertl_eval.train.sampling import Sample, cut_at_endmodule
from itertl_eval.train.scoring._scored import ScoredSample

ENOUGH = 100
"""Samples after which the share of infrastructure errors is checked."""


class OnlineReward:
    """Reward function for TRL: z of each completion, None where this machine could not grade it.

    Args:
        instructions: Those that are sampled for.
        folder: Where verdicts.jsonl is written, by the first rank.
        preset: How a verdict becomes a reward.
        seed: The run's seed.
        jobs: Samples at a time; 0: one per core.
        cut: Whether a completion that continues a header ends at endmodule.
        max_infra_errors: Largest share of samples, in 0..1, that may remain ungraded.
    """

    __name__ = "z"

    def __init__(
        self,
        instructions: Sequence[Instruction],
        folder: Path,
        *,
        preset: str,
        seed: int,
        jobs: int,
        cut: bool,
        max_infra_errors: float,
    ) -> None:
        self._by_id = {instruction.id: instruction for instruction in instructions}
        self._rows = Rows(folder / "verdicts.jsonl") if ranks.is_main() else None
        self._preset, self._seed, self._jobs, self._cut = preset, seed, jobs, cut
        self._max_infra_errors = max_infra_errors
        self._graded = self._failed = 0

    def __call__(
        self, completions: Sequence[str], problem_id: Sequence[str], **_: Any
    ) -> list[float | None]:
        """Return one reward per completion.

        Raises:
            InfrastructureError: Too many completions could not be graded.
        """
        instructions = [self._by_id[name] for name in problem_id]
        texts = [
            cut_at_endmodule(text)[0] if self._cut and one.problem.prompt.header else text
            for one, text in zip(instructions, completions, strict=True)
        ]
        pairs = [(one.problem, text) for one, text in zip(instructions, texts, strict=True)]
        verdicts = grade_many(pairs, jobs=self._jobs or None, seed=self._seed)
        scored = []
        for one, text, verdict in zip(instructions, texts, verdicts, strict=True):
            sample = Sample(one.id, self._graded, text, None, None, "eos")
            scored.append(ScoredSample.of(sample, one, verdict, self._preset))
            self._graded += 1
        if self._rows is not None:
            self._rows.append(one.as_row() for one in scored)
        self._check([one for one in scored if not one.counts])
        return [one.reward for one in scored]

    def _check(self, failed: Sequence[ScoredSample]) -> None:
        self._failed += len(failed)
        limit = self._max_infra_errors * max(ENOUGH, self._graded)
        if failed and self._failed > limit:
            raise InfrastructureError(
                f"{self._failed} of {self._graded} completions could not be graded (limit: "
                f"max_infra_errors {self._max_infra_errors:g}): {failed[0].message}"
            )
