"""preflight: find out whether this machine can grade, before anything expensive starts."""

from __future__ import annotations

from itertl_eval.grader.compile import Icarus, find_icarus
from itertl_eval.grader.worker.pool import open_worker, unsafe


def preflight() -> Icarus:
    """Find the simulator, check the sandbox and start a worker once.

    Call it before a model is loaded: it takes about a second.

    Returns:
        The simulator.

    Raises:
        InfrastructureError: This machine can't grade; the message names the cause and the
            remedy.
    """
    icarus = find_icarus()
    open_worker(icarus, unsafe=unsafe()).close()
    return icarus
