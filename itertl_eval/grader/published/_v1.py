"""VerilogEval v1: one file, one time limit for both tools, separate output streams."""

from __future__ import annotations

import re

from itertl_eval.grader.isolation import FLOODED, Ending, Log, Workspace
from itertl_eval.grader.published._options import OPTIONS
from itertl_eval.problem import PublishedBench

PASSED = "passed"


def run(
    workspace: Workspace, name: str, bench: PublishedBench, completion: str, seconds: float
) -> str:
    """Compile and simulate a completion; return v1's result string."""
    try:
        text = f"{bench.test}\n{bench.header}\n{completion}".encode()
    except UnicodeEncodeError as error:
        return f"failed: {error}"
    (workspace.folder / f"{name}.sv").write_bytes(text)
    commands = [
        ["iverilog", *OPTIONS, "-o", "test.vvp", f"{name}.sv"],
        ["vvp", "-n", "test.vvp"],
    ]
    with Log() as out, Log() as err:
        ending = workspace.run(commands, out, err, seconds)
        if ending is Ending.TIMEOUT:
            return "timed out"
        if ending is Ending.FLOODED:
            return f"failed: {FLOODED}."
        try:
            return label_of(out.read().decode(), err.read().decode())
        except (UnicodeDecodeError, ValueError) as error:
            return f"failed: {error}"


def label_of(out: str, err: str) -> str:
    """Return v1's result string for the output of compiler and simulator.

    Raises:
        ValueError: The verdict line has no numbers.
    """
    if "syntax error" in err:
        return "failed: syntax error."
    if err:
        return "failed: compile error."
    found = re.search(r"Mismatches: ([0-9]*) in ([0-9]*) samples", out)
    if found is None:
        return "failed: info string not matched."
    wrong, total = int(found[1]), int(found[2])
    return f"failed: {wrong} out of {total} samples." if wrong else PASSED
