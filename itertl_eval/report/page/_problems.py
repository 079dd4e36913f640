"""The problems of a benchmark as the page shows them: a row of the matrix and a drill-down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from itertl_eval.report._benchmark import Benchmark
from itertl_eval.report.page._stages import StageLook, look_of
from itertl_eval.report.page._text import clip
from itertl_eval.report.page._wave import draw
from itertl_eval.verdict import Verdict

MESSAGE_LIMIT = 2000


@dataclass(frozen=True)
class Cell:
    """One sample in the matrix."""

    sample: int
    look: StageLook
    official: str


@dataclass
class Answer:
    """Samples of one problem that are equal: the same text and the same verdict."""

    verdict: Verdict
    look: StageLook
    text: str
    message: str
    is_code: bool
    samples: list[int]
    wave: Markup | None

    @property
    def title(self) -> str:
        """Which samples these are, as a person would list them."""
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
    judged: int
    cells: list[Cell]
    answers: list[Answer]

    @property
    def outcome(self) -> str:
        """all, some or none of the samples pass."""
        if not self.judged or not self.passed:
            return "none"
        return "all" if self.passed == self.judged else "some"


def problems_of(benchmark: Benchmark, number: int, limit: int) -> list[ProblemView]:
    """All problems in the order of the file; texts are clipped at `limit` characters."""
    rates = benchmark.rates("pass@1")
    views = []
    for at, (task_id, places) in enumerate(benchmark.by_problem.items()):
        verdicts = [benchmark.verdicts[place] for place in places]
        judged = [v for v in verdicts if v.status != "infra_error"]
        views.append(
            ProblemView(
                anchor=f"r{number}-p{at}",
                task_id=task_id,
                prompt=clip(benchmark.prompts.get(task_id, ""), limit),
                rate=rates.get(task_id),
                passed=sum(v.passed for v in judged),
                judged=len(judged),
                cells=[_cell(v) for v in verdicts],
                answers=answers_of(benchmark, places, limit),
            )
        )
    return views


def answers_of(benchmark: Benchmark, places: Iterable[int], limit: int) -> list[Answer]:
    """The distinct answers among the samples at `places`, in order of first appearance."""
    found: dict[tuple[object, ...], Answer] = {}
    for place in places:
        verdict, text = benchmark.verdicts[place], benchmark.text_of(place)
        look = look_of(verdict)
        label = verdict.official["label"] if verdict.official else ""
        key = (text, look.name, verdict.message, label)
        wave = benchmark.waves.get((verdict.task_id, verdict.sample))
        if key in found:
            found[key].samples.append(verdict.sample)
        else:
            found[key] = Answer(
                verdict,
                look,
                clip(text, limit),
                clip(verdict.message, min(limit, MESSAGE_LIMIT)),
                verdict.code is not None,
                [verdict.sample],
                None if wave is None else draw(wave),
            )
    return list(found.values())


def texts_of(benchmark: Benchmark) -> Iterable[str]:
    """The long texts that a page would hold: prompts, and each distinct answer with its message."""
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
        label = "passes" if verdict.official["passed"] else f"fails ({verdict.official['label']})"
    return Cell(verdict.sample, look_of(verdict), label)
