"""preflight: find out whether this machine can grade, before anything expensive starts."""

from __future__ import annotations

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader._outcome import interpret
from itertl_eval.grader.compile import Icarus, find_icarus
from itertl_eval.grader.isolation import unsafe
from itertl_eval.grader.worker._trial import job
from itertl_eval.grader.worker._worker import WorkerLost
from itertl_eval.grader.worker.pool import open_worker


def preflight() -> Icarus:
    """Find the simulator, check the sandbox, start a worker and grade a good design.

    Call it before a model is loaded: it takes about a second.

    Returns:
        The simulator.

    Raises:
        InfrastructureError: This machine can't grade; the message names the cause and the
            remedy.
    """
    icarus = find_icarus()
    worker = open_worker(icarus, unsafe=unsafe())
    try:
        finding = interpret(worker.run(job("~a")))
    except (WorkerLost, OSError) as error:
        raise InfrastructureError(f"a grading worker failed at a good design: {error}") from None
    finally:
        worker.close()
    if finding.status != "pass":
        raise InfrastructureError(f"a good design does not pass here: {finding.message}")
    return icarus
