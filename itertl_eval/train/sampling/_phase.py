"""The sampling phase of a run: all completions of a plan, those on disk and the others."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from itertl_eval._util.progress import Progress
from itertl_eval.train.data import Instruction, digest_all
from itertl_eval.train.models import Encoder
from itertl_eval.train.run import Phase, digest, parse_row, ranks
from itertl_eval.train.sampling._protocol import (
    Request,
    Sample,
    SampleKey,
    Sampler,
    SamplingParams,
    row_seed,
)

POLL_SECONDS = 0.2
"""Time between two looks at the samples of the other ranks."""
BATCHES = 8
"""A part has this many times `sample_batch` requests; a kill loses what has not ended in it."""


@dataclass(frozen=True)
class SamplingPlan:
    """How many completions of which instructions to sample, and with which seeds.

    Attributes:
        stage: Name that the seeds depend on.
        instructions: The instructions.
        count: Completions per instruction.
        seed: The run's seed.
        settings: Temperature and limits.
        stop_at_endmodule: Whether a completion that continues a header ends at endmodule.
        token_logprobs: Keep the log-probability of each token.
    """

    stage: str
    instructions: Sequence[Instruction]
    count: int
    seed: int
    settings: SamplingParams
    stop_at_endmodule: bool
    token_logprobs: bool = False

    def facts(self, model_key: str, encoder: Encoder) -> dict[str, Any]:
        """Return what determines the samples: the inputs of the phase."""
        plain = [instruction.problem.prompt.text for instruction in self.instructions]
        asked = [
            encoder.prompt_text(instruction.problem.prompt) for instruction in self.instructions
        ]
        return {
            "model": model_key,
            "stage": self.stage,
            "instructions": digest_all(self.instructions),
            "count": self.count,
            "seed": self.seed,
            "settings": vars(self.settings),
            "stop": self.stop_at_endmodule,
            # The instructions' digest covers the plain prompts.
            **({} if asked == plain else {"prompts": digest(asked)}),
            **({"token_logprobs": True} if self.token_logprobs else {}),
        }

    def requests(self, encoder: Encoder) -> list[Request]:
        """Return one request per completion, in order of (instruction, number)."""
        found = []
        for instruction in self.instructions:
            prompt = instruction.problem.prompt
            ids, text = tuple(encoder.prompt(prompt)), encoder.prompt_text(prompt)
            stop = self.stop_at_endmodule and bool(prompt.header)
            for number in range(self.count):
                seed = row_seed(self.seed, self.stage, instruction.id, number)
                found.append(Request(instruction.id, number, seed, text, ids, stop))
        return found


class SampleFiles:
    """The samples of a phase on disk, from all ranks. Every row is read at most once."""

    def __init__(self, phase: Phase) -> None:
        self.found: dict[SampleKey, Sample] = {}
        self._phase = phase
        self._own = phase.rows(f"samples-{ranks.rank()}.jsonl")
        self._read: dict[Path, int] = {}

    def append(self, samples: Sequence[Sample]) -> None:
        """Write samples of this rank. `fresh` does not return them."""
        self._read.setdefault(self._own.path, 0)
        self._own.append(sample.as_row() for sample in samples)
        self.found.update((sample.key, sample) for sample in samples)

    def close(self) -> None:
        self._own.close()

    def fresh(self) -> list[Sample]:
        """Return the samples that are new since the last call: at first all, then other ranks'."""
        fresh: list[Sample] = []
        for path in sorted(self._phase.folder.glob("samples-*.jsonl")):
            if path == self._own.path and path in self._read:
                continue
            self._read.setdefault(path, 0)
            with path.open("rb") as file:
                file.seek(self._read[path])
                for line in file:
                    if not line.endswith(b"\n"):  # being written, or torn by a kill
                        break
                    self._read[path] += len(line)
                    sample = Sample.from_row(parse_row(line, path))
                    if sample.key not in self.found:
                        fresh.append(sample)
                    self.found[sample.key] = sample
        return fresh


def sample_all(
    phase: Phase,
    plan: SamplingPlan,
    encoder: Encoder,
    engine: Callable[[], Sampler],
    label: str,
    take: Callable[[Sequence[Sample]], None],
) -> list[Sample]:
    """Sample what is not on disk yet, every rank its share of the instructions.

    Args:
        phase: Where the samples are kept, in one file per rank.
        plan: The completions to sample.
        encoder: Encodes the prompts.
        engine: Loads the sampler; not called when nothing is missing.
        label: Name for the progress bar.
        take: On the first rank: called with the samples of all ranks as soon as they are on
            disk, those of an earlier start first.

    Returns:
        All samples, in order of (instruction, number).
    """
    requests = plan.requests(encoder)
    files = SampleFiles(phase)
    if not phase.done:
        have = files.fresh()
        if ranks.is_main():
            take(have)
        missing = _missing(plan, requests, files.found)
        _sample_missing(phase, plan, missing, files, engine, label, take)
        if ranks.is_main():
            while len(files.found) < len(requests):
                time.sleep(POLL_SECONDS)
                take(files.fresh())
            phase.finish(samples=len(requests))
        else:
            ranks.wait_until(lambda: phase.done)
    files.fresh()
    return [files.found[request.key] for request in requests]


def _missing(
    plan: SamplingPlan, requests: Sequence[Request], have: dict[SampleKey, Sample]
) -> list[list[Request]]:
    """Return this rank's parts that are not complete yet.

    Parts are cut from the rank's whole share, never from what is missing: the same requests are
    always sampled beside each other, so a sample is the same to the last bit after a restart.
    """
    instructions = sorted({(len(r.ids), r.problem_id) for r in requests})
    mine = {problem_id for _, problem_id in instructions[ranks.rank() :: ranks.world()]}
    ordered = sorted(
        (r for r in requests if r.problem_id in mine),
        key=lambda r: (len(r.ids), r.problem_id, r.number),
    )
    size = plan.settings.batch * BATCHES
    parts = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    return [part for part in parts if any(r.key not in have for r in part)]


def _sample_missing(
    phase: Phase,
    plan: SamplingPlan,
    parts: Sequence[Sequence[Request]],
    files: SampleFiles,
    engine: Callable[[], Sampler],
    label: str,
    take: Callable[[Sequence[Sample]], None],
) -> None:
    if not parts:
        return
    have = set(files.found)
    sampler = engine()
    total = sum(len(part) for part in parts)
    with Progress(label, total, "sample") as progress, contextlib.closing(files):
        for part in parts:
            for samples in _timed(phase, sampler.sample(part)):
                fresh = [sample for sample in samples if sample.key not in have]
                if not plan.token_logprobs:
                    fresh = [replace(sample, logprobs=None) for sample in fresh]
                files.append(fresh)
                if ranks.is_main():
                    take([*fresh, *files.fresh()])
                progress.update(len(samples))


def _timed(phase: Phase, parts: Iterable[list[Sample]]) -> Iterator[list[Sample]]:
    """Yield the same, and count the time that the engine takes."""
    source = iter(parts)
    while True:
        with phase.model:
            part = next(source, None)
        if part is None:
            return
        yield part
