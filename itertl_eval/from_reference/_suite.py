"""Make the testbenches of a whole suite that has references and no testbenches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from itertl_eval._util.output_files import write_whole
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
    others: Iterable[Path] = (),
    progress: Callable[[Made], object] = lambda _: None,
) -> list[Made]:
    """Write TASK_ID.py into `folder` for each problem of a suite that has no testbench elsewhere.

    Problems with the same reference get the same testbench. What this version has made in
    `folder` is kept, so that an interrupted call continues where it stopped.

    Args:
        suite: Its problems have references.
        folder: Gets the testbenches, and TASK_ID.json with what each kills.
        limit: How many mutants of a reference to try its testbench on.
        jobs: References at a time; default: the cores that this process may use.
        others: Folders of other suites, whose testbenches for the same references are copied.
        progress: Called with each result, from the threads that make them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = _known(others, limit)
    groups: dict[str, list[Problem]] = {}
    for problem in suite.values():
        if problem.testbench is not None and problem.testbench.parent != folder:
            continue
        text = f"{problem.top} {problem.ports} {problem.reference}"
        groups.setdefault(hashlib.sha256(text.encode()).hexdigest(), []).append(problem)

    def one(digest: str) -> list[Made]:
        problems = groups[digest]
        found = [_kept(folder, problem) for problem in problems]
        made = [each for each in found if each is not None]
        if len(made) < len(problems):
            made = _make(problems, folder, limit, digest, known)
        for each in made:
            progress(each)
        return made

    with ThreadPoolExecutor(jobs or default_jobs()) as threads:
        return [each for made in threads.map(one, groups) for each in made]


def _make(
    problems: list[Problem], folder: Path, limit: int, digest: str, known: Mapping[str, Path]
) -> list[Made]:
    """Make one testbench, or copy it, and note `digest`, the hash of the reference."""
    text, facts = "", dict[str, object]()
    if digest in known:
        file = known[digest]
        facts = json.loads(file.read_text(encoding="utf-8"))
        text = file.with_suffix(".py").read_text(encoding="utf-8")
    else:
        try:
            testbench = make_testbench(problems[0], limit=limit)
            text = testbench.text
            facts = {"mutants": testbench.mutants, "killed": testbench.killed}
        except Refused as error:
            facts = {"refused": str(error)}
    facts |= {"reference": digest, "limit": limit, "maker": maker_version()}
    for problem in problems:
        file = folder / f"{problem.id}.py"
        file.unlink(missing_ok=True)  # another version may have made one
        if text:
            write_whole(file, text)
        write_whole(folder / f"{problem.id}.json", json.dumps(facts))
    return [_made(problem, facts) for problem in problems]


def _known(folders: Iterable[Path], limit: int) -> dict[str, Path]:
    """Return the notes beside the testbenches in folders, by the digest of the reference."""
    found: dict[str, Path] = {}
    for file in (file for folder in folders for file in sorted(folder.glob("*.json"))):
        with suppress(OSError, ValueError, AttributeError):
            facts = json.loads(file.read_text(encoding="utf-8"))
            same = facts.get("limit") == limit and facts.get("maker") == maker_version()
            if same and file.with_suffix(".py").exists():
                found[facts["reference"]] = file
    return found


@cache
def maker_version() -> str:
    """Return the version of what makes testbenches: a hash of its source."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _made(problem: Problem, facts: Mapping[str, Any]) -> Made:
    return Made(problem.id, **{k: v for k, v in facts.items() if k in _OUTCOME})


_OUTCOME = ("refused", "mutants", "killed")


def _kept(folder: Path, problem: Problem) -> Made | None:
    try:
        facts = json.loads((folder / f"{problem.id}.json").read_text(encoding="utf-8"))
        return _made(problem, facts) if facts.get("maker") == maker_version() else None
    except (OSError, ValueError, AttributeError):
        return None
