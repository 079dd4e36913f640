"""Evaluation: pass@k on the held-out problems, and the records of a run.

The last held-out samples of one model may still be graded while the next samples are generated,
so an evaluation stays pending until it is settled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itertl_eval._util.output_files import write_whole
from itertl_eval._util.progress import say
from itertl_eval.train._selection import Evaluated, Selection
from itertl_eval.train._steps import Batch, Steps
from itertl_eval.train.config import LoopArguments
from itertl_eval.train.data import Instruction
from itertl_eval.train.models import Checkpoint
from itertl_eval.train.outputs import metrics
from itertl_eval.train.run import Clock, ranks
from itertl_eval.train.sampling import Sample

Record = dict[str, Any]


@dataclass
class _Pending:
    """An evaluation whose last samples are being graded.

    `times` is set when the next sampling begins: what follows is no longer its own time.
    """

    stage: str
    number: int
    model: Checkpoint
    facts: Record
    batch: Batch
    times: Record | None = None


class Evaluation:
    """Evaluates the models of a run.

    Args:
        steps: Samples and grades.
        heldout: The held-out problems; may be empty.
        base: The model before any training.
        loop: Number and temperature of the samples.
        folder: The run's folder, for metrics.jsonl and the report.
        clock: Times each record.
        track: Called with each record, for experiment trackers.
    """

    def __init__(
        self,
        steps: Steps,
        heldout: Sequence[Instruction],
        base: Checkpoint,
        loop: LoopArguments,
        folder: Path,
        clock: Clock,
        track: Callable[[Record], None] = lambda _: None,
    ) -> None:
        self.records: list[Record] = []
        self.selection = Selection([problem.id for problem in heldout])
        self._steps, self._heldout, self._base = steps, heldout, base
        self._loop, self._folder, self._clock = loop, folder, clock
        self._track = track
        self._pending: _Pending | None = None
        self._last: list[Sample] | None = None

    def start(self, stage: str, number: int, model: Checkpoint, facts: Record) -> None:
        """Sample for the held-out problems and leave the record pending.

        Args:
            stage: The record's name and the folder of its samples.
            number: The iteration, 0 before the first one.
            model: The model to evaluate.
            facts: More columns of the record.
        """
        self.settle()
        if not self._heldout:
            self._write({"stage": stage, "iteration": number, **facts}, self._clock.lap())
            return
        count = self._loop.eval_samples
        temperature = self._loop.eval_temperature if count > 1 else 0.0
        plan = self._steps.plan("heldout", self._heldout, count, temperature)
        names = f"{stage}/heldout-sample", f"{stage}/heldout-grade"
        batch = self._steps.sample(names, plan, model, partial=False)
        if self._last is not None:
            moved = self._steps.moved(names[0], plan, model, self._last)
            facts = facts if moved is None else {**facts, "heldout_moved": moved}
        self._last = batch.samples
        self._pending = _Pending(stage, number, model, facts, batch)

    def poll(self) -> None:
        """Finish what is pending if it is graded. Called while other samples are generated."""
        if self._pending is None:
            return
        if self._pending.times is None:
            self._pending.times = self._clock.lap()
        if self._pending.batch.grading.ready():
            self.settle()

    def settle(self) -> None:
        """Finish what is pending, and wait for its last verdicts."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        scores = self._steps.grade(pending.batch)
        counts = metrics.problem_counts(scores.values())
        rates = {name: one["passed"] / one["graded"] for name, one in counts.items()}
        if ranks.is_main():
            text = json.dumps(counts, indent=1)
            write_whole(self._folder / pending.stage / "heldout.json", text)
        self.selection.add(
            Evaluated(pending.stage, pending.model, rates),
            trained=pending.model is not self._base,
            iteration=pending.number > 0,
        )
        record = {
            "stage": pending.stage,
            "iteration": pending.number,
            **metrics.pass_rates(scores.values(), self._loop.eval_samples),
            **self.selection.columns(rates),
            **pending.facts,
            "model": pending.model.path,
        }
        self._write(record, pending.times or self._clock.lap())

    def _write(self, record: Record, times: Record) -> None:
        record |= times
        self.records.append(record)
        if ranks.is_main():
            metrics.write(self._folder, self.records)
            metrics.show(self._folder)
            self._track(record)
            rate = record.get("pass@1")
            if rate is not None:
                say(f"{record['stage']}: pass@1 {rate:.3f} ± {record['pass@1_se']:.3f}")
