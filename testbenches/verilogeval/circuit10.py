"""circuit10: serial adder read off a waveform, the carry is the flip-flop."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    carry = None

    def edge(self, i):
        if i.a == i.b:
            self.carry = i.a

    def outputs(self, i):
        if self.carry is None:
            return {"state": None, "q": None}
        return {"state": self.carry, "q": i.a ^ i.b ^ self.carry}


bench = Bench(Golden, clock="clk", inputs={"a": 1, "b": 1}, outputs={"q": 1, "state": 1})


@bench.case
def every_input_in_both_states(rng):
    for state in (0, 1):
        for item in bench.every():
            yield {"a": state, "b": state}
            yield item
            yield from map(Hold, bench.every())


@bench.case
def state_holds_while_inputs_differ(rng):
    for state in (0, 1, 0, 1):
        yield {"a": state, "b": state}
        for _ in range(8):
            a = rng.getrandbits(1)
            yield {"a": a, "b": 1 - a}


@bench.case
def random_inputs(rng):
    for item in bench.random(rng, 200):
        yield item
        yield Hold(next(bench.random(rng, 1)))
