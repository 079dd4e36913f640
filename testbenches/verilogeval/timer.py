"""timer: 10-bit down-counter with load, tc while it is zero."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    left = None

    def edge(self, i):
        if i.load:
            self.left = i.data
        elif self.left:
            self.left -= 1

    def outputs(self, i):
        return None if self.left is None else self.left == 0


bench = Bench(Golden, clock="clk", inputs={"load": 1, "data": 10}, outputs={"tc": 1})


def run(rng, data, cycles):
    yield {"load": 1, "data": data}
    yield from bench.random(rng, cycles, load=0)


@bench.case
def counts_down_and_stops(rng):
    for data in (0, 1, 2, 3, 4, 7, 8, 15, 16, 5, 0, 10):
        yield from run(rng, data, data + 3)


@bench.case
def from_the_highest_value(rng):
    return run(rng, 1023, 1030)


@bench.case
def each_bit_is_loaded(rng):
    for bit in range(9):
        yield from run(rng, 1 << bit, (1 << bit) + 2)


@bench.case
def load_at_any_time(rng):
    for _ in range(40):
        yield from run(rng, rng.choice((0, 1, 2, 5)), rng.randrange(6))
    for data in (0, 1, 0, 3, 3, 0):
        yield from [{"load": 1, "data": data}] * 2


@bench.case
def only_the_clock_counts(rng):
    for item in bench.random(rng, 100, load=0.4, data=range(4)):
        yield item
        yield Hold(next(bench.random(rng, 1, load=1, data=range(2))))
        yield Hold(next(bench.random(rng, 1)))
