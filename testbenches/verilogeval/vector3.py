"""vector3: six 5-bit vectors and two ones joined and cut into four bytes."""

from itertl_eval.bench import Bench


def golden(i):
    word = 0
    for name in "abcdef":
        word = word << 5 | i[name]
    word = word << 2 | 0b11
    return {"w": word >> 24, "x": word >> 16, "y": word >> 8, "z": word}


bench = Bench(golden, inputs=dict.fromkeys("abcdef", 5), outputs=dict.fromkeys("wxyz", 8))


@bench.case
def one_input_at_a_time(rng):
    for name in "abcdef":
        yield from ({name: value} for value in range(32))


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200)
