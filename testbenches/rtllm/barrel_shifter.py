"""barrel_shifter: logical shift to the right, by 0 to 7 places."""

from itertl_eval.bench import Bench

bench = Bench(lambda i: i["in"] >> i.ctrl, inputs={"in": 8, "ctrl": 3}, outputs={"out": 8})


@bench.case
def every_input(rng):
    return bench.every()


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300)
