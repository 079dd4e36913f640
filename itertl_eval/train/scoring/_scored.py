"""ScoredSample: a sample with its verdict and its reward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from itertl_eval.train.data import Instruction, is_ports_only
from itertl_eval.train.sampling import Sample, SampleKey
from itertl_eval.train.scoring._rewards import reward
from itertl_eval.verdict import Verdict


@dataclass(frozen=True)
class ScoredSample:
    """The grader's result for one sample.

    Attributes:
        problem_id: "SUITE/PROBLEM".
        number: The sample's number among those of its problem.
        reward: z in 0..1 by the recipe's preset; None for an infrastructure error.
        score: `Verdict.score`, in 0..1.
        tested: Whether there is a testbench; without one a pass means that the design elaborates.
    """

    problem_id: str
    number: int
    reward: float | None
    passed: bool
    stage: str
    status: str
    score: float
    message: str
    tested: bool = True

    @classmethod
    def of(
        cls, sample: Sample, instruction: Instruction, verdict: Verdict, preset: str
    ) -> ScoredSample:
        """Return the sample's result under one of the reward presets."""
        value = None
        if verdict.status != "infra_error":
            reference = instruction.reference or ""
            value = reward(preset, instruction.problem, verdict, sample.text, reference)
        return cls(
            problem_id=sample.problem_id,
            number=sample.number,
            reward=value,
            passed=verdict.passed,
            stage=verdict.stage,
            status=verdict.status,
            score=verdict.score,
            message=verdict.message,
            tested=not is_ports_only(instruction.problem),
        )

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> ScoredSample:
        """Return what `as_row` wrote."""
        others = {name: row[name] for name in ("passed", "stage", "status", "score", "message")}
        tested = row.get("tested", True)  # not in rows of old versions
        return cls(row["task"], row["k"], row["z"], tested=tested, **others)

    def as_row(self) -> dict[str, Any]:
        """Return the sample's line of verdicts.jsonl."""
        return {
            "task": self.problem_id,
            "k": self.number,
            "z": self.reward,
            "passed": self.passed,
            "stage": self.stage,
            "status": self.status,
            "score": self.score,
            "message": self.message,
            "tested": self.tested,
        }

    @property
    def key(self) -> SampleKey:
        return self.problem_id, self.number

    @property
    def counts(self) -> bool:
        """False for an infrastructure error: nothing is known of the completion."""
        return self.reward is not None

    @property
    def verified(self) -> bool:
        """Whether the completion has passed a testbench."""
        return self.passed and self.tested

    @property
    def ended(self) -> str:
        """The stage where it ended, or why that says nothing of its behaviour."""
        if not self.counts:
            return "infra_error"
        return "untested" if self.passed and not self.tested else self.stage
