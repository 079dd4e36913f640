"""The test benches that VerilogEval publishes, for numbers that compare with papers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from itertl_eval.errors import UsageError
from itertl_eval.problem import Problem
from itertl_eval.suites._data import Files, read_source

_V1 = re.compile(r"verilogeval_(human|machine)(_instruct)?")
_V2 = {
    "verilogeval_spec_to_rtl": "dataset_spec-to-rtl",
    "verilogeval_code_complete": "dataset_code-complete-iccad2023",
}


@dataclass(frozen=True)
class PublishedBench:
    """What a published harness puts beside a completion.

    v1: `test` holds bench and reference, `header` is the module header that the completion
    continues. v2: `test` and `reference` are files of their own, and `header` is the interface
    that is put before a completion without one (code completion only).
    """

    version: Literal[1, 2]
    test: str
    header: str = ""
    reference: str = ""


def published_bench(problem: Problem) -> PublishedBench:
    """The published bench of a VerilogEval problem, read from the benchmark's own data.

    Raises UsageError for a problem of another suite, InfrastructureError without the data.
    """
    if match := _V1.fullmatch(problem.suite):
        row = _v1_rows(match[1].capitalize()).get(problem.id)
        if row is not None:
            return PublishedBench(1, row["test"], row["prompt"])
    elif folder := _V2.get(problem.suite):
        files = _v2_files()
        stem = f"{folder}/{problem.id}"
        if f"{stem}_test.sv" in files:
            interface = files.get(f"{stem}_ifc.txt", b"")
            test, reference = files[f"{stem}_test.sv"], files[f"{stem}_ref.sv"]
            return PublishedBench(2, test.decode(), interface.decode(), reference.decode())
    raise UsageError(
        f"{problem.suite}/{problem.id} has no published harness; the official protocol is "
        f"for VerilogEval's problems. Leave out --protocol official|both."
    )


@cache
def _v1_rows(kind: str) -> dict[str, dict[str, str]]:
    data = read_source("verilog-eval-v1")[f"data/VerilogEval_{kind}.jsonl"].decode()
    rows = (json.loads(line) for line in data.splitlines() if line.strip())
    return {row["task_id"]: row for row in rows}


@cache
def _v2_files() -> Files:
    return read_source("verilog-eval-v2")
