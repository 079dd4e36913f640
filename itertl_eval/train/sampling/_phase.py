"""The sampling phase: which answers are wanted, which are on disk, and an engine for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from itertl_eval._util.progress import Progress
from itertl_eval.train.data import Instruction, digest_all
from itertl_eval.train.models import Encoder
from itertl_eval.train.run import Phase, Rows, ranks
from itertl_eval.train.sampling._protocol import Request, Sample, Sampler, SamplingParams, row_seed


@dataclass(frozen=True)
class SamplingPlan:
    """How many answers to which instructions, under which seeds."""

    stage: str
    instructions: Sequence[Instruction]
    count: int
    seed: int
    settings: SamplingParams
    stop_at_endmodule: bool

    def facts(self, model_key: str) -> dict[str, Any]:
        """What the samples follow from: the inputs of the phase."""
        return {
            "model": model_key,
            "stage": self.stage,
            "instructions": digest_all(self.instructions),
            "count": self.count,
            "seed": self.seed,
            "settings": vars(self.settings),
            "stop": self.stop_at_endmodule,
        }

    def requests(self, encoder: Encoder) -> list[Request]:
        found = []
        for instruction in self.instructions:
            prompt = instruction.problem.prompt
            ids, text = tuple(encoder.prompt(prompt)), encoder.prompt_text(prompt)
            stop = self.stop_at_endmodule and bool(prompt.header)
            found += [
                Request(
                    instruction.id, k, row_seed(self.seed, self.stage, instruction.id, k),
                    text, ids, stop,
                )
                for k in range(self.count)
            ]  # fmt: skip
        return found


def draw(
    phase: Phase,
    wanted: SamplingPlan,
    encoder: Encoder,
    engine: Callable[[], Sampler],
    label: str,
    take: Callable[[Sequence[Sample]], None],
) -> list[Sample]:
    """All wanted samples, in order of (instruction, k); those on disk are not drawn again.

    `take` gets the samples as soon as they are on disk, those of an earlier start first. Under
    several ranks each draws its share of the batches into a file of its own.
    """
    requests = wanted.requests(encoder)
    keys = [(request.task, request.k) for request in requests]
    if not phase.done:
        _draw_missing(phase, wanted, requests, engine, label, take)
        if ranks.is_main():
            ranks.wait_until(lambda: len(_on_disk(phase)) >= len(keys))
            phase.finish(samples=len(keys))
        else:
            ranks.wait_until(lambda: phase.done)
    found = _on_disk(phase)
    return [found[key] for key in keys]


def _draw_missing(
    phase: Phase,
    wanted: SamplingPlan,
    requests: Sequence[Request],
    engine: Callable[[], Sampler],
    label: str,
    take: Callable[[Sequence[Sample]], None],
) -> None:
    have = _on_disk(phase)
    take(list(have.values()))
    # Batches are cut from the whole list, never from what is missing: the same rows always
    # share a batch, so a sample comes out the same to the last bit after a restart.
    ordered = sorted(requests, key=lambda r: (len(r.ids), r.task, r.k))
    size = wanted.settings.batch
    batches = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    mine = [
        batch
        for batch in batches[ranks.rank() :: ranks.world()]
        if any((r.task, r.k) not in have for r in batch)
    ]
    if not mine:
        return
    sampler = engine()
    total = sum(len(batch) for batch in mine)
    with (
        Progress(label, total, "sample") as progress,
        phase.rows(f"samples-{ranks.rank()}.jsonl") as rows,
    ):
        for batch in mine:
            for samples in _timed(phase, sampler.draw(batch)):
                fresh = [s for s in samples if (s.task, s.k) not in have]
                rows.append(sample.as_row() for sample in fresh)
                take(fresh)
                progress.update(len(samples))


def _timed(phase: Phase, parts: Iterator[list[Sample]]) -> Iterator[list[Sample]]:
    """The same, with the time that the engine took counted."""
    while True:
        with phase.model:
            part = next(parts, None)
        if part is None:
            return
        yield part


def _on_disk(phase: Phase) -> dict[tuple[str, int], Sample]:
    found = {}
    for path in sorted(phase.folder.glob("samples-*.jsonl")):
        for row in Rows(path):
            found[row["task"], row["k"]] = Sample(**row)
    return found
