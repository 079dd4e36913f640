"""grade, grade_many and grade_stream: grade completions here, in parallel, or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice

from itertl_eval.grader._grade_item import grade_item
from itertl_eval.grader._grading_pool import AHEAD, WINDOW, GradingPool
from itertl_eval.grader._item import Item, number, require_testbenches
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict, warn_of_testbench


def grade(
    problem: Problem,
    completion: str,
    *,
    sample: int = 0,
    seed: int = 0,
    cache: bool = True,
    partial: bool = True,
) -> Verdict:
    """Grade one completion. The same input and tool versions give the same verdict.

    Args:
        problem: The problem that the completion solves.
        completion: The text that the model wrote.
        sample: Number of the completion among those of the problem.
        seed: Seed of the run; the simulation's seed is derived from it.
        cache: Reuse a verdict that is known, and keep this one.
        partial: Run all test cases; without it the first failure ends the simulation (see Item).

    Returns:
        The verdict. A fault of the machine with a single sample has the status "infra_error".

    Raises:
        InfrastructureError: Nothing can be graded: no simulator, no sandbox, or a problem
            without a testbench.
    """
    require_testbenches([problem])
    verdict = grade_item(Item(problem, completion, sample, seed, cache, partial=partial))
    warn_of_testbench(verdict)
    return verdict


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
    """Grade many completions in parallel, those that are expected to take longest first.

    Args:
        items: Items or (problem, completion) pairs; pairs of the same problem are numbered as
            its samples.
        jobs: Number of workers in this process. Default: the cores it may use, divided by
            LOCAL_WORLD_SIZE.
        seed: As in `grade`, for pairs.
        cache: As in `grade`, for pairs.
        partial: As in `grade`, for pairs.
        executor: Grades elsewhere instead (see `load_executor`).
        progress: Called in this thread with each verdict as soon as it is known.

    Returns:
        One verdict per item, in the order of the items.

    Raises:
        InfrastructureError: As in `grade`.
    """
    numbered = list(number(items, seed, cache, partial))
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
    """Grade items as they come, in bounded memory.

    Args:
        items: The items; read only as far ahead as `window`.
        jobs: As in `grade_many`.
        executor: As in `grade_many`.
        window: Of this many items in a row, those that are expected to take longest start first.

    Yields:
        (index of the item, verdict) in the order in which the verdicts become known.
    """
    window = max(window, 1)
    numbered = enumerate(items)
    with GradingPool[int](jobs=jobs, executor=executor, window=window) as pool:
        while batch := list(islice(numbered, window)):
            pool.submit_all((item, index) for index, item in batch)
            while pool.left > AHEAD * pool.jobs:
                yield from pool.done(wait=True)
        while pool.left:
            yield from pool.done(wait=True)
