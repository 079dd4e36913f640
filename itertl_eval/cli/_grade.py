"""itertl-eval grade: grade a file of samples."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from itertl_eval._util.options import add_jobs
from itertl_eval._util.output_files import open_output
from itertl_eval._util.printable import counted, printable
from itertl_eval._util.progress import Progress, say
from itertl_eval.errors import UsageError
from itertl_eval.grader import (
    Item,
    grade_stream,
    load_executor,
    preflight,
    read_samples,
    require_testbenches,
)
from itertl_eval.problem import Problem, Suite
from itertl_eval.results import Summary, protocol_card
from itertl_eval.suites import V2_TASKS, load_suite
from itertl_eval.verdict import Verdict
from itertl_eval.waves import Failing, add_waves_window, waves_folder


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "grade",
        help="grade completions",
        description='Grade a JSON lines file of {"task_id": ..., "completion": ...} rows. Several '
        "rows with one task_id are its samples. Verdicts come in the order of the rows and are "
        "cached, so an interrupted run continues where it stopped.",
    )
    parser.add_argument("samples", type=Path, metavar="SAMPLES.jsonl")
    parser.add_argument("--task", required=True, help="suite name, or a task folder")
    parser.add_argument("--output", type=Path, metavar="VERDICTS.jsonl", help="one row per sample")
    parser.add_argument(
        "--protocol",
        choices=["cocotb", "official", "both"],
        default="cocotb",
        help="our testbenches (default), the published harness's rules, or both side by side",
    )
    add_jobs(parser)
    parser.add_argument(
        "--executor",
        default="local",
        metavar="local|ray|MODULE:FACTORY",
        help="where to grade: here (default), on a Ray cluster, or with the "
        "concurrent.futures.Executor that FACTORY(jobs) returns",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the run (default 0)")
    parser.add_argument(
        "--no-partial",
        action="store_true",
        help="stop a simulation at its first failing test case: faster, but the score leaves out "
        "later cases",
    )
    parser.add_argument("--no-cache", action="store_true", help="grade everything afresh")
    parser.add_argument(
        "--waves",
        choices=["on-failure"],
        help="rerun one failing sample per problem and save its waveforms (FST) in a folder beside "
        "the output; the report shows them",
    )
    add_waves_window(parser)
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.waves_window is not None and not options.waves:
        raise UsageError("--waves-window needs --waves on-failure")
    if options.waves and not options.output:
        raise UsageError("--waves needs --output VERDICTS.jsonl: the waveforms go beside it")
    if options.samples.exists() and not options.samples.is_file():
        raise UsageError(
            f"{options.samples} is not a regular file; samples are read twice, so save them to one"
        )
    suite = load_suite(options.task)

    def items() -> Iterator[Item]:
        return read_samples(
            options.samples,
            suite,
            seed=options.seed,
            cache=not options.no_cache,
            protocol=options.protocol,
            partial=not options.no_partial,
        )

    # A first pass over the file finds every bad row before the first simulation starts.
    total, used = 0, dict[str, Problem]()
    for item in items():
        total += 1
        used[item.problem.id] = item.problem
    if not total:
        raise UsageError(
            f'{options.samples} holds no samples: expected lines of {{"task_id": ..., '
            '"completion": ...}'
        )
    if options.protocol != "official":
        require_testbenches(used.values())
    summary, failures, failing = Summary(suite.keys()), list[Verdict](), Failing()
    with contextlib.ExitStack() as stack:
        executor = load_executor(options.executor, options.jobs)
        if executor is not None:
            stack.enter_context(executor)
        elif options.protocol != "official":
            preflight()
        output = stack.enter_context(_created(options)) if options.output else None
        bar = stack.enter_context(Progress(f"grading {suite.name}", total, "sample"))
        for verdict in in_order(grade_stream(items(), jobs=options.jobs, executor=executor)):
            summary.add(verdict)
            bar.update()
            if output is not None:
                output.write(json.dumps(verdict.as_row()) + "\n")
                output.flush()
            if not verdict.passed and len(failures) < 10:
                failures.append(verdict)
            if options.waves:
                failing.add(verdict)
    _show(options, suite, summary, failures)
    if options.waves:
        from itertl_eval.waves import record_failures

        folder = waves_folder(options.output)
        window = options.waves_window
        waves = record_failures(failing, suite, folder, jobs=options.jobs, window=window)
        say(f"waveforms: {folder} ({len(waves)} of {len(failing)} failing problems)")
    return 3 if summary.infra_errors else 0


def _created(options: argparse.Namespace) -> TextIO:
    """Open the file for the verdicts: empty, and locked while this process writes to it."""
    path: Path = options.output
    if path.exists() and path.samefile(options.samples):
        raise UsageError(f"--output {path} would overwrite the samples")
    file = open_output("--output", path)
    if path.is_file():  # not a device or a pipe
        file.truncate(0)
    return file


def in_order(verdicts: Iterator[tuple[int, Verdict]]) -> Iterator[Verdict]:
    """Yield verdicts in the order of their items, each once all earlier ones are there."""
    waiting: dict[int, Verdict] = {}
    following = 0
    for index, verdict in verdicts:
        waiting[index] = verdict
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def _show(
    options: argparse.Namespace, suite: Suite, summary: Summary, failures: list[Verdict]
) -> None:
    facts = summary.as_dict()
    percents = summary.v2_percents() if suite.name in V2_TASKS else {}
    if percents:
        mean = sum(percents.values()) / len(percents)
        facts["as_v2_reports_it"] = {"pass_rate": mean, "problems": percents}
    rtllm = summary.rtllm_means() if suite.name == "rtllm" else {}
    if rtllm:
        facts["as_rtllm_reports_it"] = rtllm
    if options.json:
        card = protocol_card(
            suite, seed=options.seed, samples=str(options.samples), protocol=options.protocol
        )
        print(json.dumps({**_finite(facts), "card": card}, indent=2))
        return
    by = " by the published protocol" if options.protocol == "official" else ""
    print(
        f"{facts['passed']} of {facts['samples']} samples pass{by} "
        f"({counted(facts['problems'], 'problem')})"
    )
    for name, number in facts["metrics"].items():
        error = number["stderr"]  # one problem gives none
        spread = "" if math.isnan(error) else f" ± {error:.4f}"
        print(f"  {name:10} {number['value']:.4f}{spread}")
    if percents:
        print(f"  as VerilogEval v2 reports it: pass_rate = {mean:.2f}")
    for name, value in rtllm.items():
        print(f"  as RTLLM's script reports it (a skipped design, N + 1): {name} = {value:.4f}")
    ended = ", ".join(f"{stage} {count}" for stage, count in facts["stages"].items() if count)
    if not summary.published_alone:  # which does not say how far a design came
        print(f"  ended in   {ended or 'nothing graded'}")
    if facts["infra_errors"]:
        print(f"  NOT GRADED {facts['infra_errors']} (infrastructure errors; not counted above)")
    for remark in summary.remarks():
        print(f"  NOTE       {remark}")
    for row in facts["disagreements"]:
        print(
            f"  disagree   {row['task_id']}[{row['sample']}] cocotb {row['cocotb']}; "
            f"published {row['official']}"
        )
    for verdict in failures:
        stage = "" if verdict.protocol == "official" else f"{verdict.stage}: "
        print(f"  {verdict.task_id}[{verdict.sample}] {stage}{printable(verdict.message)}")
    if options.output:
        print(f"verdicts: {options.output}")


def _finite(value: Any) -> Any:
    """Replace NaN, which JSON lacks, by null: one problem has no standard error."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
