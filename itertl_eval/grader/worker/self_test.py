"""An inverter's testbench: a new fork server must pass it before it is trusted."""

from collections.abc import Iterator
from random import Random

from itertl_eval.bench import Bench
from itertl_eval.grader._job import Job
from itertl_eval.problem import Port

bench = Bench(lambda i: not i.a, inputs={"a": 1}, outputs={"y": 1})


@bench.case
def truth_table(rng: Random) -> Iterator[dict[str, int]]:
    return bench.every()


def job(design: str) -> Job:
    """Return the job for one design of a module `inverter`, given what drives its output."""
    return Job(
        source=f"module inverter(input a, output y); assign y = {design}; endmodule\n",
        top="inverter",
        ports=(Port("a", "input"), Port("y", "output")),
        parameters={},
        testbench=__file__,
        seed=1,
        nonce="0selftest",
        wall=20.0,
        cpu=10,
        simulation=10,
        memory=1024,
        file=16,
    )
