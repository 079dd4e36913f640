"""fsm: Mealy detector of 10011, overlapping."""

from itertl_eval.bench import Bench, Model


class Golden(Model):
    def reset(self):
        self.bits = ""

    def edge(self, i):
        self.bits = (self.bits + str(i.IN))[-4:]

    def outputs(self, i):
        return not i.RST and self.bits == "1001" and i.IN


bench = Bench(
    Golden,
    clock="CLK",
    reset="RST",
    asynchronous=True,
    inputs={"IN": 1, "RST": 1},
    outputs={"MATCH": 1},
)


def send(bits):
    return ({"IN": int(bit)} for bit in bits)


@bench.case
def the_examples(rng):
    yield from send("0010011000")
    yield from send("100110011001100")


@bench.case
def all_six_bit_strings(rng):
    for value in range(64):
        yield {"RST": 1}
        yield {"RST": 0, "IN": value >> 5}
        yield from send(f"{value & 31:05b}")


@bench.case
def resets_on_the_way(rng):
    for length in range(1, 6):
        yield from send("10011"[:length])
        yield {"RST": 1, "IN": 1}
        yield {"RST": 0, "IN": 1}
        yield from send("001100")


@bench.case
def random_bits(rng):
    yield from bench.random(rng, 400, RST=0.02)
    for _ in range(40):
        yield from send(rng.choice(("10011", "0011", "1", "0", "1001")))
