"""2014_q3fsm: after s, flags every window of three cycles in which w is 1 exactly twice."""

import itertools

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.window = None

    def edge(self, i):
        if self.window is None:
            self.window = [] if i.s else None
        elif len(self.window) == 3:
            self.window = [i.w]
        else:
            self.window.append(i.w)

    def outputs(self, i):
        return self.window is not None and len(self.window) == 3 and sum(self.window) == 2


bench = Bench(
    Golden, clock="clk", reset="reset", inputs={"reset": 1, "s": 1, "w": 1}, outputs={"z": 1}
)


@bench.case
def idle_until_s(rng):
    yield from bench.random(rng, 20, reset=0, s=0)
    yield {"s": 1, "w": 1}
    yield from ({"s": 0, "w": int(bit)} for bit in "011110")


@bench.case
def every_pair_of_windows(rng):
    yield {"s": 1}
    for bits in itertools.product((0, 1), repeat=6):
        yield from ({"s": rng.getrandbits(1), "w": w} for w in bits)


@bench.case
def reset_in_every_phase(rng):
    """Back to idle at the clock edge only; w must not be watched before the next s."""
    for cycles in range(1, 9):
        yield {"reset": 0, "s": 1}
        yield from ({"s": 0, "w": int(cycle % 3 != 2)} for cycle in range(cycles))
        yield Hold(reset=1)
        yield Hold(reset=0)
        yield from ({"w": 1}, {"reset": 1}, {"reset": 0}, {"w": 1}, {"w": 1}, {"w": 0}, {})


@bench.case
def random_inputs(rng):
    return bench.random(rng, 400, reset=0.02, s=0.3)
