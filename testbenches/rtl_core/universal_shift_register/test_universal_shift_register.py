"""universal_shift_register: eight-bit register with eight shift, rotate and load modes."""

from itertl_eval.bench import Bench, Hold, Model

HOLD, LOAD, LEFT, RIGHT, ROTATE_LEFT, ROTATE_RIGHT, ARITHMETIC, REVERSE = range(8)


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        q, bits = self.q, f"{self.q:08b}"
        self.q = {
            HOLD: q,
            LOAD: i.data,
            LEFT: int(bits[1:] + str(i.serial), 2),
            RIGHT: int(str(i.serial) + bits[:-1], 2),
            ROTATE_LEFT: int(bits[1:] + bits[0], 2),
            ROTATE_RIGHT: int(bits[-1] + bits[:-1], 2),
            ARITHMETIC: int(bits[0] + bits[:-1], 2),
            REVERSE: int(bits[::-1], 2),
        }[i.mode]

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    asynchronous=True,
    inputs={"rst_n": 1, "mode": 3, "data": 8, "serial": 1},
    outputs={"q": 8},
)


def walk(mode, rng):
    """Load several words and apply one mode nine times to each."""
    for word in (0xA7, 0x01, 0x80, rng.getrandbits(8)):
        yield {"mode": LOAD, "data": word}
        for _ in range(9):
            yield {"mode": mode, "data": rng.getrandbits(8), "serial": rng.getrandbits(1)}


@bench.case
def holds_and_loads(rng):
    yield from walk(HOLD, rng)
    yield from walk(LOAD, rng)


@bench.case
def shifts(rng):
    for mode in (LEFT, RIGHT, ARITHMETIC):
        yield from walk(mode, rng)


@bench.case
def rotates(rng):
    yield from walk(ROTATE_LEFT, rng)
    yield from walk(ROTATE_RIGHT, rng)


@bench.case
def reverses(rng):
    yield from walk(REVERSE, rng)


@bench.case
def reset_acts_at_once(rng):
    for mode in range(8):
        yield {"mode": LOAD, "data": 0xFF}
        yield Hold(mode=mode, rst_n=0)
        yield {"serial": 1}
        yield Hold(rst_n=1)
        yield {"mode": LEFT, "serial": 1}


@bench.case
def random_modes(rng):
    return bench.random(rng, 400, rst_n=0.02)
