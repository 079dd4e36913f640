"""How many wrong designs the testbenches of a suite notice, as it was measured."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from itertl_eval._util.paths import shipped
from itertl_eval.problem import Suite


def mutation_score(suite: Suite) -> dict[str, Any] | None:
    """Return the share of mutants of its references that a suite's testbenches fail.

    A suite that ships testbenches has a measured row in testbenches/*/quality.yaml; testbenches
    made from references have theirs in the file beside each.

    Returns:
        `score`, `killed`, `mutants` and `problems`; for shipped testbenches also how they were
        measured, and `testbenches_changed` if they are no longer those that were. None where
        nothing was measured.
    """
    measured = _measured().get(suite.name)
    if measured is not None:
        changed = measured["testbenches"] != digest_of_testbenches(suite)
        row: dict[str, Any] = {**measured, "testbenches_changed": changed}
    else:
        row = _made(suite)
    if not row.get("mutants"):
        return None
    return {"score": round(row["killed"] / row["mutants"], 4), **row}


def digest_of_testbenches(suite: Suite) -> str:
    """Return a short hash of all testbench files of a suite."""
    files = {problem.testbench for problem in suite.values() if problem.testbench is not None}
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


@cache
def _measured() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(shipped("testbenches").glob("*/quality.yaml")):
        found |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def _made(suite: Suite) -> dict[str, Any]:
    """Sum up what was noted when a suite's testbenches were made from its references."""
    notes = [_note(problem.testbench) for problem in suite.values() if problem.testbench]
    counted = [note for note in notes if note.get("mutants")]
    return {
        "killed": sum(note["killed"] for note in counted),
        "mutants": sum(note["mutants"] for note in counted),
        "problems": len(counted),
    }


def _note(testbench: Path) -> dict[str, Any]:
    file = testbench.with_suffix(".json")
    if not file.is_file():
        return {}
    note = json.loads(file.read_text(encoding="utf-8"))
    return note if isinstance(note, dict) else {}
