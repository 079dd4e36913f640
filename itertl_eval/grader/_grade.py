"""grade, grade_many and grade_stream: judge completions here, in parallel, or elsewhere.

What a verdict is made of stands in _judge.py, what may run the work in executors/.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from itertools import islice

from itertl_eval.errors import InfrastructureError, ItertlError
from itertl_eval.grader._cache import grader_digest
from itertl_eval.grader._item import Item, Protocol, number, require_testbenches, sample_seed
from itertl_eval.grader._judge import judge
from itertl_eval.grader._limits import known_seconds
from itertl_eval.grader._outcome import interpret
from itertl_eval.grader.compile import find_icarus
from itertl_eval.grader.worker import close_workers
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict

WINDOW = 256
"""How many items grade_stream looks ahead for long ones."""


def grade(
    problem: Problem, completion: str, *, sample: int = 0, seed: int = 0, cache: bool = True,
    partial: bool = True,
) -> Verdict:  # fmt: skip
    """Judge one completion. Same input and tool versions: same verdict.

    Without `partial` the simulation ends with the first test case that fails; see Item.

    Raises InfrastructureError when this machine can't grade at all: no simulator, no sandbox,
    or a problem that has no testbench yet. What goes wrong with a single sample through no
    fault of the design is a verdict with status "infra_error" instead.
    """
    return judge(Item(problem, completion, sample, seed, cache, partial=partial))


def grade_many(
    items: Iterable[Item | tuple[Problem, str]],
    *,
    jobs: int | None = None,
    seed: int = 0,
    cache: bool = True,
    partial: bool = True,
    executor: Executor | None = None,
    progress: Callable[[Verdict], object] | None = None,
) -> list[Verdict]:
    """Judge many completions in parallel; the verdicts come in the order of the items.

    `items` are Items or (problem, completion) pairs; pairs of the same problem are numbered
    as its samples. `jobs` workers (default: the cores this process may use, divided by
    LOCAL_WORLD_SIZE) run in this process unless an `executor` takes the work elsewhere (see
    executors/). What is known to take longest is begun first. `progress` is called with
    each verdict as it is made, from this thread. `partial` as in `grade`.
    """
    numbered = list(number(items, seed, cache, partial))
    require_testbenches(
        {i.problem.id: i.problem for i in numbered if i.protocol != "official"}.values()
    )
    verdicts: list[Verdict | None] = [None] * len(numbered)
    stream = grade_stream(numbered, jobs=jobs, executor=executor, window=len(numbered))
    for index, verdict in stream:
        verdicts[index] = verdict
        if progress is not None:
            progress(verdict)
    return [verdict for verdict in verdicts if verdict is not None]


def grade_stream(
    items: Iterable[Item],
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    window: int = WINDOW,
) -> Iterator[tuple[int, Verdict]]:
    """Judge items as they come and yield (index, verdict) as they are done, in bounded memory.

    Of each `window` items those that are known to take longest are begun first.
    """
    jobs = jobs or getattr(executor, "workers", None) or default_jobs()
    own = executor is None
    pool: Executor = executor or ThreadPoolExecutor(jobs, thread_name_prefix="grade")
    running: dict[Future[Verdict], tuple[int, Item]] = {}
    try:
        for index, item in _longest_first(items, window):
            running[_submit(pool, item)] = index, item
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


def _longest_first(items: Iterable[Item], window: int) -> Iterator[tuple[int, Item]]:
    """Numbered items, within each window by how long the problem's reference took.

    A problem that was never run here comes first: it may be a long one, and the others then
    find its time known. Equal ones keep their order.
    """
    numbered = enumerate(items)
    while batch := list(islice(numbered, max(window, 1))):
        problems = {item.problem.digest: item.problem for _, item in batch}
        seconds = {digest: _expected_seconds(problem) for digest, problem in problems.items()}
        yield from sorted(batch, key=lambda entry: -seconds[entry[1].problem.digest])


def _expected_seconds(problem: Problem) -> float:
    try:
        known = known_seconds(problem, find_icarus())
    except InfrastructureError:  # no simulator here; an executor may have one elsewhere
        known = None
    return float("inf") if known is None else known


def _submit(pool: Executor, item: Item) -> Future[Verdict]:
    try:
        return pool.submit(judge, item)
    except Exception as error:  # what an executor raises when its processes are gone
        failed: Future[Verdict] = Future()
        failed.set_exception(error)
        return failed


def _collect(running: dict[Future[Verdict], tuple[int, Item]]) -> Iterator[tuple[int, Verdict]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        index, item = running.pop(future)
        try:
            verdict = future.result()
        except ItertlError:  # nothing can be graded there at all
            raise
        except Exception as error:
            verdict = _lost(item, error)
        yield index, verdict


def _lost(item: Item, error: Exception) -> Verdict:
    """The executor lost the sample: nothing is known of the design."""
    return Verdict(
        task_id=item.problem.id, sample=item.sample, status="infra_error", stage="extract",
        score=0.0, cases_passed=0, cases_total=0, seconds=0.0, cached=False,
        seed=sample_seed(item.problem, item.completion, item.seed),
        message=f"not graded: {type(error).__name__}: {str(error)[:1000]}",
    )  # fmt: skip


def default_jobs() -> int:
    """The cores that this process may use, shared with the other ranks on this machine."""
    ranks = int(os.environ.get("LOCAL_WORLD_SIZE", "1") or 1)
    return max(1, len(os.sched_getaffinity(0)) // ranks)


__all__ = [
    "Item", "Protocol", "close_workers", "default_jobs", "grade", "grade_many", "grade_stream",
    "grader_digest", "interpret", "judge", "number", "require_testbenches", "sample_seed",
]  # fmt: skip
