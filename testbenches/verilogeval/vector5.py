"""vector5: all 25 comparisons between five bits."""

from itertl_eval.bench import Bench


def golden(i):
    bits = [i[name] for name in "abcde"]
    equal = [one == other for one in bits for other in bits]  # a == a is the highest bit
    return int("".join(str(int(bit)) for bit in equal), 2)


bench = Bench(golden, inputs={"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}, outputs={"out": 25})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 300)
