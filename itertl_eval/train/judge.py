"""The grading phase: samples in, verdict rows with a quality out, through `grade_many`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from itertl_eval.grading import Item, grade_many
from itertl_eval.progress import Progress
from itertl_eval.train import launch
from itertl_eval.train.instruction import Instruction, digest_all
from itertl_eval.train.sampler import Sample
from itertl_eval.train.score import quality
from itertl_eval.train.state import Phase
from itertl_eval.verdict import Verdict

REFERENCE = -1
"""The `k` under which an instruction's reference is graded."""


@dataclass(frozen=True)
class Judged:
    """What the grader said of one answer. `z` is None for an infrastructure error."""

    task: str
    k: int
    z: float | None
    passed: bool
    stage: str
    status: str
    score: float
    message: str

    @property
    def counts(self) -> bool:
        return self.z is not None


Key = tuple[str, int]


def judge(
    phase: Phase,
    samples: Sequence[Sample],
    instructions: Sequence[Instruction],
    *,
    preset: str,
    seed: int,
    jobs: int,
    label: str,
) -> dict[Key, Judged]:
    """Verdicts of all samples by (task, k). Equal answers to an instruction are graded once."""
    if not phase.done:
        if launch.is_main():
            _judge_missing(phase, samples, instructions, preset, seed, jobs, label)
        else:
            launch.wait_until(lambda: phase.done)
    first = _firsts(samples)
    known = _on_disk(phase)
    return {
        (s.task, s.k): Judged(**{**asdict(known[first[s.task, s.text.rstrip()]]), "k": s.k})
        for s in samples
    }


def facts(
    samples_key: str, instructions: Sequence[Instruction], preset: str, seed: int
) -> dict[str, Any]:
    """What the verdicts follow from: the inputs of the phase."""
    return {
        "samples": samples_key,
        "instructions": digest_all(instructions),
        "score": preset,
        "seed": seed,
    }


def _firsts(samples: Sequence[Sample]) -> dict[tuple[str, str], Key]:
    """(task, text) -> the key of the first sample with that text."""
    first: dict[tuple[str, str], Key] = {}
    for sample in samples:
        first.setdefault((sample.task, sample.text.rstrip()), (sample.task, sample.k))
    return first


def _judge_missing(
    phase: Phase,
    samples: Sequence[Sample],
    instructions: Sequence[Instruction],
    preset: str,
    seed: int,
    jobs: int,
    label: str,
) -> None:
    by_id = {instruction.id: instruction for instruction in instructions}
    wanted = set(_firsts(samples).values())
    have = _on_disk(phase)
    todo = [s for s in samples if (s.task, s.k) in wanted and (s.task, s.k) not in have]
    # A verdict names its problem and sample number, not its suite.
    waiting: Mapping[tuple[str, int], Sample] = {(by_id[s.task].problem.id, s.k): s for s in todo}
    with (
        Progress(label, len(todo), "answer") as progress,
        phase.rows("verdicts.jsonl") as rows,
    ):

        def record(verdict: Verdict) -> None:
            sample = waiting[verdict.task_id, verdict.sample]
            judged = _judged(sample, by_id[sample.task], verdict, preset)
            rows.append([asdict(judged)])
            progress.update()

        items = [Item(by_id[s.task].problem, s.text, s.k, seed) for s in todo]
        grade_many(items, jobs=jobs or None, progress=record)
    errors = sum(not j.counts for j in _on_disk(phase).values())
    phase.finish(graded=len(wanted), infra_errors=errors)


def _judged(sample: Sample, instruction: Instruction, verdict: Verdict, preset: str) -> Judged:
    counts = verdict.status != "infra_error"
    z = None
    if counts:
        reference = instruction.reference or ""
        z = quality(preset, instruction.problem, verdict, sample.text, reference)
    return Judged(
        task=sample.task, k=sample.k, z=z, passed=verdict.passed, stage=verdict.stage,
        status=verdict.status, score=verdict.score, message=verdict.message,
    )  # fmt: skip


def _on_disk(phase: Phase) -> dict[Key, Judged]:
    return {(row["task"], row["k"]): Judged(**row) for row in phase.rows("verdicts.jsonl").read()}
