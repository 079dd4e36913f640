"""review2015_shiftcount: 4-bit register that shifts in or counts down; never both at once."""

from itertl_eval.bench import Bench, Care, Hold, Model


class Golden(Model):
    q = known = 0  # `known`: mask of the bits that have been shifted in

    def edge(self, i):
        if i.shift_ena:
            self.q = (self.q << 1 | i.data) & 15
            self.known = (self.known << 1 | 1) & 15
        elif i.count_ena:
            self.q = (self.q - 1) & 15

    def outputs(self, i):
        return Care(self.q, self.known)


bench = Bench(
    Golden,
    clock="clk",
    inputs={"shift_ena": 1, "count_ena": 1, "data": 1},
    outputs={"q": 4},
)
HOLD = {"shift_ena": 0, "count_ena": 0}
SHIFT = {"shift_ena": 1, "count_ena": 0}
COUNT = {"shift_ena": 0, "count_ena": 1}


def load(value):
    return ({**SHIFT, "data": value >> bit & 1} for bit in (3, 2, 1, 0))


@bench.case
def shifts_high_bit_first(rng):
    for value in rng.sample(range(16), 16):
        yield from load(value)


@bench.case
def counts_down_from_every_value(rng):
    for value in range(16):
        yield from load(value)
        for _ in range(18):
            yield {**COUNT, "data": rng.getrandbits(1)}


@bench.case
def holds_when_neither_is_set(rng):
    for value in range(16):
        yield from load(value)
        yield from ({**HOLD, "data": bit} for bit in (0, 1, 1))


@bench.case
def random_modes(rng):
    yield from load(rng.getrandbits(4))
    for item in bench.random(rng, 400):
        yield {**item, **rng.choice((HOLD, SHIFT, COUNT))}
        yield Hold({**item, **rng.choice((HOLD, SHIFT, COUNT))})
