"""div_16bit: unsigned quotient and remainder. Division by zero is not specified."""

from itertl_eval.bench import Bench


def golden(i):
    if not i.B:
        return {"result": None, "odd": None}
    return {"result": i.A // i.B, "odd": i.A % i.B}


bench = Bench(golden, inputs={"A": 16, "B": 8}, outputs={"result": 16, "odd": 16})


@bench.case
def extremes(rng):
    for a in (0, 1, 2, 255, 256, 257, 32767, 32768, 65534, 65535):
        for b in (1, 2, 3, 127, 128, 129, 254, 255):
            yield {"A": a, "B": b}


@bench.case
def around_multiples(rng):
    for _ in range(200):
        b = rng.randrange(1, 256)
        q = rng.randrange(65536 // b)
        for a in (q * b - 1, q * b, q * b + b - 1):
            if 0 <= a < 65536:
                yield {"A": a, "B": b}


@bench.case
def random_operands(rng):
    for _ in range(400):
        yield {"A": rng.getrandbits(16), "B": rng.randrange(1, 1 << rng.randrange(1, 9))}
