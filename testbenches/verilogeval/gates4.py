"""gates4: AND, OR and XOR of four bits."""

from itertl_eval.bench import Bench


def golden(i):
    value = i["in"]
    return {"out_and": value == 0b1111, "out_or": value != 0, "out_xor": value.bit_count() & 1}


bench = Bench(golden, inputs={"in": 4}, outputs={"out_and": 1, "out_or": 1, "out_xor": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
