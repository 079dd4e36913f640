"""pwm_generator: programmable period and duty, taken over at the start of a PWM cycle."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """What is left of the present PWM cycle, as a list of (pwm, cycle_start)."""

    def reset(self):
        self.rest = []

    def edge(self, i):
        self.rest = self.rest[1:] if i.enable else []
        if i.enable and not self.rest:
            self.rest = [(n < i.duty, n == 0) for n in range(i.period + 1)]

    def outputs(self, i):
        pwm, start = self.rest[0] if self.rest else (0, 0)
        return {"pwm": pwm, "cycle_start": start}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "enable": 1, "period": 8, "duty": 8},
    outputs={"pwm": 1, "cycle_start": 1},
)


def run(cycles, period, duty):
    yield from ({"enable": 1, "period": period, "duty": duty} for _ in range(cycles))


@bench.case
def every_duty_of_short_cycles(rng):
    for period in (0, 1, 2, 5):
        for duty in (*range(period + 3), 255):
            yield from run(2 * period + 3, period, duty)
            yield {"enable": 0}


@bench.case
def full_length(rng):
    yield from run(258, 255, 128)
    yield {"enable": 0}
    yield from run(257, 255, 255)


@bench.case
def settings_wait_for_the_next_cycle(rng):
    yield from run(1, 7, 3)
    for _ in range(100):
        yield {"period": rng.randrange(12), "duty": rng.randrange(12)}


@bench.case
def stops_at_once(rng):
    for cycles in range(1, 9):
        yield from run(cycles, 5, 4)
        yield from bench.random(rng, 2, rst=0, enable=0)


@bench.case
def reset_while_running(rng):
    yield from run(3, 5, 4)
    yield Hold(rst=1)
    yield Hold(rst=0)
    yield from run(2, 5, 4)
    yield {"rst": 1}
    yield {}
    yield {"rst": 0}
    yield from run(8, 5, 4)


@bench.case
def random_settings(rng):
    few = range(9)
    return bench.random(rng, 500, rst=0.01, enable=0.96, period=few, duty=few)
