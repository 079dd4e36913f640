"""Read the paths of the command line into benchmarks and training runs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from itertl_eval.errors import UsageError
from itertl_eval.problem import Suite
from itertl_eval.report._benchmark import Benchmark
from itertl_eval.report.inputs._jsonl import Row, document, rows
from itertl_eval.report.inputs._lm_eval import read_results, read_samples, samples_file
from itertl_eval.report.inputs._training import METRICS, TrainingRun, read_run
from itertl_eval.report.inputs._verdicts import add_samples, add_suite, add_summary, read_verdicts

KINDS = (
    "a folder or file that lm_eval wrote (--output_path FOLDER --log_samples), a verdict file of "
    "`itertl-eval grade --output`, or the folder of a training run"
)

T = TypeVar("T", Benchmark, TrainingRun)


@dataclass
class Report:
    """Everything one page shows."""

    benchmarks: list[Benchmark] = field(default_factory=list)
    runs: list[TrainingRun] = field(default_factory=list)


def collect(paths: Sequence[Path], suite: Suite | None = None) -> Report:
    """Read all paths, each by its kind. UsageError says what a path should be.

    A samples file or a summary (`grade --json`) adds completions or the protocol card to the
    verdict file before it. `suite` adds prompts and extracted code to verdict files.
    """
    report = Report()
    graded: list[Benchmark] = []
    for path in _distinct(paths):
        if not path.exists():
            raise UsageError(f"{path} does not exist. Give {KINDS}")
        if path.is_dir():
            _folder(path, report)
        elif path.suffix == ".json":
            _json(path, report, graded)
        else:
            _lines(path, report, graded)
    for benchmark in graded:
        if suite is not None:
            add_suite(benchmark, suite)
        elif any(v.code is None for v in benchmark.verdicts) and not benchmark.completions:
            benchmark.notes.append(
                "Verdict files hold no code. To see it, give the graded samples file right after "
                "the verdicts, and --task TASK for the prompts."
            )
    report.benchmarks = _once(report.benchmarks)
    report.runs = _once(report.runs)
    _number_equal_names([*report.benchmarks, *report.runs])
    return report


def _distinct(paths: Sequence[Path]) -> list[Path]:
    """The paths in their order, each file or folder once."""
    found: dict[Path, Path] = {}
    for path in paths:
        found.setdefault(path.resolve(), path)
    return list(found.values())


def _once(things: list[T]) -> list[T]:
    """Leave out what a folder and its parent, or a folder and its file, both name."""
    found: dict[tuple[Path, str], T] = {}
    for thing in things:
        found.setdefault((Path(thing.source).resolve(), getattr(thing, "task", "")), thing)
    return list(found.values())


def _folder(path: Path, report: Report) -> None:
    found = sorted(path.rglob("results_*.json"))
    newest = _newest(found)
    benchmarks = [benchmark for file in newest for benchmark in read_results(file)]
    runs = {file.parent: read_run(file.parent) for file in sorted(path.rglob(METRICS))}
    if not newest and not runs:
        loose = sorted(path.glob("*.json*"))
        hint = f"; name the file itself, such as {loose[0]}" if loose else ""
        raise UsageError(f"{path} holds neither results_*.json nor {METRICS}{hint}. Give {KINDS}")
    if not benchmarks and not runs:
        raise UsageError(f"none of the tasks in {path} is a Verilog task of this package")
    older = len(found) - len(newest)
    if older and benchmarks:
        benchmarks[-1].notes.append(
            f"{older} older results in {path} were left out; name their files to see them."
        )
    for folder, run in runs.items():
        if folder != path:
            run.name = str(folder.relative_to(path))
    report.benchmarks += benchmarks
    report.runs += runs.values()


def _newest(files: Iterable[Path]) -> list[Path]:
    """Return the latest results per folder and set of tasks; names end in the date."""
    last: dict[tuple[Path, tuple[str, ...]], Path] = {}
    for file in files:
        configs = document(file).get("configs")
        last[file.parent, tuple(sorted(configs or ()))] = file
    return sorted(last.values())


def _json(path: Path, report: Report, graded: list[Benchmark]) -> None:
    content = document(path)
    if isinstance(content.get("card"), dict) and "stages" in content:
        add_summary(_before(path, graded), path, content)
        return
    found = read_results(path)
    if not found:
        raise UsageError(f"none of the tasks in {path} is a Verilog task of this package")
    report.benchmarks += found


def _lines(path: Path, report: Report, graded: list[Benchmark]) -> None:
    first: Row = next((row for _, row in rows(path)), {})
    if "filtered_resps" in first:
        report.benchmarks.append(_with_results(path))
    elif "task_id" in first and "status" in first:
        graded.append(read_verdicts(path))
        report.benchmarks.append(graded[-1])
    elif "task_id" in first and "completion" in first:
        add_samples(_before(path, graded), path)
    elif "stage" in first and "iteration" in first:
        report.runs.append(read_run(path))
    else:
        what = "is empty" if not first else "holds rows of an unknown kind"
        raise UsageError(f"{path} {what}. Give {KINDS}")


def _with_results(path: Path) -> Benchmark:
    """Read a samples file with the results file of the same date, if there is one."""
    date = path.stem.rpartition("_")[2]
    for file in sorted(path.parent.glob(f"*_{date}.json")):
        for benchmark in read_results(file):
            if samples_file(file, benchmark.task) == path:
                return benchmark
    return read_samples(path)


def _before(path: Path, graded: list[Benchmark]) -> Benchmark:
    if not graded:
        raise UsageError(
            f"{path} holds no verdicts. Samples are graded first, with\n"
            f"  itertl-eval grade {shlex.quote(str(path))} --task TASK --output VERDICTS.jsonl\n"
            "and samples and summaries are given after the verdict file they belong to"
        )
    return graded[-1]


def _number_equal_names(things: Sequence[Benchmark | TrainingRun]) -> None:
    """Number things of the same name: two runs of one model, say."""
    seen: dict[tuple[str, str], int] = {}
    for thing in things:
        key = (thing.name, thing.task if isinstance(thing, Benchmark) else "")
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            thing.name = f"{thing.name} ({seen[key]})"
