"""doubler: y = 2 a on 64 bits, with small numbers that a real could hold as well."""

from itertl_eval.bench import Bench

bench = Bench(lambda i: 2 * i.a, inputs={"a": 64}, outputs={"y": 64})


@bench.case
def small_numbers(rng):
    yield from ({"a": rng.getrandbits(20)} for _ in range(50))
