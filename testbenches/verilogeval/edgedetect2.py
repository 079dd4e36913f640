"""edgedetect2: eight bits, each set for a cycle when its input changed either way."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    changed = previous = None

    def edge(self, i):
        if self.previous is not None:
            self.changed = self.previous ^ i["in"]
        self.previous = i["in"]

    def outputs(self, i):
        return self.changed


bench = Bench(Golden, clock="clk", inputs={"in": 8}, outputs={"anyedge": 8})


@bench.case
def each_bit_rises_and_falls(rng):
    for bit in range(8):
        yield from ({"in": value} for value in (0, 0, 1 << bit, 1 << bit, 0, 0))
        yield from ({"in": value} for value in (255, 255 - (1 << bit), 255))


@bench.case
def only_the_clock_counts(rng):
    for item in bench.random(rng, 80):
        yield item
        yield Hold(next(bench.random(rng, 1)))


@bench.case
def random_input(rng):
    return bench.random(rng, 200)
