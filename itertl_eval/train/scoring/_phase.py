"""The grading phase of a run: samples in, verdicts and rewards out.

Samples are handed over as soon as they exist and are graded in the background while the model
goes on sampling, so that it waits only for the last few.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from itertl_eval._util.progress import Progress
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import GradingPool, Item, load_executor, require_testbenches
from itertl_eval.train.data import Instruction, digest_all
from itertl_eval.train.run import Phase, Rows, ranks
from itertl_eval.train.sampling import Sample, SampleKey
from itertl_eval.train.scoring._scored import ScoredSample
from itertl_eval.verdict import Verdict

REFERENCE = -1
"""The sample number under which an instruction's reference is graded."""
ATTEMPTS = 3
"""How often a sample is graded before an infrastructure error is accepted."""

Text = tuple[str, str]
"""(problem_id, completion without trailing space): equal ones are graded once."""
Scores = dict[SampleKey, ScoredSample]


def inputs_of(
    samples_key: str, instructions: Sequence[Instruction], preset: str, seed: int
) -> dict[str, Any]:
    """Return the facts that determine the verdicts: the inputs of the phase."""
    return {
        "samples": samples_key,
        "instructions": digest_all(instructions),
        "score": preset,
        "seed": seed,
    }


class Graders:
    """The run's grading pool, shared by its grading phases.

    Only the first rank grades, on all cores of its machine.

    Args:
        jobs: Samples at a time; 0: one per core, or what the executor offers.
        executor: "local", "ray" or "MODULE:FACTORY".
        shared_cores: The model samples on the same cores: only half of the jobs run meanwhile.
    """

    def __init__(self, jobs: int, executor: str = "local", *, shared_cores: bool = False) -> None:
        self._jobs = jobs
        self._executor = executor
        self._shared_cores = shared_cores
        self._pool: GradingPool[tuple[GradingPhase, Sample]] | None = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """Hold the pool for the block. An exception also ends the samples that are running."""
        if not ranks.is_main():
            yield
            return
        executor = load_executor(self._executor, self._jobs or None)
        jobs = self._jobs or (len(os.sched_getaffinity(0)) if executor is None else None)
        self._pool = GradingPool(jobs=jobs, executor=executor)
        self._slow_down()
        failed = True
        try:
            yield
            failed = False
        finally:
            self._pool.close(now=failed)
            if executor is not None:
                executor.shutdown(cancel_futures=failed)

    def submit(self, phase: GradingPhase, samples: Sequence[tuple[Item, Sample]]) -> None:
        """Queue samples of a phase."""
        assert self._pool is not None, "Graders.open() holds the pool"
        self._pool.submit_all((item, (phase, sample)) for item, sample in samples)

    def collect(self, *, wait: bool = False) -> None:
        """Hand the verdicts that are ready to their phases.

        Args:
            wait: Block until there is at least one.
        """
        assert self._pool is not None, "Graders.open() holds the pool"
        found: dict[GradingPhase, list[tuple[Sample, Verdict]]] = defaultdict(list)
        for (phase, sample), verdict in self._pool.done(wait=wait):
            found[phase].append((sample, verdict))
        for phase, verdicts in found.items():
            phase.receive(verdicts)

    @contextmanager
    def at_full_speed(self) -> Iterator[None]:
        """Grade on all cores within the block, in which no model computes."""
        assert self._pool is not None, "Graders.open() holds the pool"
        self._pool.at_once = self._pool.jobs
        try:
            yield
        finally:
            self._slow_down()

    def _slow_down(self) -> None:
        if self._shared_cores and self._pool is not None:
            self._pool.at_once = max(1, self._pool.jobs // 2)


class GradingPhase:
    """A grading phase in progress: `feed` it samples, then ask for the `result`.

    Args:
        phase: Where the verdicts are kept.
        instructions: Those that the samples are for.
        graders: The run's pool.
        preset: How a verdict becomes a reward.
        seed: The run's seed.
        label: Name for the progress bar.
        partial: Run all test cases of a failing design, for a finer score.
        max_infra_errors: Largest share of samples, in 0..1, that may remain ungraded.
    """

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
        max_infra_errors: float = 1.0,
    ) -> None:
        self.phase = phase
        self._by_id = {instruction.id: instruction for instruction in instructions}
        self._graders = graders
        self._preset, self._seed, self._label, self._partial = preset, seed, label, partial
        self._max_infra_errors = max_infra_errors
        if ranks.is_main():
            phase.renew()  # a testbench has been repaired; the cache has the other verdicts
        self._works = ranks.is_main() and not phase.done
        self._rows = self._open_rows()
        self._on_disk: Scores = self._read() if self._works else {}
        self._asked: set[Text] = set()
        self._attempts: Counter[Text] = Counter()
        self._waiting = 0

    def feed(self, samples: Iterable[Sample]) -> None:
        """Start to grade samples and write the verdicts that are ready. Returns at once."""
        if not self._works:
            return
        fresh = []
        for sample in samples:
            text = _text(sample)
            if sample.key in self._on_disk:
                self._asked.add(text)
            elif text not in self._asked:
                self._asked.add(text)
                fresh.append(sample)
        self._submit(fresh)
        self._graders.collect()

    def ready(self) -> bool:
        """Return whether all samples so far are graded, so that `result` would not wait."""
        if self._works:
            self._graders.collect()
        return ranks.is_main() and not self._waiting

    def result(self, samples: Sequence[Sample]) -> Scores:
        """Return the scored samples by key. Waits for those that are still being graded.

        Raises:
            InfrastructureError: Too many samples could not be graded. They are graded again
                when the run is started again.
        """
        self.phase.began = time.monotonic()  # what happened during the sampling cost no time
        if self._works:
            self._finish(samples)
        else:
            ranks.wait_until(lambda: self.phase.done)
            self._on_disk = self._read()
        by_text: dict[Text, ScoredSample] = {}
        for sample in samples:
            scored = self._on_disk.get(sample.key)
            text = _text(sample)
            if scored is not None and (scored.counts or text not in by_text):
                by_text[text] = scored
        return {s.key: replace(by_text[_text(s)], number=s.number) for s in samples}

    def receive(self, verdicts: Sequence[tuple[Sample, Verdict]]) -> None:
        """Write verdicts that the pool hands back; infrastructure errors are tried again.

        Raises InfrastructureError if a testbench is broken.
        """
        self._waiting -= len(verdicts)
        again, scored = [], []
        for sample, verdict in verdicts:
            text = _text(sample)
            self._attempts[text] += 1
            if verdict.testbench_fault:  # as it would be for every other sample
                raise InfrastructureError(f"{sample.problem_id}: {verdict.message}")
            if verdict.status == "infra_error" and self._attempts[text] < ATTEMPTS:
                again.append(sample)
                continue
            instruction = self._by_id[sample.problem_id]
            scored.append(ScoredSample.of(sample, instruction, verdict, self._preset))
        if scored:
            self._rows.append(one.as_row() for one in scored)
            self._on_disk.update((one.key, one) for one in scored)
        self._submit(again)

    def _submit(self, samples: Sequence[Sample]) -> None:
        if samples:
            self._waiting += len(samples)
            self._graders.submit(self, [(self._item(sample), sample) for sample in samples])

    def _item(self, sample: Sample) -> Item:
        problem = self._by_id[sample.problem_id].problem
        return Item(problem, sample.text, sample.number, self._seed, partial=self._partial)

    def _finish(self, samples: Sequence[Sample]) -> None:
        require_testbenches(i.problem for i in self._by_id.values())
        self.feed(samples)
        texts = {_text(sample) for sample in samples}
        with (
            Progress(self._label, len(texts), "completion", len(texts) - self._waiting) as progress,
            self._graders.at_full_speed(),
        ):
            while self._waiting:
                before = self._waiting
                self._graders.collect(wait=True)
                progress.update(before - self._waiting)
        self._rows.close()
        failed = [s for s in self._on_disk.values() if not s.counts]
        self._check_infra_errors(failed, len(texts))
        self.phase.finish(graded=len(texts), infra_errors=len(failed))
        self._works = False

    def _check_infra_errors(self, failed: Sequence[ScoredSample], total: int) -> None:
        if not failed or len(failed) <= self._max_infra_errors * total:
            return
        message, count = Counter(one.message for one in failed).most_common(1)[0]
        raise InfrastructureError(
            f"{self._label}: {len(failed)} of {total} completions could not be graded, each tried "
            f"{ATTEMPTS} times (limit: max_infra_errors {self._max_infra_errors:g}). Most common "
            f"error, {count} times: {message}\nRepair it and start the same command again: what is "
            "known is not graded again."
        )

    def _open_rows(self) -> Rows:
        return self.phase.rows("verdicts.jsonl")

    def _read(self) -> Scores:
        found: Scores = {}
        for row in self._open_rows():
            one = ScoredSample.from_row(row)
            found[one.key] = one
        if not self.phase.done:  # errors of an earlier start are tried again
            found = {key: one for key, one in found.items() if one.counts}
        return found


def _text(sample: Sample) -> Text:
    return sample.problem_id, sample.text.rstrip()
