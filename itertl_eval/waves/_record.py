"""Run failing designs once more, in the grader's sandbox, and keep their waveforms."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from itertl_eval.grader import (
    DirectWorker,
    Icarus,
    Job,
    default_jobs,
    find_icarus,
    make_job,
    unsafe,
)
from itertl_eval.problem import Problem, Suite
from itertl_eval.verdict import Verdict
from itertl_eval.waves import _fst
from itertl_eval.waves._failing import Failing
from itertl_eval.waves._files import wave_path
from itertl_eval.waves._vcd import Wave, read_vcd

FILE_MIB = 64
"""A waveform file may grow to this size; the simulation ends there."""
WALL_FACTOR = 4
"""Writing waveforms takes longer than simulating without."""
_FILE = "waves.vcd"


def record_failures(
    failing: Failing,
    suite: Suite,
    folder: Path,
    *,
    jobs: int | None = None,
    progress: Callable[[], object] = lambda: None,
    window: float | None = None,
) -> dict[tuple[str, int], Wave]:
    """Record one sample of each problem: the first of `failing` that gives a picture.

    Args:
        failing: The designs.
        suite: Their problems.
        folder: Gets TASK_SAMPLE.fst (.vcd without pylibfst) and TASK_SAMPLE.json, which the
            report draws.
        jobs: Number of simulations at a time. Default: `default_jobs()`.
        progress: Called after each simulation.
        window: Nanoseconds to draw before the first mismatch; by default a few changes.

    Returns:
        The waves by (task_id, sample). A problem has none if its samples do not fail any more,
        end at once by `$finish`, or do not end in time.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def one(verdicts: list[Verdict]) -> tuple[tuple[str, int], Wave] | None:
        for verdict in verdicts:
            path = wave_path(folder, verdict)
            wave = record(suite[verdict.task_id], verdict.code or "", verdict.seed, path, window)
            progress()
            if wave is not None:
                path.write_text(json.dumps(wave.as_dict()), encoding="utf-8")
                return (verdict.task_id, verdict.sample), wave
        return None

    with ThreadPoolExecutor(jobs or default_jobs()) as threads:
        return dict(filter(None, threads.map(one, failing.values())))


def record(
    problem: Problem, code: str, seed: int, path: Path, window: float | None = None
) -> Wave | None:
    """Simulate a design as its verdict did, once per parameter setting until it fails.

    Args:
        problem: The problem, with a testbench.
        code: The design.
        seed: The verdict's seed.
        path: The waveforms go there with the suffix .fst, or .vcd without pylibfst.
        window: See `record_failures`.

    Returns:
        The part around the first failing check; None if there is no such check, or if the design
        spoilt the file.
    """
    assert problem.testbench is not None
    vcd = path.with_suffix(".vcd")
    icarus = find_icarus()
    shown = problem.given.ports if problem.given.top else problem.ports
    ports = [(port.name, port.direction, port.width) for port in shown]
    for parameters in problem.parameters:
        job = make_job(problem, code, dict(parameters), seed)
        prefix = f"n{job.nonce}"
        dut = f"{prefix}_top.{prefix}_dut"
        mark = _run(job, dut, f"{prefix}_waves", icarus, vcd)
        if mark is not None and vcd.exists():
            _rename(vcd, {f"{prefix}_top": "testbench", f"{prefix}_dut": problem.simulated})
            with contextlib.suppress(ValueError):
                wave = read_vcd(vcd, problem.simulated, ports, mark, window)
                if _fst.available():
                    _fst.write_fst(vcd, vcd.with_suffix(".fst"))
                    vcd.unlink()
                return wave
    for suffix in (".vcd", ".fst"):
        path.with_suffix(suffix).unlink(missing_ok=True)
    return None


def _run(job: Job, dut: str, dumper: str, icarus: Icarus, path: Path) -> float | None:
    """Record one run; return when the first check failed, in nanoseconds, or None if none did."""
    dump = f'$dumpfile("{_FILE}"); $dumpvars(0, {dut});'
    job = replace(
        job,
        source=f"{job.source}\nmodule {dumper}; initial begin {dump} end endmodule\n",
        waves="vcd",
        wall=job.wall * WALL_FACTOR,
        file=FILE_MIB,
    )
    roots = icarus.settings.replace("root:@ROOT@", f"root:@ROOT@\nroot:{dumper}")
    worker = WavesWorker(replace(icarus, settings=roots), path)
    try:
        cases = worker.run(job).cases
    finally:
        worker.close()
    return next((round(case.ns, 6) for case in cases if case.ns is not None), None)


class WavesWorker(DirectWorker):
    """A worker that copies the waveform file out of a sample's folder before it is removed."""

    def __init__(self, icarus: Icarus, target: Path) -> None:
        self.target = target
        super().__init__(icarus, unsafe=unsafe())

    def after(self, folder: Path) -> None:
        made = folder / _FILE
        # A design may have put something else there: follow no link, read no device.
        if made.is_file() and not made.is_symlink():
            shutil.copyfile(made, self.target)


def _rename(path: Path, names: dict[str, str]) -> None:
    """Replace the names that the grader gave to scopes for one run by readable ones."""
    draft = path.with_suffix(".draft")
    with path.open(encoding="utf-8", errors="replace") as old, draft.open("w") as new:
        header = True
        for line in old:
            if header:
                for name, better in names.items():
                    line = line.replace(f" {name} ", f" {better} ")
                header = "$enddefinitions" not in line
            new.write(line)
    draft.replace(path)
