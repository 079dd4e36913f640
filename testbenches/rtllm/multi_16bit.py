"""multi_16bit: shift-and-add multiplier, step by step as the specification counts them.

Nothing in it clears the product but a reset, so only the first product after a reset is compared.
Whether `done` stays 1 when `start` ends just before the count of 17 is left open.
"""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.count, self.done, self.used = 0, False, False
        self.a = self.b = 0

    def edge(self, i):
        if self.count == 16:
            self.done = True
        elif self.count == 17:
            self.done = False
        elif self.done:
            self.done = None
        if not i.start:
            self.used = self.used or self.count > 0
            self.count = 0
            return
        if self.count == 0:
            self.a, self.b = i.ain, i.bin
        self.count = min(self.count + 1, 17)

    def outputs(self, i):
        product = self.a * self.b if self.done and not self.used else None
        return {"yout": product, "done": self.done}


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    asynchronous=True,
    inputs={"rst_n": 1, "start": 1, "ain": 16, "bin": 16},
    outputs={"yout": 32, "done": 1},
)


def multiply(a, b):
    yield {"rst_n": 0, "start": 0}
    yield {"rst_n": 1, "start": 1, "ain": a, "bin": b}
    yield {"ain": ~a & 0xFFFF, "bin": ~b & 0xFFFF}  # taken at the start
    yield from [{}] * 19


@bench.case
def extremes(rng):
    for a in (0, 1, 0x7FFF, 0x8000, 0xFFFF):
        for b in (0, 1, 0x8000, 0xFFFF):
            yield from multiply(a, b)


@bench.case
def random_products(rng):
    for _ in range(25):
        yield from multiply(rng.getrandbits(16), rng.getrandbits(16))


@bench.case
def a_reset_between_two_edges(rng):
    """All registers fall at once, and a product begins that nothing is left over from."""
    for length in (3, 9, 15):
        yield from [*multiply(0xFFFF, 0x8001)][:length]
        yield Hold(rst_n=0)
        yield Hold(rst_n=1)
        yield from [{}] * 20


@bench.case
def start_and_stop(rng):
    """The count of steps begins anew without `start`, and stays at its end with it."""
    for length in (1, 5, 15, 16, 17, 18, 25, 55):
        yield from [{"start": 1}] * length
        yield from [{"start": 0}] * (1 + length % 3)
    yield from bench.random(rng, 200, start=0.95, rst_n=0.01)
