"""An inverter's testbench: a new fork server must pass it before it is trusted."""

from collections.abc import Iterator
from random import Random

from itertl_eval.bench import Bench

bench = Bench(lambda i: not i.a, inputs={"a": 1}, outputs={"y": 1})


@bench.case
def truth_table(rng: Random) -> Iterator[dict[str, int]]:
    return bench.every()
