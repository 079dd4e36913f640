"""traffic_light: the states, the counter and the registers as the specification describes them.

A request shortens the green light to ten cycles, and changes nothing when fewer are left.
"""

from either import EitherReset

from itertl_eval.bench import Bench, Run

COLOURS = ("red", "yellow", "green")
FOLLOWING = {"red": "green", "green": "yellow", "yellow": "red"}
CYCLES = {"green": 60, "yellow": 5, "red": 10}


class Golden(EitherReset):
    names = ("clock", *COLOURS)

    def clear(self):
        self.state = self.planned = self.shown = None
        self.count = 10

    def step(self, i):
        count = self.count
        if i.pass_request and self.shown == "green" and count > 10:
            self.count = 10
        elif self.planned != self.shown and self.planned is not None:
            self.count = CYCLES[self.planned]
        else:
            self.count = count - 1 & 255
        self.shown = self.planned
        self.planned = self.state
        if self.state is None:
            self.state = "red"
        elif count == 3:
            self.state = FOLLOWING[self.state]

    def show(self, i):
        return {"clock": self.count, **{name: self.shown == name for name in COLOURS}}


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    inputs={"rst_n": 1, "pass_request": 1},
    outputs={"clock": 8, "red": 1, "yellow": 1, "green": 1},
)


@bench.case
def two_rounds_without_a_request(rng):
    return [{"pass_request": 0}] * 180


@bench.case
def a_request_at_each_moment_of_green(rng):
    for wait in range(0, 75, 3):
        yield {"rst_n": 0, "pass_request": 0}
        yield {"rst_n": 1}
        yield Run(12 + wait)
        yield {"pass_request": 1}
        yield from [{"pass_request": 0}] * 16


@bench.case
def random_requests(rng):
    return bench.random(rng, 700, pass_request=0.03, rst_n=0.002)


@bench.case
def resets(rng):
    for length in (1, 2, 3, 9, 11, 13, 30, 74, 80):
        yield Run(length, rst_n=1, pass_request=0)
        yield {"rst_n": 0}
    yield from [{"rst_n": 1}] * 30
