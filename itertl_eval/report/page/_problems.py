"""Prepare the problems of a benchmark for the page: a matrix row and details each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from itertl_eval.report._benchmark import Benchmark
from itertl_eval.report.page._stages import StageLook, look_of
from itertl_eval.report.page._text import clip
from itertl_eval.report.page._wave import render_wave
from itertl_eval.verdict import Verdict

MESSAGE_LIMIT = 2000
_ERROR_LINE = re.compile(r"(?:with [^:]*: )?line (\d+):")


@dataclass(frozen=True)
class Cell:
    """One sample in the matrix."""

    sample: int
    look: StageLook
    official: str


@dataclass
class CompletionView:
    """Equal samples of one problem: same text, same verdict."""

    verdict: Verdict
    look: StageLook
    text: str
    message: str
    is_code: bool
    samples: list[int]
    wave: Markup | None

    @property
    def pieces(self) -> tuple[str, str, str]:
        """The text up to the line that the message names, that line, and the rest."""
        found = _ERROR_LINE.match(self.verdict.message)
        lines = self.text.splitlines(keepends=True)
        number = int(found[1]) if found and self.is_code else 0
        if not 0 < number <= len(lines) or self.verdict.stage == "simulate":
            return self.text, "", ""
        return "".join(lines[: number - 1]), lines[number - 1], "".join(lines[number:])

    @property
    def title(self) -> str:
        """The sample numbers, shortened."""
        names = ", ".join(map(str, self.samples[:8]))
        more = len(self.samples) - 8
        rest = f" and {more} more" if more > 0 else ""
        return f"{'samples' if len(self.samples) > 1 else 'sample'} {names}{rest}"


@dataclass
class ProblemView:
    """A problem with its samples; `rate` is None when none could be graded."""

    anchor: str
    task_id: str
    prompt: str
    rate: float | None
    passed: int
    graded: int
    cells: list[Cell]
    completions: list[CompletionView]

    @property
    def outcome(self) -> str:
        """all, some or none of the samples pass."""
        if not self.graded or not self.passed:
            return "none"
        return "all" if self.passed == self.graded else "some"


def problems_of(benchmark: Benchmark, number: int, limit: int) -> list[ProblemView]:
    """Return all problems in file order, with texts clipped at `limit` characters."""
    rates = benchmark.rates("pass@1")
    views = []
    for at, (task_id, places) in enumerate(benchmark.by_problem.items()):
        verdicts = [benchmark.verdicts[place] for place in places]
        graded = [v for v in verdicts if v.status != "infra_error"]
        views.append(
            ProblemView(
                anchor=f"r{number}-p{at}",
                task_id=task_id,
                prompt=clip(benchmark.prompts.get(task_id, ""), limit),
                rate=rates.get(task_id),
                passed=sum(v.passed for v in graded),
                graded=len(graded),
                cells=[_cell(v) for v in verdicts],
                completions=completions_of(benchmark, places, limit),
            )
        )
    return views


def completions_of(benchmark: Benchmark, places: Iterable[int], limit: int) -> list[CompletionView]:
    """Return the distinct completions at `places`, in order of first appearance."""
    found: dict[tuple[object, ...], CompletionView] = {}
    for place in places:
        verdict, text = benchmark.verdicts[place], benchmark.text_of(place)
        look = look_of(verdict)
        label = verdict.official["label"] if verdict.official else ""
        key = (text, look.name, verdict.message, label)
        wave = benchmark.waves.get((verdict.task_id, verdict.sample))
        if key in found:
            found[key].samples.append(verdict.sample)
        else:
            found[key] = CompletionView(
                verdict,
                look,
                clip(text, limit),
                clip(verdict.message, min(limit, MESSAGE_LIMIT)),
                verdict.code is not None,
                [verdict.sample],
                None if wave is None else render_wave(wave),
            )
    return list(found.values())


def texts_of(benchmark: Benchmark) -> Iterable[str]:
    """Yield the long texts of a page: prompts, distinct completions and their messages."""
    yield from benchmark.prompts.values()
    for places in benchmark.by_problem.values():
        for text, message in {
            (benchmark.text_of(p), benchmark.verdicts[p].message) for p in places
        }:
            yield text
            yield message[:MESSAGE_LIMIT]


def _cell(verdict: Verdict) -> Cell:
    label = ""
    if verdict.official is not None:
        passed, label = verdict.official["passed"], verdict.official["label"]
        if passed is not None:
            label = "passes" if passed else f"fails ({label})"
    return Cell(verdict.sample, look_of(verdict), label)
