"""calendar: seconds, minutes and hours of a day."""

from itertl_eval.bench import Bench, Model, Run


class Golden(Model):
    def reset(self):
        self.time = 0

    def edge(self, i):
        self.time = (self.time + 1) % 86400

    def outputs(self, i):
        minutes, seconds = divmod(self.time, 60)
        hours, minutes = divmod(minutes, 60)
        return {"Hours": hours, "Mins": minutes, "Secs": seconds}


bench = Bench(
    Golden,
    clock="CLK",
    reset="RST",
    asynchronous=True,
    inputs={"RST": 1},
    outputs={"Hours": 6, "Mins": 6, "Secs": 6},
)


@bench.case
def two_minutes(rng):
    return [{}] * 125


@bench.case
def a_day(rng):
    """Cycle by cycle around each full hour and around midnight, in long runs between."""
    yield Run(3595)
    for _ in range(24):
        yield from [{}] * 10
        yield Run(3590)
    yield from [{}] * 10


@bench.case
def resets(rng):
    for length in (1, 58, 59, 60, 61, 3599, 3600, 3700):
        yield Run(length)
        yield {}
        yield {"RST": 1}
        yield {"RST": 0}
    yield from [{}] * 65
