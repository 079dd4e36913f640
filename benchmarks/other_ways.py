"""What a user would run instead of the grader, for grader_speed.py: each way as a function."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from itertl_eval.grader import find_icarus, published_bench
from itertl_eval.problem import Problem

FLAGS = ["-Wall", "-Winfloop", "-Wno-timescale", "-g2012", "-s", "tb"]
SECONDS = 300
"""The published limit is 30 s of wall time; on a busy machine that would cut costs off."""
Cost = tuple[float, float]
"""CPU and wall milliseconds."""


def measured(run: Callable[[], object]) -> Cost:
    """(CPU, wall) milliseconds of this process and its children."""
    before, began = _cpu(), time.perf_counter()
    run()
    return (_cpu() - before) * 1e3, (time.perf_counter() - began) * 1e3


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def floor(problem: Problem, text: str) -> Cost:
    """iverilog and vvp on the design alone, nothing driven: what no grader can go far below."""
    icarus = find_icarus()

    def run() -> None:
        with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
            Path(folder, "a.sv").write_text(text)
            command = [icarus.iverilog, "-g2012", "-s", problem.top, "-o", "a.vvp", "a.sv"]
            if _quiet(command, folder) == 0:
                _quiet([icarus.vvp, "-n", "a.vvp"], folder)

    return measured(run)


def official(problem: Problem, text: str) -> Cost:
    icarus = find_icarus()

    def run() -> None:
        with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
            files = _lay_out(problem, text, folder)
            if _quiet([icarus.iverilog, *FLAGS, "-o", "a.vvp", *files], folder) == 0:
                _quiet([icarus.vvp, "-n", "a.vvp"], folder)

    return measured(run)


def harness(problem: Problem, text: str) -> Cost:
    def run() -> None:
        context = multiprocessing.get_context("fork")
        with context.Manager() as manager:
            result = manager.list()
            process = context.Process(target=_in_shell, args=(problem, text, result))
            process.start()
            process.join()

    return measured(run)


def _in_shell(problem: Problem, text: str, result: Any) -> None:
    icarus = find_icarus()
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        files = " ".join(_lay_out(problem, text, folder))
        line = f"{icarus.iverilog} {' '.join(FLAGS)} -o a.vvp {files} && {icarus.vvp} -n a.vvp"
        result.append(_quiet(["sh", "-c", line], folder))


def _lay_out(problem: Problem, text: str, folder: str) -> list[str]:
    bench = published_bench(problem)
    files = {"a.sv": text, "t.sv": bench.test, "r.sv": bench.reference}
    for name, content in files.items():
        Path(folder, name).write_text(content)
    return list(files)


def cocotb_runner(problem: Problem, text: str) -> Cost:
    code = (
        "import sys; from cocotb_tools.runner import get_runner; r = get_runner('icarus');"
        f"r.build(sources=['a.sv'], hdl_toplevel={problem.top!r}, timescale=('1ns', '1ps'));"
        f"r.test(hdl_toplevel={problem.top!r}, test_module={Path(str(problem.testbench)).stem!r},"
        " test_dir='.')"
    )
    environment = dict(os.environ)
    environment["PATH"] = f"{Path(find_icarus().iverilog).parent}{os.pathsep}{os.environ['PATH']}"
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(Path(str(problem.testbench)).parent), *sys.path]
    )
    # cocotb imports pytest, which would import all plugins of this environment: seconds.
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

    def run() -> None:
        with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
            Path(folder, "a.sv").write_text(text)
            if _quiet([sys.executable, "-c", code], folder, environment):
                raise SystemExit(f"cocotb's runner fails on {problem.id}: nothing was measured")

    return measured(run)


def _scratch() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _quiet(command: list[str], folder: str, environment: dict[str, str] | None = None) -> int:
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode
