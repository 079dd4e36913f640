"""grade and grade_many: the one judgement behind lm-eval, the command line and every reward."""

from __future__ import annotations

import atexit
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from math import ceil
from pathlib import Path
from typing import Any, Literal

from itertl_eval.cache import VerdictCache, key_of
from itertl_eval.errors import InfrastructureError
from itertl_eval.extract import extract
from itertl_eval.grader.icarus import Icarus, find_icarus
from itertl_eval.grader.worker import Worker, WorkerLost, cache_folder, open_worker
from itertl_eval.problem import Problem
from itertl_eval.verdict import Stage, Status, Verdict, score_of

Protocol = Literal["cocotb", "official", "both"]
UNSAFE_VARIABLE = "ITERTL_EVAL_UNSAFE_NO_SANDBOX"
ATTEMPTS = 3
"""How often a sample is tried when workers die under it."""


@dataclass(frozen=True)
class Item:
    """One completion to grade.

    `sample` only numbers the verdict. `seed` is the run's; the seed of a simulation is derived
    from it, the problem and the design, so that equal designs are judged equally whatever
    their number, order or worker. With `cache` a verdict that is known is not made again.
    `protocol` adds the published verdict beside ours ("both"), or runs nothing else and makes
    it the verdict ("official").
    """

    problem: Problem
    completion: str
    sample: int = 0
    seed: int = 0
    cache: bool = True
    protocol: Protocol = "cocotb"


def grade(
    problem: Problem, completion: str, *, sample: int = 0, seed: int = 0, cache: bool = True
) -> Verdict:
    """Judge one completion. Same input and tool versions: same verdict.

    Raises InfrastructureError when this machine can't grade at all: no simulator, no sandbox,
    or a problem that has no testbench yet. What goes wrong with a single sample through no
    fault of the design is a verdict with status "infra_error" instead.
    """
    return judge(Item(problem, completion, sample, seed, cache))


def grade_many(
    items: Iterable[Item | tuple[Problem, str]],
    *,
    jobs: int | None = None,
    seed: int = 0,
    cache: bool = True,
    executor: Executor | None = None,
    progress: Callable[[Verdict], object] | None = None,
) -> list[Verdict]:
    """Judge many completions in parallel; the verdicts come in the order of the items.

    `items` are Items or (problem, completion) pairs; pairs of the same problem are numbered
    as its samples. `jobs` workers (default: the cores this process may use, divided by
    LOCAL_WORLD_SIZE) run in this process unless an `executor` takes the work elsewhere.
    `progress` is called with each verdict as it is made, from this thread.
    """
    numbered = list(number(items, seed, cache))
    require_testbenches(
        {i.problem.id: i.problem for i in numbered if i.protocol != "official"}.values()
    )
    verdicts: list[Verdict | None] = [None] * len(numbered)
    for index, verdict in grade_stream(numbered, jobs=jobs, executor=executor):
        verdicts[index] = verdict
        if progress is not None:
            progress(verdict)
    return [verdict for verdict in verdicts if verdict is not None]


def grade_stream(
    items: Iterable[Item], *, jobs: int | None = None, executor: Executor | None = None
) -> Iterator[tuple[int, Verdict]]:
    """Judge items as they come and yield (index, verdict) as they are done, in bounded memory."""
    jobs = jobs or default_jobs()
    own = executor is None
    pool: Executor = executor or ThreadPoolExecutor(jobs, thread_name_prefix="grade")
    running: dict[Future[Verdict], int] = {}
    try:
        for index, item in enumerate(items):
            running[pool.submit(judge, item)] = index
            while len(running) >= 4 * jobs:
                yield from _collect(running)
        while running:
            yield from _collect(running)
    except (KeyboardInterrupt, SystemExit):
        close_workers()  # or the shutdown below would wait for samples in flight
        raise
    finally:
        for future in running:
            future.cancel()
        if own:
            pool.shutdown(wait=True, cancel_futures=True)


def _collect(running: dict[Future[Verdict], int]) -> Iterator[tuple[int, Verdict]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield running.pop(future), future.result()


def number(
    items: Iterable[Item | tuple[Problem, str]], seed: int = 0, cache: bool = True
) -> Iterator[Item]:
    """Turn pairs into Items, counting the samples of each problem."""
    counts: dict[tuple[str, str], int] = {}
    for item in items:
        if isinstance(item, Item):
            yield item
            continue
        problem, completion = item
        key = (problem.suite, problem.id)
        counts[key] = counts.get(key, -1) + 1
        yield Item(problem, completion, counts[key], seed, cache)


def require_testbenches(problems: Iterable[Problem]) -> None:
    """Raise InfrastructureError that lists the problems without a testbench, if any."""
    missing = sorted({problem.id for problem in problems if problem.testbench is None})
    if missing:
        raise InfrastructureError(
            f"no testbench for {', '.join(missing)}: neither pass nor fail can be said. "
            "Leave them out, or write one (docs/add-a-testbench.md)."
        )


def default_jobs() -> int:
    """The cores that this process may use, shared with the other ranks on this machine."""
    ranks = int(os.environ.get("LOCAL_WORLD_SIZE", "1") or 1)
    return max(1, len(os.sched_getaffinity(0)) // ranks)


def sample_seed(problem: Problem, design: str, seed: int) -> int:
    """The simulation seed of one sample: from problem, design and run seed alone."""
    text = f"{problem.suite}/{problem.id}/{seed}/{design}"
    return int.from_bytes(hashlib.sha256(text.encode(errors="replace")).digest()[:4], "big")


def judge(item: Item) -> Verdict:
    """Grade one item in this thread's worker; the unit of work that executors run."""
    problem = item.problem
    if item.protocol != "official":
        require_testbenches([problem])
    icarus = find_icarus()
    started = time.monotonic()
    found = extract(item.completion, problem.top, problem.prompt.header)
    seed = sample_seed(problem, found.code or item.completion, item.seed)
    blank = Verdict(
        task_id=problem.id, sample=item.sample, status="fail", stage="extract", score=0.0,
        cases_passed=0, cases_total=0, message=found.problem, seconds=0.0, cached=False, seed=seed,
        simulator=icarus.name, code=found.code,
    )  # fmt: skip
    if item.protocol != "cocotb":
        blank = replace(blank, official=_official(item, icarus))
        if item.protocol == "official":
            return _as_published(blank, started)
    if found.code is None:
        return replace(blank, seconds=round(time.monotonic() - started, 6))
    if not item.cache:
        return _simulate(problem, blank, icarus, started)[0]
    key = key_of(found.code, problem.digest, seed, icarus.name, tool_versions(), grader_digest())
    with _single_flight(key):
        known = verdict_cache().get(key)
        if known is not None:
            return replace(blank, **known, cached=True)
        verdict, lasting = _simulate(problem, blank, icarus, started)
        if lasting:
            verdict_cache().put(key, {name: getattr(verdict, name) for name in _CACHED})
        return verdict


def _official(item: Item, icarus: Icarus) -> dict[str, Any]:
    """The published protocol's verdict: {"passed", "label"}, from the cache if it is known."""
    from itertl_eval.grader.official import official

    problem = item.problem
    key = key_of(
        "official", problem.suite, problem.id, item.completion, icarus.name, grader_digest()
    )
    known = verdict_cache().get(key) if item.cache else None
    if known is None:
        known = dict(official(problem, item.completion, unsafe=_unsafe()))
        # A time limit may be hit or missed on another day.
        if item.cache and "time" not in known["label"].lower() and known["label"] != "T":
            verdict_cache().put(key, known)
    return known


def _as_published(blank: Verdict, started: float) -> Verdict:
    """A Verdict that says what the published protocol says and no more."""
    assert blank.official is not None
    passed = blank.official["passed"]
    stage: Stage = "pass" if passed else "simulate"
    return replace(
        blank, status="pass" if passed else "fail", stage=stage, score=float(passed),
        message="" if passed else f"published protocol: {blank.official['label']}",
        seconds=round(time.monotonic() - started, 6),
    )  # fmt: skip


def _unsafe() -> bool:
    """The user accepted grading without the file wall."""
    return os.environ.get(UNSAFE_VARIABLE) == "1"


_CACHED = (
    "status", "stage", "score", "cases_passed", "cases_total", "message", "seconds", "pyverilog",
)  # fmt: skip


def _simulate(
    problem: Problem, blank: Verdict, icarus: Icarus, started: float
) -> tuple[Verdict, bool]:
    """The verdict, and whether it would be the same on another day: limits may not be."""
    assert blank.code is not None
    passed = total = 0
    pyverilog: bool | None = None
    lasting = True
    cpu = _cpu_limit(problem, icarus)
    for parameters in problem.parameters:
        result = _run(_job(problem, blank.code, dict(parameters), blank.seed, cpu), icarus)
        if "pyverilog" in result:
            pyverilog = result["pyverilog"] is None
        status, stage, message = interpret(result)
        lasting = lasting and not result["timeout"] and not result.get("signal")
        passed += sum(case["passed"] for case in result["cases"])
        total += result.get("cases_total", 0)
        if status != "pass":
            if parameters and message:
                setting = ", ".join(f"{key}={value}" for key, value in parameters.items())
                message = f"with {setting}: {message}"
            break
    else:
        status, stage, message = "pass", "pass", ""
    verdict = replace(
        blank, status=status, stage=stage, message=message, cases_passed=passed, cases_total=total,
        score=0.0 if status == "infra_error" else score_of(stage, passed, total),
        pyverilog=pyverilog, seconds=round(time.monotonic() - started, 6),
    )  # fmt: skip
    return verdict, lasting and status != "infra_error"


CPU_FACTOR, CPU_FLOOR = 20, 3
"""A design may use 20 times the processor time of the reference, and three seconds anyway."""
_cpu_limits: dict[str, int] = {}


def _cpu_limit(problem: Problem, icarus: Icarus) -> int:
    """Seconds of processor time for a design: scaled from the reference's own run.

    Processor time, unlike wall time, does not depend on what else the machine does. The
    problem's own limit is the cap, and what holds where there is no working reference.
    """
    if problem.digest in _cpu_limits:
        return _cpu_limits[problem.digest]
    key = key_of("cpu", problem.digest, icarus.name, tool_versions(), grader_digest())
    known = verdict_cache().get(key)
    if known is None:
        known = {"seconds": None}
        found = extract(problem.reference, problem.top, problem.prompt.header)
        if found.code is not None:
            jobs = [_job(problem, found.code, dict(p), 0) for p in problem.parameters]
            results = [_run(job, icarus) for job in jobs]
            if all(interpret(result)[0] == "pass" for result in results):
                known["seconds"] = max(result["cpu"] for result in results)
        verdict_cache().put(key, known)
    limit = problem.limits.cpu
    if known["seconds"] is not None:
        limit = min(limit, max(CPU_FLOOR, ceil(CPU_FACTOR * known["seconds"])))
    _cpu_limits[problem.digest] = limit
    return limit


def _job(
    problem: Problem, code: str, parameters: dict[str, int], seed: int, cpu: int | None = None
) -> dict[str, Any]:
    limits = problem.limits
    return {
        "source": code,
        "top": problem.top,
        "ports": [[port.name, port.direction, port.width] for port in problem.ports],
        "parameters": parameters,
        "testbench": str(problem.testbench),
        "seed": seed,
        "nonce": os.urandom(8).hex(),
        "wall": limits.wall,
        "cpu": cpu or limits.cpu,
        "memory": limits.memory,
        "file": limits.file,
    }


def interpret(result: dict[str, Any]) -> tuple[Status, Stage, str]:
    """What a worker's answer means. Only an explicit, complete list of passed cases passes."""
    stage: Stage = result.get("stage", "extract")
    cases = result["cases"]
    if "broken" in result:
        return "infra_error", stage, result["broken"]
    if "failed" in result:
        return "fail", stage, result["failed"]
    if result["timeout"]:
        return "fail", stage, "stopped at its time limit"
    total = result.get("cases_total")
    if result.get("finished") and total and len(cases) == total:
        for case in cases:
            if case.get("broken"):
                return "infra_error", stage, f"{case['name']}: {case['message']}"
            if not case["passed"]:
                return "fail", stage, f"{case['name']}: {case['message']}"
        return "pass", "pass", ""
    if result.get("finished") and not total:
        return "infra_error", stage, "the testbench has no test cases"
    if stage != "simulate" and not result["signal"]:
        return "infra_error", stage, "the grading process ended without an answer"
    ending = _SIGNALS.get(result["signal"], f"signal {result['signal']}")
    said = f"; it said: {result['said']}" if result.get("said") else ""
    return "fail", stage, f"ended before the testbench did ({ending}){said}"


_SIGNALS = {
    0: "the simulator stopped by itself",
    6: "out of memory",
    9: "killed at a resource limit",
    11: "the simulator crashed",
    24: "processor time limit",
    25: "file size limit",
}


# -- cache ------------------------------------------------------------------------------------

_flights: dict[str, tuple[threading.Lock, int]] = {}
_flights_lock = threading.Lock()


@contextmanager
def _single_flight(key: str) -> Iterator[None]:
    """Let one thread at a time grade a design; the others then find it in the cache."""
    with _flights_lock:
        lock, users = _flights.get(key, (threading.Lock(), 0))
        _flights[key] = (lock, users + 1)
    try:
        with lock:
            yield
    finally:
        with _flights_lock:
            _, users = _flights.pop(key)
            if users > 1:
                _flights[key] = (lock, users - 1)


@cache
def verdict_cache() -> VerdictCache:
    """The cache of this user: verdicts.sqlite in the cache folder (ITERTL_EVAL_CACHE)."""
    return VerdictCache(cache_folder() / "verdicts.sqlite")


@cache
def grader_digest() -> str:
    """The version of the grader: a hash over its own source and that of the bench library."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for file in sorted([*here.glob("grader/*.py"), *here.glob("bench/*.py"), here / "extract.py"]):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@cache
def tool_versions() -> dict[str, str]:
    """The packages that a verdict depends on, by version."""
    return {name: version(name) for name in ("cocotb", "pyverilog", "pyslang")}


# -- workers ----------------------------------------------------------------------------------

_local = threading.local()
_workers: set[Worker] = set()
_era = 0
"""Grows with each close_workers, so that what runs then is not tried again."""
_lock = threading.Lock()


class _Lease:
    """A thread's worker; given back to the operating system when the thread ends."""

    def __init__(self, icarus: Icarus) -> None:
        self.worker = open_worker(icarus, unsafe=_unsafe())
        with _lock:
            _workers.add(self.worker)

    def close(self) -> None:
        with _lock:
            _workers.discard(self.worker)
        self.worker.close()

    def __del__(self) -> None:
        self.close()


def _run(job: dict[str, Any], icarus: Icarus) -> dict[str, Any]:
    """Run a job in this thread's worker, in a new one when the worker dies under it."""
    error = ""
    era = _era
    for _ in range(ATTEMPTS):
        if era != _era:
            error = "the run was interrupted"
            break
        lease = getattr(_local, "lease", None)
        if lease is None:
            lease = _local.lease = _Lease(icarus)
        try:
            return lease.worker.run(job)
        except WorkerLost as lost:
            error = str(lost)
            lease.close()
            _local.lease = None
    return {"cases": [], "broken": f"no worker could finish it: {error}", "timeout": False}


def close_workers() -> None:
    """End all workers of this process, whatever they do, and remove their folders.

    Called at exit and on an interrupt; grading that starts afterwards starts new workers.
    """
    global _era
    with _lock:
        _era += 1
        workers = list(_workers)
        _workers.clear()
    for worker in workers:
        worker.close()


atexit.register(close_workers)

__all__ = [
    "Item", "close_workers", "default_jobs", "grade", "grade_many", "grade_stream", "interpret",
    "judge", "number", "require_testbenches", "sample_seed",
]  # fmt: skip
