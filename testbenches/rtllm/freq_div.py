"""freq_div: clocks divided by 2, 10 and 100."""

from itertl_eval.bench import Bench, Model, Run


class Golden(Model):
    def reset(self):
        self.count = 0

    def edge(self, i):
        self.count += 1

    def outputs(self, i):
        return {
            "CLK_50": self.count & 1,
            "CLK_10": self.count // 5 & 1,
            "CLK_1": self.count // 50 & 1,
        }


bench = Bench(
    Golden,
    clock="CLK_in",
    reset="RST",
    asynchronous=True,
    inputs={"RST": 1},
    outputs={"CLK_50": 1, "CLK_10": 1, "CLK_1": 1},
)


@bench.case
def three_slow_periods(rng):
    return [{}] * 310


@bench.case
def resets(rng):
    for _ in range(10):
        yield Run(rng.randrange(1, 120))
        yield from [{}] * 4
        yield {"RST": 1}
        yield {"RST": 0}
    yield from [{}] * 60
