"""gates: seven two-input gates."""

from itertl_eval.bench import Bench


def golden(i):
    return {
        "out_and": i.a & i.b,
        "out_or": i.a | i.b,
        "out_xor": i.a ^ i.b,
        "out_nand": not i.a & i.b,
        "out_nor": not i.a | i.b,
        "out_xnor": i.a == i.b,
        "out_anotb": i.a and not i.b,
    }


GATES = ["and", "or", "xor", "nand", "nor", "xnor", "anotb"]
bench = Bench(golden, inputs={"a": 1, "b": 1}, outputs={f"out_{gate}": 1 for gate in GATES})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 150)
