"""count_clock: 12-hour clock in BCD with enable, synchronous reset to 12:00:00 AM."""

from itertl_eval.bench import Bench, Hold, Model, Run

BCD = [value // 10 << 4 | value % 10 for value in range(60)]


class Golden(Model):
    def reset(self):
        self.seconds = 0

    def edge(self, i):
        if i.ena:
            self.seconds = (self.seconds + 1) % 86400

    def outputs(self, i):
        minutes, second = divmod(self.seconds, 60)
        hours, minute = divmod(minutes, 60)
        return {
            "pm": hours >= 12,
            "hh": BCD[(hours - 1) % 12 + 1],
            "mm": BCD[minute],
            "ss": BCD[second],
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"reset": 1, "ena": 1},
    outputs={"pm": 1, "hh": 8, "mm": 8, "ss": 8},
)


@bench.case
def reset_with_and_without_enable(rng):
    for ena in (0, 1, 0, 1):
        yield from bench.random(rng, 25, reset=0, ena=0.9)
        yield from [{"reset": 1, "ena": ena}] * 2


@bench.case
def reset_waits_for_the_clock(rng):
    for item in bench.random(rng, 40, reset=0):
        yield item
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def enable_holds_the_time(rng):
    return bench.random(rng, 400, reset=0.004)


@bench.case
def a_day_and_a_half(rng):
    """Long, as nothing but counting leads to the wraps at noon and midnight, and to a reset in
    the afternoon, which has more to clear than one in the first hour."""
    yield from [{"ena": 1}] * 200
    for hour in range(37):  # second by second around its end, mostly with pauses
        yield from [Run(169)] * 20
        for _ in range(40):
            if hour % 5:
                yield {"ena": 0}
            yield {"ena": 1}
        yield Run(180)
    yield {"reset": 1, "ena": 0}
    yield from bench.random(rng, 20, reset=0)
