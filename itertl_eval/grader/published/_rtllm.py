"""RTLLM: the design and the published testbench in one folder, decided by what is printed.

The published script (auto_run.py) compiles the design with testbench.v, runs it for eight seconds
at most, and counts a pass when "Pass" or "pass" is anywhere in the output. A design can print
that itself, and a testbench that finds no data file passes everything.
"""

from __future__ import annotations

from itertl_eval.grader.extraction import extract
from itertl_eval.grader.isolation import FLOODED, Ending, Log, Workspace
from itertl_eval.problem import PublishedBench

PASSED = "passed"
SECONDS = 8.0


def run(
    workspace: Workspace, name: str, bench: PublishedBench, completion: str, seconds: float
) -> str:
    """Compile and simulate a completion; return "passed" or why not. `name` is the module's.

    The published results hold one file per design, put there by hand; the code of a completion is
    found as for our own verdict.
    """
    design = extract(completion, name).code or completion
    files = {
        **bench.files,
        "testbench.v": bench.test.encode(),
        f"{name}.v": design.encode(errors="replace"),
    }
    for file, content in files.items():
        (workspace.folder / file).write_bytes(content)
    with Log() as log:
        compiler = ["iverilog", "-g2012", "-o", "simv", f"{name}.v", "testbench.v"]
        ending = workspace.run([compiler], log, log, seconds)
        if ending is Ending.DONE and not (workspace.folder / "simv").exists():
            syntax = b"syntax error" in log.read()
            return "failed: syntax error." if syntax else "failed: compile error."
    with Log() as log:
        ending = workspace.run([["vvp", "-n", "simv"]], log, log, min(seconds, SECONDS))
        if ending is Ending.FLOODED:
            return FLOODED
        printed = log.read().lower()
    if ending is Ending.TIMEOUT:
        return "timed out"
    return PASSED if b"pass" in printed else "failed: nothing printed that it passes."
