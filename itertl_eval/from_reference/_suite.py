"""Make the testbenches of a whole suite that has references and no testbenches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from itertl_eval.from_reference._make import make_testbench
from itertl_eval.from_reference._recording import Refused
from itertl_eval.grader import default_jobs
from itertl_eval.problem import Problem, Suite


@dataclass(frozen=True)
class Made:
    """What became of one problem: a testbench, or the reason why there is none."""

    task_id: str
    refused: str = ""
    mutants: int = 0
    killed: int = 0


def make_suite(
    suite: Suite,
    folder: Path,
    *,
    limit: int = 40,
    jobs: int | None = None,
    progress: Callable[[Made], object] = lambda _: None,
) -> list[Made]:
    """Write TASK_ID.py into `folder` for each problem of a suite that has no testbench elsewhere.

    Problems with the same reference get the same testbench. What `folder` already holds is kept,
    so that an interrupted call continues where it stopped.

    Args:
        suite: Its problems have references.
        folder: Gets the testbenches, and TASK_ID.json with what each kills.
        limit: How many mutants of a reference to try its testbench on.
        jobs: References at a time; default: the cores that this process may use.
        progress: Called with each result, from the threads that make them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    groups: dict[str, list[Problem]] = {}
    for problem in suite.values():
        if problem.testbench is not None and problem.testbench.parent != folder:
            continue
        text = f"{problem.top} {problem.ports} {problem.reference}"
        groups.setdefault(hashlib.sha256(text.encode()).hexdigest(), []).append(problem)

    def one(problems: list[Problem]) -> list[Made]:
        found = [_kept(folder, problem) for problem in problems]
        made = [each for each in found if each is not None]
        if len(made) < len(problems):
            made = _make(problems, folder, limit)
        for each in made:
            progress(each)
        return made

    with ThreadPoolExecutor(jobs or default_jobs()) as threads:
        return [each for made in threads.map(one, groups.values()) for each in made]


def _make(problems: list[Problem], folder: Path, limit: int) -> list[Made]:
    text, facts = "", dict[str, object]()
    try:
        testbench = make_testbench(problems[0], limit=limit)
        text = testbench.text
        facts = {"mutants": testbench.mutants, "killed": testbench.killed}
    except Refused as error:
        facts = {"refused": str(error)}
    for problem in problems:
        if text:
            (folder / f"{problem.id}.py").write_text(text, encoding="utf-8")
        (folder / f"{problem.id}.json").write_text(json.dumps(facts), encoding="utf-8")
    return [Made(problem.id, **facts) for problem in problems]  # type: ignore[arg-type]


def _kept(folder: Path, problem: Problem) -> Made | None:
    try:
        facts = json.loads((folder / f"{problem.id}.json").read_text(encoding="utf-8"))
        return Made(problem.id, **facts)
    except (OSError, ValueError, TypeError):
        return None
