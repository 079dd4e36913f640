"""Read verdict files of `itertl-eval grade --output` and the files that go with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from itertl_eval._util.printable import counted
from itertl_eval.errors import UsageError
from itertl_eval.grader import extract
from itertl_eval.problem import Suite
from itertl_eval.report._benchmark import Benchmark, verdict_of
from itertl_eval.report.inputs._jsonl import Row, flatten, rows
from itertl_eval.waves import load_wave, waves_folder


def read_verdicts(path: Path) -> Benchmark:
    """Read a verdict file into a Benchmark with the file's name."""
    benchmark = Benchmark(path.stem, "", str(path), [])
    counts: dict[object, int] = {}
    for place, row in rows(path):
        key = row.get("task_id") if isinstance(row.get("task_id"), str) else None
        verdict = verdict_of(row, place, counts.get(key, 0))
        counts[key] = counts.get(key, 0) + 1
        benchmark.verdicts.append(verdict)
    if not benchmark.verdicts:
        raise UsageError(f"{path} is empty: no verdict to show")
    add_waves(benchmark, waves_folder(path))
    for name in sorted({v.simulator for v in benchmark.verdicts} - {""}):
        benchmark.facts["simulator"] = ", ".join(
            filter(None, [benchmark.facts.get("simulator"), name])
        )
    return benchmark


def add_waves(benchmark: Benchmark, folder: Path) -> None:
    """Attach the waveforms that `itertl-eval grade --waves` recorded, if any."""
    if not folder.is_dir():
        return
    for verdict in benchmark.verdicts:
        try:
            wave = load_wave(folder, verdict)
        except (OSError, ValueError) as error:
            raise UsageError(f"{folder}: {error}; remove it or record it again") from None
        if wave is not None:
            benchmark.waves[verdict.task_id, verdict.sample] = wave


def add_samples(benchmark: Benchmark, path: Path) -> None:
    """Attach the completions of a samples file to the verdicts, row by row."""
    found = list(rows(path))
    if len(found) != len(benchmark.verdicts):
        raise UsageError(
            f"{path} has {counted(len(found), 'row')}, {benchmark.source} has "
            f"{counted(len(benchmark.verdicts), 'verdict')}: give the samples file right after "
            "its verdicts"
        )
    for at, (place, row) in enumerate(found):
        task_id, text = row.get("task_id"), row.get("completion")
        if task_id != benchmark.verdicts[at].task_id or not isinstance(text, str):
            raise UsageError(
                f"{place} is not the sample that {benchmark.source} grades there: "
                "give the samples file right after its verdicts"
            )
        benchmark.completions[at] = text


def add_summary(benchmark: Benchmark, path: Path, summary: Row) -> None:
    """Attach the protocol card of `itertl-eval grade --json` to its verdicts."""
    facts = benchmark.summary.as_dict()
    if any(summary.get(key) != facts[key] for key in ("samples", "problems", "passed", "stages")):
        raise UsageError(
            f"{path} belongs to other verdicts than {benchmark.source}: "
            "give the summary right after its verdicts"
        )
    card = summary["card"]
    benchmark.task = benchmark.suite = str(card.get("task", ""))
    _expect(benchmark, [*benchmark.by_problem, *summary.get("missing", [])])
    benchmark.facts = dict(flatten(card))


def _expect(benchmark: Benchmark, problems: Iterable[str]) -> None:
    """Set the problems of the suite, before or after the summary was first asked for."""
    benchmark.expected = frozenset(problems)
    vars(benchmark).pop("summary", None)  # a cached property


def add_suite(benchmark: Benchmark, suite: Suite) -> None:
    """Fill in prompts, and the code of each completion, from the problems."""
    unknown = sorted(benchmark.by_problem.keys() - suite.keys())
    if unknown:
        raise UsageError(
            f"{benchmark.source}: {suite.name} has no problem {unknown[0]!r}; "
            "--task must name the suite that was graded"
        )
    benchmark.task = benchmark.suite = suite.name
    _expect(benchmark, suite)
    for task_id, places in benchmark.by_problem.items():
        problem = suite[task_id]
        benchmark.prompts[task_id] = problem.prompt.text
        for at in places:
            if at in benchmark.completions:
                code = extract(benchmark.completions[at], problem.top, problem.prompt.header).code
                benchmark.verdicts[at] = replace(benchmark.verdicts[at], code=code)
