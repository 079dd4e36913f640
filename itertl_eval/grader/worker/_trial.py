"""The job that shows whether a worker works. Unlike the testbench itself it needs no cocotb."""

from __future__ import annotations

from pathlib import Path

from itertl_eval.grader._job import Frame, Job
from itertl_eval.problem import Port


def job(design: str) -> Job:
    """Return the job for one design of a module `inverter`, given what drives its output."""
    return Job(
        source=f"module inverter(input a, output y); assign y = {design}; endmodule\n",
        frame=Frame(
            top="inverter",
            testbench=str(Path(__file__).with_name("self_test.py")),
            ports=(Port("a", "input"), Port("y", "output")),
        ),
        seed=1,
        nonce="0selftest",
        wall=20.0,
        cpu=10,
        simulation=10,
        memory=1024,
        file=16,
    )
