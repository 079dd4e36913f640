"""The grading phase: samples in, verdict rows with a quality out, by the one grader.

Samples are handed over as they are drawn and graded behind the sampler's back, so that the
model waits only for what is left when the last one has been drawn.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from threading import Semaphore
from typing import Any

from itertl_eval._util.progress import Progress
from itertl_eval.grader import Item, close_workers, default_jobs, judge, require_testbenches
from itertl_eval.train.data import Instruction, digest_all
from itertl_eval.train.run import Phase, ranks
from itertl_eval.train.sampling import Sample
from itertl_eval.train.scoring._quality import quality
from itertl_eval.verdict import Verdict

REFERENCE = -1
"""The `k` under which an instruction's reference is graded."""


@dataclass(frozen=True)
class ScoredSample:
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
Text = tuple[str, str]
"""(task, answer without trailing space): equal ones are graded once."""


def inputs_of(
    samples_key: str, instructions: Sequence[Instruction], preset: str, seed: int
) -> dict[str, Any]:
    """What the verdicts follow from: the inputs of the phase."""
    return {
        "samples": samples_key,
        "instructions": digest_all(instructions),
        "score": preset,
        "seed": seed,
    }


class Graders:
    """Threads that grade, each with a worker process that lives as long as the run.

    `beside` of them work while a model draws: fewer where it needs the same cores.
    """

    def __init__(self, jobs: int, *, shared_cores: bool) -> None:
        self.jobs = jobs or default_jobs()
        self.beside = max(1, self.jobs // 2) if shared_cores else self.jobs
        self.pool = ThreadPoolExecutor(self.jobs, thread_name_prefix="grade")

    @contextmanager
    def open(self) -> Iterator[None]:
        """Ends all threads and workers behind the block; at once, when it is left by an error."""
        try:
            yield
        except BaseException:
            close_workers()  # or the shutdown below would wait for designs in flight
            raise
        finally:
            self.pool.shutdown(cancel_futures=True)


class GradingPhase:
    """A grading phase in progress: `feed` it what has been drawn, then ask for the `result`."""

    def __init__(
        self,
        phase: Phase,
        instructions: Sequence[Instruction],
        graders: Graders,
        *,
        preset: str,
        seed: int,
        label: str,
        partial: bool = True,
    ) -> None:
        self.phase = phase
        self.by_id = {instruction.id: instruction for instruction in instructions}
        self.graders = graders
        self.preset, self.seed, self.label, self.partial = preset, seed, label, partial
        self.on_disk = {(r["task"], r["k"]): ScoredSample(**r) for r in self._rows().read()}
        self.known: dict[Text, ScoredSample] = {}
        self.running: dict[Future[Verdict], Sample] = {}
        self.rows = self._rows()
        self._slots = Semaphore(graders.beside)

    def _rows(self) -> Any:
        return self.phase.rows("verdicts.jsonl")

    def feed(self, samples: Iterable[Sample]) -> None:
        """Begin to grade these; write the verdicts that have come in. Returns at once."""
        if self.phase.done or not ranks.is_main():
            return
        waiting = {_text(sample) for sample in self.running.values()}
        for sample in samples:
            text = _text(sample)
            if (known := self.on_disk.get((sample.task, sample.k))) is not None:
                self.known[text] = known
            elif text not in self.known and text not in waiting:
                waiting.add(text)
                problem = self.by_id[sample.task].problem
                item = Item(problem, sample.text, sample.k, self.seed, partial=self.partial)
                self.running[self.graders.pool.submit(self._judge, item)] = sample
        self._collect([future for future in self.running if future.done()])

    def ready(self) -> bool:
        """Whether all that was fed has been graded, so that `result` would not wait."""
        self.feed(())
        return ranks.is_main() and not self.running

    def result(self, samples: Sequence[Sample]) -> dict[Key, ScoredSample]:
        """Verdicts of all samples by (task, k). Waits for those that are still being graded."""
        self.phase.began = time.monotonic()  # what went on beside the sampling cost nothing
        if not self.phase.done:
            if ranks.is_main():
                self._finish(samples)
            else:
                ranks.wait_until(lambda: self.phase.done)
        on_disk = {(row["task"], row["k"]): ScoredSample(**row) for row in self._rows().read()}
        known = {_text(s): on_disk[s.task, s.k] for s in samples if (s.task, s.k) in on_disk}
        return {(s.task, s.k): replace(known[_text(s)], k=s.k) for s in samples}

    def _finish(self, samples: Sequence[Sample]) -> None:
        require_testbenches(i.problem for i in self.by_id.values())
        self.feed(samples)
        for _ in range(self.graders.jobs - self.graders.beside):
            self._slots.release()
        total = len({_text(sample) for sample in samples})
        with Progress(self.label, total, "answer", total - len(self.running)) as progress:
            while self.running:
                done, _ = wait(self.running, return_when=FIRST_COMPLETED)
                self._collect(done)
                progress.update(len(done))
        self.rows.close()
        errors = sum(not judged.counts for judged in self.known.values())
        self.phase.finish(graded=total, infra_errors=errors)

    def _judge(self, item: Item) -> Verdict:
        with self._slots:
            return judge(item)

    def _collect(self, done: Iterable[Future[Verdict]]) -> None:
        fresh = []
        for future in done:
            sample = self.running.pop(future)
            judged = _judged(sample, self.by_id[sample.task], future.result(), self.preset)
            self.known[_text(sample)] = judged
            fresh.append(asdict(judged))
        if fresh:
            self.rows.append(fresh)


def _text(sample: Sample) -> Text:
    return sample.task, sample.text.rstrip()


def _judged(
    sample: Sample, instruction: Instruction, verdict: Verdict, preset: str
) -> ScoredSample:
    counts = verdict.status != "infra_error"
    z = None
    if counts:
        reference = instruction.reference or ""
        z = quality(preset, instruction.problem, verdict, sample.text, reference)
    return ScoredSample(
        task=sample.task, k=sample.k, z=z, passed=verdict.passed, stage=verdict.stage,
        status=verdict.status, score=verdict.score, message=verdict.message,
    )  # fmt: skip
