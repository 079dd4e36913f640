"""accumulator: q grows by d at each clock edge. A golden-model bench with clock and reset."""

from itertl_eval.bench import Bench, Model


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        self.q = self.q + i.d & 0xFF

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", reset="rst", inputs={"rst": 1, "d": 8}, outputs={"q": 8})


@bench.case
def adds_one(rng):
    yield from ({"d": 1} for _ in range(20))


@bench.case
def random_words(rng):
    yield from bench.random(rng, 150, rst=0.05)
