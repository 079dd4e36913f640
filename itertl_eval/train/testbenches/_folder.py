"""A folder of tasks made from pairs: in parallel, and continued where it was stopped."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from itertl_eval._util.progress import Progress
from itertl_eval.errors import InfrastructureError
from itertl_eval.from_reference import (
    RecordedTestbench,
    Refused,
    make_testbench,
    maker_version,
    remove_task,
    write_task,
)
from itertl_eval.grader import close_workers, default_jobs, find_icarus
from itertl_eval.problem import Problem
from itertl_eval.train.data import Instruction
from itertl_eval.train.run import Rows, RunFolder, digest

ROWS = "testbenches.jsonl"
"""What is done, in the folder of the tasks."""

MADE = "made"
MUTANTS = 20
"""How many mutants of a reference to try its testbench on, unless told otherwise."""


@dataclass(frozen=True)
class Made:
    """What became of one pair.

    Attributes:
        id: The problem's id, which is also the name of its task folder.
        outcome: "made", "infra_error", or why there is no testbench.
        detail: More about an outcome that is not "made".
        mutants: How many mutants of the reference compiled.
        killed: How many of them the testbench noticed.
        seconds: Wall seconds that it took.
    """

    id: str
    outcome: str
    detail: str = ""
    mutants: int = 0
    killed: int = 0
    seconds: float = 0.0


Make = Callable[[Problem], RecordedTestbench]
Result = tuple[Problem, RecordedTestbench | None, Made]


def make_testbenches(
    instructions: Sequence[Instruction],
    folder: Path,
    *,
    seed: int = 0,
    limit: int = MUTANTS,
    jobs: int | None = None,
    prove: bool = False,
) -> list[Made]:
    """Make a task folder `folder`/ID for each instruction; return what became of each, in order.

    What an earlier call of this version with the same arguments has done is not done again. A
    testbench does not depend on `jobs` or on the other instructions.

    Args:
        instructions: Pairs; the problem's own testbench is not used.
        folder: Where the task folders and `testbenches.jsonl` go.
        seed: The seed of the stimulus.
        limit: How many mutants of each reference to try its stimulus on; 0 for none.
        jobs: How many testbenches to make at a time; by default one per core.
        prove: See `make_testbench`.

    Raises:
        InfrastructureError: Nothing can be simulated on this machine.
        UsageError: Another process is making testbenches in the folder.
    """
    find_icarus()
    settings = [maker_version(), seed, limit, *(["prove"] if prove else [])]
    keys = {i.problem.id: digest([i.digest, *settings]) for i in instructions}
    make = partial(make_testbench, seed=seed, limit=limit, prove=prove)
    with RunFolder(folder).lock(), Rows(folder / ROWS) as rows:
        return _make_missing(folder, rows, instructions, keys, make, jobs or default_jobs())


def made_in(folder: Path) -> list[Made]:
    """Return what became of each pair in a folder so far."""
    return [_from_row(row) for row in _latest(Rows(folder / ROWS)).values() if row["key"]]


def _latest(rows: Rows) -> dict[str, dict[str, Any]]:
    """Return the last row of each pair: earlier ones are of files that were overwritten."""
    return {row["id"]: row for row in rows}


def _make_missing(
    folder: Path,
    rows: Rows,
    instructions: Sequence[Instruction],
    keys: Mapping[str, str],
    make: Make,
    jobs: int,
) -> list[Made]:
    latest = _latest(rows)
    done = {name: _from_row(row) for name, row in latest.items() if keys.get(name) == row["key"]}
    left = [i.problem for i in instructions if i.problem.id not in done]
    with Progress("testbenches", len(instructions), "pair", done=len(done)) as progress:
        for problem, made, row in _all_of(left, make, jobs):
            if row.outcome != "infra_error":  # another time it may be made
                if problem.id in latest:  # a kill must not leave that row beside other files
                    rows.append([{"id": problem.id, "key": ""}])
                if made is None:
                    remove_task(folder / problem.id)  # that of an earlier text
                else:
                    write_task(folder / problem.id, problem, made)
                rows.append([{**asdict(row), "key": keys[problem.id]}])
            done[problem.id] = row
            progress.update(note=f"{Counter(row.outcome for row in done.values())[MADE]} made")
    return [done[i.problem.id] for i in instructions]


def _from_row(row: dict[str, Any]) -> Made:
    return Made(**{name: value for name, value in row.items() if name != "key"})


def _all_of(problems: Sequence[Problem], make: Make, jobs: int) -> Iterator[Result]:
    """Yield each result as it is done."""
    waiting = iter(problems)
    running: set[Future[Result]] = set()
    with ThreadPoolExecutor(jobs, thread_name_prefix="testbenches") as pool:
        try:
            while True:
                for problem in waiting:
                    running.add(pool.submit(_one, problem, make))
                    if len(running) >= 2 * jobs:
                        break
                if not running:
                    return
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in sorted(finished, key=lambda f: f.exception() is not None):
                    yield future.result()
        except BaseException:
            for future in running:
                future.cancel()
            close_workers()  # or the pool would wait for what is running
            raise


def _one(problem: Problem, make: Make) -> Result:
    started = time.monotonic()
    facts: dict[str, Any] = {"outcome": MADE}
    made = None
    try:
        made = make(problem)
        facts |= {"mutants": made.mutants, "killed": made.killed}
    except Refused as refused:
        facts = {"outcome": refused.outcome, "detail": refused.detail}
    except InfrastructureError as error:
        facts = {"outcome": "infra_error", "detail": str(error)}
    return problem, made, Made(problem.id, seconds=round(time.monotonic() - started, 3), **facts)


__all__ = ["MADE", "MUTANTS", "Made", "made_in", "make_testbenches"]
