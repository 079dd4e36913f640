"""bugs_case: keyboard scancodes decoded to digits, with a valid flag."""

from itertl_eval.bench import Bench

DIGITS = [0x45, 0x16, 0x1E, 0x26, 0x25, 0x2E, 0x36, 0x3D, 0x3E, 0x46]


def golden(i):
    known = i.code in DIGITS
    return {"out": DIGITS.index(i.code) if known else 0, "valid": known}


bench = Bench(golden, inputs={"code": 8}, outputs={"out": 4, "valid": 1})


@bench.case
def digits(rng):
    return ({"code": code} for code in DIGITS)


@bench.case
def unknown_after_each_digit(rng):
    for code in DIGITS:
        yield from ({"code": value} for value in (code, 0, code, 0xFF))


@bench.case
def every_code(rng):
    return bench.every()


@bench.case
def random_codes(rng):
    def code(rng):
        return rng.choice([*DIGITS, *(rng.getrandbits(8) for _ in DIGITS)])

    return bench.random(rng, 300, code=code)
