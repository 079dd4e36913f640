"""Run one design in this thread's worker, for code that needs more than a verdict."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from itertl_eval.grader._job import Seconds, make_job
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.compile import find_icarus
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Problem

_CAPTURE = """\
from itertl_eval.bench import RecordedBench
from itertl_eval.grader.simulation.regression import attach

{bench}

{cases}"""


def run_design(
    problem: Problem, code: str, *, seconds: tuple[float, float] | None = None
) -> Outcome:
    """Return what the worker reports about one design on a problem's testbench.

    Args:
        problem: Its testbench, ports, top module and limits are used.
        code: The design, as `extract` returns it.
        seconds: CPU time limits in seconds of the whole run and of the simulation in it.

    Returns:
        What became of it; `interpret` says what that means for the design.
    """
    pool.begin()
    limit = Seconds(*seconds) if seconds else None
    parameters = dict(problem.parameters[0]) if problem.parameters else {}
    return pool.run(make_job(problem, code, parameters, 0, limit), find_icarus())


def capture_tables(
    problem: Problem,
    code: str,
    bench: str,
    tables: Sequence[tuple[str, str]],
    *,
    seconds: tuple[float, float] | None = None,
) -> Outcome:
    """Play tables of inputs and return what a design shows, as `captured` of each case.

    Args:
        problem: As for `run_design`; a testbench that it has is not used.
        code: The design.
        bench: Python source that declares a RecordedBench named `bench`.
        tables: Name and table of each case; RecordedBench describes tables.
        seconds: As for `run_design`.
    """
    cases = "".join(f'{n} = bench.capture("{n}", """\n{table}""", attach)\n' for n, table in tables)
    with testbench_file(_CAPTURE.format(bench=bench, cases=cases)) as path:
        return run_design(replace(problem, testbench=path), code, seconds=seconds)


@contextlib.contextmanager
def testbench_file(text: str) -> Iterator[Path]:
    """Write a testbench's text to a file that lasts as long as the block."""
    with tempfile.TemporaryDirectory(prefix="itertl-testbench-") as folder:
        path = Path(folder, "test_recorded.py")
        path.write_text(text, encoding="utf-8")
        yield path


__all__ = ["capture_tables", "run_design", "testbench_file"]
