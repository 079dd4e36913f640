"""The published protocols of VerilogEval v1 and v2, of RTLLM and of CVDP.

The verdict is the published one, including its weaknesses: a completion passes if it prints
the verdict line itself and ends the simulation, and in v1 even a warning is a failure. Only the
environment differs: compiler and simulator run in the sandbox, in a private folder, with limits
on CPU time, memory and output, and the time limit ends the whole process group. The published
harnesses set no limit on the compiler or the output; a completion that exceeds one fails here.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TypedDict

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader.compile import find_icarus
from itertl_eval.grader.harness import published_label
from itertl_eval.grader.isolation import Workspace, sandbox
from itertl_eval.grader.published import _rtllm, _v1, _v2
from itertl_eval.problem import Problem, PublishedBench

SECONDS = 30.0
TOO_NEW = 13
"""The first major version of Icarus Verilog that compiles no published testbench."""
_PROTOCOLS = {1: _v1, 2: _v2, "rtllm": _rtllm}


class Official(TypedDict):
    """A published verdict.

    `passed` is None where the protocol gives no verdict. `label` is v1's result string, v2's
    letter, or the reason why there is no verdict.
    """

    passed: bool | None
    label: str


def published_bench(problem: Problem) -> PublishedBench:
    """Return the published testbench of a problem.

    Raises:
        UsageError: The benchmark of this problem has no published harness.
    """
    if problem.published is None:
        raise UsageError(
            f"{problem.suite}/{problem.id} has no published harness; the official protocol is "
            "for VerilogEval, RTLLM and CVDP. Leave out --protocol official|both."
        )
    return problem.published


def official(
    problem: Problem, completion: str, *, seconds: float = SECONDS, unsafe: bool = False
) -> Official:
    """Grade a completion by the published protocol of the problem's benchmark.

    Args:
        problem: A problem with a published testbench.
        completion: The model's text. v1 takes it unchanged, v2 extracts the code by the rules
            of its own generator script.
        seconds: The published time limit, in seconds of wall time.
        unsafe: Run without restricting access to files.

    Raises:
        UsageError: The problem has no published harness.
        InfrastructureError: This machine can't run the published harness at all.
        OSError: It could not be run this time.
    """
    if not unsafe and not sandbox.sandbox_status().files:
        raise InfrastructureError(
            "This kernel has no Landlock (Linux 5.13 or newer), so a hostile design could read "
            "and write your files; ITERTL_EVAL_UNSAFE_NO_SANDBOX=1 accepts that."
        )
    if problem.harness is not None:
        label = published_label(problem, completion, unsafe=unsafe)
        passed = None if label.startswith("not graded") else label == "passed"
        return {"passed": passed, "label": label}
    bench, icarus = published_bench(problem), find_icarus()
    if bench.version != "rtllm" and int(icarus.major) >= TOO_NEW:
        raise InfrastructureError(
            f"{icarus.name} compiles none of the published testbenches, whatever the design "
            "(NVlabs/verilog-eval issue #9). Point ITERTL_EVAL_ICARUS at version 11 or 12, or "
            "leave out the official protocol."
        )
    if icarus.major in bench.rejected_by:
        label = f"not graded: {icarus.name} can't compile the published testbench (see the errata)"
        return {"passed": None, "label": label}
    with tempfile.TemporaryDirectory(prefix="itertl-official-", ignore_cleanup_errors=True) as own:
        tools = {"iverilog": str(icarus.iverilog), "vvp": str(icarus.vvp)}
        # The iverilog driver starts its parts with sh.
        readable = ["/bin/sh", str(icarus.base), *tools.values()]
        workspace = Workspace(Path(own), tools, readable, unsafe)
        run = _PROTOCOLS[bench.version].run
        name = problem.top if bench.version == "rtllm" else problem.id
        label = run(workspace, name, bench, completion, seconds)
    return {"passed": label in (_v1.PASSED, _v2.PASSED, _rtllm.PASSED), "label": label}


def as_answer(problem: Problem, source: str) -> str:
    """Return a whole design in the form that the published protocol expects.

    That is the rest of the module after the header, or a fenced code block (v2).
    """
    header = problem.prompt.header
    if header and source.startswith(header):
        return source.removeprefix(header)
    return f"```\n{source}\n```\n"
