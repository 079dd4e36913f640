"""edgecapture: 32 sticky bits, each set by a falling edge of its input, synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    captured = previous = None

    def edge(self, i):
        if i.reset:
            self.captured = 0
        elif self.captured is not None:
            self.captured |= self.previous & ~i["in"]
        self.previous = i["in"]  # also in reset: a fall right after it counts

    def outputs(self, i):
        return self.captured


bench = Bench(Golden, clock="clk", inputs={"reset": 1, "in": 32}, outputs={"out": 32})


@bench.case
def captures_each_bit_alone(rng):
    for bit in range(32):
        yield from ({"reset": reset, "in": 0} for reset in (1, 0))
        yield from ({"in": value} for value in (1 << bit, 0, 0))


@bench.case
def rises_do_not_count(rng):
    for bit in range(32):
        yield {"reset": 1, "in": 0}
        yield {"reset": 0}
        yield from [{"in": ~(1 << bit)}] * 2
        yield from [{"in": ~0}] * 2


@bench.case
def reset_wins_and_keeps_watching(rng):
    for item in bench.random(rng, 60):
        yield {**item, "reset": 1}
        yield from bench.random(rng, rng.randrange(3), reset=0)


@bench.case
def only_the_clock_counts(rng):
    yield {"reset": 1}
    for _ in range(40):
        for item in bench.random(rng, 2, reset=0.1):
            yield {**item, "in": rng.getrandbits(32) | rng.getrandbits(32)}
            yield Hold({"reset": 1, "in": rng.getrandbits(32)})
            yield Hold({"reset": 0, "in": rng.getrandbits(32)})


@bench.case
def random_inputs(rng):
    yield {"reset": 1}
    for item in bench.random(rng, 300, reset=0.1):
        few = rng.getrandbits(32) & rng.getrandbits(32) & rng.getrandbits(32)
        yield {**item, "in": rng.choice((few, ~few, item["in"]))}
