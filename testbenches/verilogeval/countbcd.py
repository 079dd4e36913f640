"""countbcd: four-digit BCD counter with the carries into its upper three digits."""

from itertl_eval.bench import Bench, Hold, Model, Run


class Golden(Model):
    def reset(self):
        self.count = 0

    def edge(self, i):
        self.count = (self.count + 1) % 10000

    def outputs(self, i):
        """A digit is enabled while all digits below it are nine."""
        nines = [self.count % 10**digit == 10**digit - 1 for digit in (1, 2, 3)]
        ena = nines[0] | nines[1] << 1 | nines[2] << 2
        return {"ena": ena, "q": int(str(self.count), 16)}


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1}, outputs={"ena": 3, "q": 16})


@bench.case
def counts_to_three_digits(rng):
    return [{}] * 120


@bench.case
def reset_waits_for_the_clock(rng):
    for _ in range(25):
        yield {}
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_resets(rng):
    return bench.random(rng, 500, reset=0.02)


@bench.case
def counts_to_the_end_and_wraps(rng):
    for hundred in range(100):  # cycle by cycle around each carry into the hundreds, and at 9xx
        yield from [{}] * 6
        yield from [{}] * 88 if hundred == 9 else [Run(88)]
        yield from [{}] * 6
    yield from [{}] * 12
    yield {"reset": 1}
