"""circuit8: waveform of a latch open while the clock is high and a falling-edge flip-flop."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    clock = 0
    p = q = None

    def settle(self, i):
        if self.clock:
            self.p = i.a

    def edge(self, i):
        self.clock ^= 1
        if self.clock:
            self.p = i.a
        else:
            self.q = i.a

    def outputs(self, i):
        return {"p": self.p, "q": self.q}


bench = Bench(Golden, clock="clock", edge="both", inputs={"a": 1}, outputs={"p": 1, "q": 1})


@bench.case
def constant_input(rng):
    for value in (0, 1, 0, 1):
        yield from [{"a": value}] * 5


@bench.case
def input_toggles_in_both_phases(rng):
    for count in (4, 5, 1, 2, 3, 6) * 4:
        for k in range(count):
            yield Hold(a=k % 2)
        yield {}


@bench.case
def random_input(rng):
    for item in bench.random(rng, 300):
        yield item
        yield from (Hold(new) for new in bench.random(rng, rng.randrange(3)))
