"""shift18: 64-bit shift register, left or arithmetic right by 1 or 8, with load and enable."""

from itertl_eval.bench import Bench, Hold, Model

ALL = (1 << 64) - 1


class Golden(Model):
    q = None

    def edge(self, i):
        if i.load:
            self.q = i.data
        elif i.ena and self.q is not None:
            signed = self.q - (self.q >> 63 << 64)
            self.q = [signed << 1, signed << 8, signed >> 1, signed >> 8][i.amount] & ALL

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden,
    clock="clk",
    inputs={"load": 1, "ena": 1, "amount": 2, "data": 64},
    outputs={"q": 64},
)


def shifts(rng, amount):
    """Words of both signs, some shifted until nothing is left of them."""
    for value in (1 << 63, ALL >> 1, 1, ALL - 1, *(rng.getrandbits(64) for _ in range(6))):
        yield {"load": 1, "data": value}
        yield from bench.random(rng, 5, load=0, ena=1, amount=amount)
    yield from bench.random(rng, 62, load=0, ena=1, amount=amount)


@bench.case
def left_by_1(rng):
    return shifts(rng, 0)


@bench.case
def left_by_8(rng):
    return shifts(rng, 1)


@bench.case
def right_by_1(rng):
    return shifts(rng, 2)


@bench.case
def right_by_8(rng):
    return shifts(rng, 3)


@bench.case
def load_wins_and_no_enable_holds(rng):
    for item in bench.random(rng, 60, load=1):
        yield item
        yield from bench.random(rng, 2, load=0, ena=0)


@bench.case
def random_inputs(rng):
    yield {"load": 1}
    for item in bench.random(rng, 200, load=0.2, ena=0.8):
        yield item
        yield Hold(next(bench.random(rng, 1)))
