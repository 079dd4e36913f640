"""The reward of samples that another trainer takes: grade a batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import grade_many
from itertl_eval.train.data import Instruction
from itertl_eval.train.run import Row, Rows, ranks
from itertl_eval.train.sampling import Sample, cut_at_endmodule
from itertl_eval.train.scoring._scored import ScoredSample

if TYPE_CHECKING:
    from transformers import TrainerState

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
        self._rows = Rows(folder / "verdicts.jsonl")
        self._preset, self._seed, self._jobs, self._cut = preset, seed, jobs, cut
        self._max_infra_errors = max_infra_errors
        self._graded = self._failed = 0

    def __call__(
        self,
        completions: Sequence[str],
        problem_id: Sequence[str],
        trainer_state: TrainerState | None = None,
        **_: Any,
    ) -> list[float | None]:
        """Return one reward per completion.

        Raises:
            InfrastructureError: Too many completions, of all ranks, could not be graded.
        """
        step = trainer_state.global_step if trainer_state else 0
        if not self._graded:
            self._resume(step)
        instructions = [self._by_id[name] for name in problem_id]
        texts = [
            cut_at_endmodule(text)[0] if self._cut and one.problem.prompt.header else text
            for one, text in zip(instructions, completions, strict=True)
        ]
        pairs = [(one.problem, text) for one, text in zip(instructions, texts, strict=True)]
        verdicts = grade_many(pairs, jobs=self._jobs or None, seed=self._seed)
        scored = [
            ScoredSample.of(Sample(one.id, 0, text, None, None, "eos"), one, verdict, self._preset)
            for one, text, verdict in zip(instructions, texts, verdicts, strict=True)
        ]
        self._write([one.as_row() | {"step": step} for one in scored])
        return [one.reward for one in scored]

    def _resume(self, step: int) -> None:
        """Drop what a killed fit graded after its last checkpoint: these samples come again."""
        kept = [row for row in self._rows if row.get("step", 0) < step]
        if ranks.is_main():
            self._rows.replace(kept)
        self._graded, self._failed = len(kept), sum(row["z"] is None for row in kept)

    def _write(self, rows: list[Row]) -> None:
        """Write the rows of all ranks, which TRL asks at the same time."""
        if ranks.world() > 1:
            from accelerate.utils import gather_object

            rows = gather_object(rows)
        rows = [row | {"k": number} for number, row in enumerate(rows, self._graded)]
        self._graded += len(rows)
        if ranks.is_main():
            self._rows.append(rows)
        self._check([row for row in rows if row["z"] is None])

    def _check(self, failed: list[Row]) -> None:
        self._failed += len(failed)
        limit = self._max_infra_errors * max(ENOUGH, self._graded)
        if failed and self._failed > limit:
            raise InfrastructureError(
                f"{self._failed} of {self._graded} completions could not be graded (limit: "
                f"max_infra_errors {self._max_infra_errors:g}): {failed[0]['message']}"
            )
