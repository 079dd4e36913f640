"""gatesv: each bit of a 4-bit vector compared with its neighbour."""

from itertl_eval.bench import Bench


def golden(i):
    bits = [i["in"] >> k & 1 for k in range(4)]
    return {
        "out_both": sum((bits[k] & bits[k + 1]) << k for k in range(3)),
        "out_any": sum((bits[k] | bits[k - 1]) << k - 1 for k in range(1, 4)),  # [3:1]
        "out_different": sum((bits[k] ^ bits[(k + 1) % 4]) << k for k in range(4)),
    }


bench = Bench(
    golden,
    inputs={"in": 4},
    outputs={"out_both": 3, "out_any": 3, "out_different": 4},
)


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
