"""grade and grade_many: the one judgement behind lm-eval, the command line and every reward."""

from __future__ import annotations

import atexit
import hashlib
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.extract import extract
from itertl_eval.grader.icarus import Icarus, find_icarus
from itertl_eval.grader.worker import Worker, WorkerLost
from itertl_eval.problem import Problem
from itertl_eval.verdict import Stage, Status, Verdict, score_of

UNSAFE_VARIABLE = "ITERTL_EVAL_UNSAFE_NO_SANDBOX"
ATTEMPTS = 3
"""How often a sample is tried when workers die under it."""


@dataclass(frozen=True)
class Item:
    """One completion to grade. `seed` is the run's; each sample derives its own from it."""

    problem: Problem
    completion: str
    sample: int = 0
    seed: int = 0


def grade(problem: Problem, completion: str, *, sample: int = 0, seed: int = 0) -> Verdict:
    """Judge one completion. Same input and tool versions: same verdict.

    Raises InfrastructureError when this machine can't grade at all: no simulator, no sandbox,
    or a problem that has no testbench yet. What goes wrong with a single sample through no
    fault of the design is a verdict with status "infra_error" instead.
    """
    return judge(Item(problem, completion, sample, seed))


def grade_many(
    items: Iterable[Item | tuple[Problem, str]],
    *,
    jobs: int | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Callable[[Verdict], object] | None = None,
) -> list[Verdict]:
    """Judge many completions in parallel; the verdicts come in the order of the items.

    `items` are Items or (problem, completion) pairs; pairs of the same problem are numbered
    as its samples. `jobs` workers (default: the cores this process may use, divided by
    LOCAL_WORLD_SIZE) run in this process unless an `executor` takes the work elsewhere.
    `progress` is called with each verdict as it is made, from this thread.
    """
    numbered = list(number(items, seed))
    require_testbenches({item.problem.id: item.problem for item in numbered}.values())
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
    finally:
        for future in running:
            future.cancel()
        if own:
            pool.shutdown(wait=True, cancel_futures=True)


def _collect(running: dict[Future[Verdict], int]) -> Iterator[tuple[int, Verdict]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield running.pop(future), future.result()


def number(items: Iterable[Item | tuple[Problem, str]], seed: int = 0) -> Iterator[Item]:
    """Turn pairs into Items, counting the samples of each problem."""
    counts: dict[tuple[str, str], int] = {}
    for item in items:
        if isinstance(item, Item):
            yield item
            continue
        problem, completion = item
        key = (problem.suite, problem.id)
        counts[key] = counts.get(key, -1) + 1
        yield Item(problem, completion, counts[key], seed)


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


def sample_seed(problem: Problem, sample: int, seed: int) -> int:
    """The simulation seed of one sample: from problem, sample number and run seed alone."""
    text = f"{problem.suite}/{problem.id}/{sample}/{seed}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def judge(item: Item) -> Verdict:
    """Grade one item in this thread's worker; the unit of work that executors run."""
    problem = item.problem
    require_testbenches([problem])
    icarus = find_icarus()
    seed = sample_seed(problem, item.sample, item.seed)
    started = time.monotonic()
    found = extract(item.completion, problem.top, problem.prompt.header)
    if found.code is None:
        return _verdict(item, icarus, seed, "fail", "extract", found.problem, started)
    passed = total = 0
    pyverilog: bool | None = None
    for parameters in problem.parameters:
        result = _run(_job(problem, found.code, dict(parameters), seed), icarus)
        if "pyverilog" in result:
            pyverilog = result["pyverilog"] is None
        status, stage, message = interpret(result)
        passed += sum(case["passed"] for case in result["cases"])
        total += result.get("cases_total", 0)
        if status != "pass":
            if parameters and message:
                setting = ", ".join(f"{key}={value}" for key, value in parameters.items())
                message = f"with {setting}: {message}"
            break
    else:
        status, stage, message = "pass", "pass", ""
    return _verdict(
        item, icarus, seed, status, stage, message, started,
        code=found.code, cases=(passed, total), pyverilog=pyverilog,
    )  # fmt: skip


def _job(problem: Problem, code: str, parameters: dict[str, int], seed: int) -> dict[str, Any]:
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
        "cpu": limits.cpu,
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
    ending = _SIGNALS.get(result["signal"], f"signal {result['signal']}")
    return "fail", stage, f"ended before the testbench did ({ending})"


_SIGNALS = {
    0: "the simulator stopped by itself",
    6: "out of memory",
    9: "killed at a resource limit",
    11: "the simulator crashed",
    24: "processor time limit",
    25: "file size limit",
}


def _verdict(
    item: Item, icarus: Icarus, seed: int, status: Status, stage: Stage, message: str,
    started: float, *, code: str | None = None, cases: tuple[int, int] = (0, 0),
    pyverilog: bool | None = None,
) -> Verdict:  # fmt: skip
    return Verdict(
        task_id=item.problem.id,
        sample=item.sample,
        status=status,
        stage=stage,
        score=0.0 if status == "infra_error" else score_of(stage, *cases),
        cases_passed=cases[0],
        cases_total=cases[1],
        message=message,
        seconds=round(time.monotonic() - started, 6),
        cached=False,
        seed=seed,
        simulator=icarus.name,
        code=code,
        pyverilog=pyverilog,
    )


# -- workers ----------------------------------------------------------------------------------

_local = threading.local()
_workers: set[Worker] = set()
_lock = threading.Lock()


class _Lease:
    """A thread's worker; given back to the operating system when the thread ends."""

    def __init__(self, icarus: Icarus) -> None:
        self.worker = Worker(icarus, unsafe=os.environ.get(UNSAFE_VARIABLE) == "1")
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
    for _ in range(ATTEMPTS):
        lease = getattr(_local, "lease", None)
        if lease is None:
            lease = _local.lease = _Lease(icarus)
        try:
            return lease.worker.run(job)
        except WorkerLost as lost:
            error = str(lost)
            lease.close()
            _local.lease = None
    return {"cases": [], "broken": f"{ATTEMPTS} workers were lost: {error}", "timeout": False}


def close_workers() -> None:
    """End all workers of this process and remove their folders. Called at exit."""
    with _lock:
        workers = list(_workers)
        _workers.clear()
    for worker in workers:
        worker.close()


atexit.register(close_workers)

__all__: Sequence[str] = [
    "Item", "close_workers", "default_jobs", "grade", "grade_many", "grade_stream", "interpret",
    "judge", "number", "require_testbenches", "sample_seed",
]  # fmt: skip
_ = warnings
