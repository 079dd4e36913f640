"""always_nolatches: arrow keys decoded from a two-byte scancode."""

from itertl_eval.bench import Bench

KEYS = {0xE06B: "left", 0xE072: "down", 0xE074: "right", 0xE075: "up"}


def golden(i):
    return {name: code == i.scancode for code, name in KEYS.items()}


bench = Bench(golden, inputs={"scancode": 16}, outputs=dict.fromkeys(KEYS.values(), 1))


@bench.case
def each_arrow_key(rng):
    return ({"scancode": code} for code in (*KEYS, *reversed(KEYS)))


@bench.case
def released_again(rng):
    """After each key something else: no output may stay set."""
    for code in KEYS:
        yield from ({"scancode": value} for value in (code, 0, code, 0xFFFF, code, 0xE000))


@bench.case
def one_or_two_bits_wrong(rng):
    for code in KEYS:
        for first in range(16):
            yield from ({"scancode": code ^ 1 << first ^ 1 << k} for k in range(first))
            yield {"scancode": code ^ 1 << first}


@bench.case
def every_second_byte(rng):
    return ({"scancode": 0xE000 | low} for low in range(256))


@bench.case
def random_codes(rng):
    def code(rng):
        return rng.choice([*KEYS, rng.getrandbits(16)])

    return bench.random(rng, 300, scancode=code)
