"""instr_reg: two registers for instructions from two sources."""

from either import EitherReset

from itertl_eval.bench import Bench


class Golden(EitherReset):
    port = "rst"
    names = ("ins", "ad1", "ad2")

    def clear(self):
        self.first = self.second = 0

    def step(self, i):
        if i.fetch == 1:
            self.first = i.data
        elif i.fetch == 2:
            self.second = i.data

    def show(self, i):
        return {"ins": self.first >> 5, "ad1": self.first & 31, "ad2": self.second}


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst",
    inputs={"rst": 1, "fetch": 2, "data": 8},
    outputs={"ins": 3, "ad1": 5, "ad2": 8},
)


@bench.case
def each_source(rng):
    for fetch in (1, 2, 0, 3, 2, 1, 3, 0):
        for bit in range(8):
            yield {"fetch": fetch, "data": 1 << bit}
            yield {"fetch": fetch, "data": 255 ^ 1 << bit}


@bench.case
def random_fetches(rng):
    return bench.random(rng, 400, rst=0.03)
