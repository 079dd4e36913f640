"""itertl-eval report: one page from results, verdicts or a training run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itertl_eval._util.output_files import require_writable, write_whole
from itertl_eval._util.progress import Progress
from itertl_eval.errors import ItertlError, UsageError
from itertl_eval.problem import Suite
from itertl_eval.waves import add_waves_window, waves_folder

if TYPE_CHECKING:
    from itertl_eval.report import Benchmark


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "report",
        help="one self-contained HTML page from results, verdicts or a training run",
        description="Make one self-contained HTML page. Each PATH is a folder or file that "
        "lm_eval wrote with --log_samples, a verdict file of `itertl-eval grade --output` "
        "(its samples file and the output of --json may follow it), or the folder of a training "
        "run. Several benchmarks on one suite are compared with the first by a paired test.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("report.html"), help="default: report.html"
    )
    parser.add_argument("--task", help="suite of verdict files: shows prompts and extracted code")
    parser.add_argument("--title", default="itertl-eval report", help="the page's title")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML for CI systems too")
    parser.add_argument(
        "--waves",
        choices=["on-failure"],
        help="rerun one failing sample per problem and show its waveforms around the first "
        "mismatch; the files (FST) go into a folder beside the page",
    )
    add_waves_window(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from itertl_eval.report import collect, junit, render, visible
    from itertl_eval.suites import load_suite

    outputs = {"-o": options.output}
    if options.junit is not None:
        outputs["--junit"] = options.junit
    for option, path in outputs.items():
        require_writable(option, path, options.paths)
    suite = load_suite(options.task) if options.task else None
    report = collect(options.paths, suite)
    if options.junit is not None and not report.benchmarks:
        raise UsageError("--junit needs verdicts; there are none in what was given")
    if options.waves_window is not None and not options.waves:
        raise UsageError("--waves-window needs --waves on-failure")
    if options.waves:
        for number, benchmark in enumerate(report.benchmarks):
            folder = waves_folder(options.output) / str(number)
            _record(benchmark, folder, suite, options.waves_window)
    write_whole(options.output, render(report, options.title))
    if options.junit is not None:
        write_whole(options.junit, junit(report.benchmarks))
    for benchmark in report.benchmarks:
        for note in benchmark.notes:
            print(f"note: {visible(benchmark.name)}: {visible(note)}")
    for path in outputs.values():
        print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0


def _record(benchmark: Benchmark, folder: Path, given: Suite | None, window: float | None) -> None:
    """Add waveforms to a benchmark, or a note if its suite or code is unknown."""
    from itertl_eval.suites import load_suite
    from itertl_eval.waves import Failing, record_failures

    try:
        suite = given or load_suite(benchmark.suite)
    except ItertlError as error:
        benchmark.notes.append(f"No waveforms: {str(error).splitlines()[0]}")
        return
    with Progress(f"waveforms of {benchmark.name}", None, "simulation") as bar:
        failing = Failing(v for v in benchmark.verdicts if v.task_id in suite)
        benchmark.waves.update(
            record_failures(failing, suite, folder, progress=bar.update, window=window)
        )
