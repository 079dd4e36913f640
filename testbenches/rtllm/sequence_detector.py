"""sequence_detector: Moore detector of 1001.

Whether two sequences may share a bit is left open: where the two readings differ, nothing is
compared until they agree again.
"""

from either import EitherReset

from itertl_eval.bench import Bench


class Golden(EitherReset):
    port = "reset_n"

    def clear(self):
        self.shared = self.apart = ""
        self.found = [False, False]

    def step(self, i):
        bit = str(i.data_in)
        self.shared = (self.shared + bit)[-4:]
        self.apart = (self.apart + bit)[-4:]
        self.found = [self.shared == "1001", self.apart == "1001"]
        if self.found[1]:
            self.apart = ""

    def show(self, i):
        shared, apart = self.found
        return shared if shared == apart else None


bench = Bench(
    Golden,
    clock="clk",
    reset="!reset_n",
    inputs={"reset_n": 1, "data_in": 1},
    outputs={"sequence_detected": 1},
)


def send(bits):
    return ({"data_in": int(bit)} for bit in bits)


@bench.case
def once(rng):
    yield from send("0010010")
    yield from send("00")


@bench.case
def all_five_bit_strings(rng):
    for value in range(32):
        yield {"reset_n": 0}
        yield {"reset_n": 1, "data_in": value >> 4}
        yield from send(f"{value & 15:04b}00")


@bench.case
def resets_on_the_way(rng):
    for length in range(1, 5):
        yield from send("1001"[:length])
        yield {"reset_n": 0, "data_in": 1}
        yield {"reset_n": 1, "data_in": 0}
        yield from send("0100100")


@bench.case
def random_bits(rng):
    yield from bench.random(rng, 300, reset_n=0.02)
    for _ in range(60):
        yield from send(rng.choice(("1001", "1", "0", "100", "00")))
