"""traffic_light: main road, side road with a sensor, pedestrians with a button."""

from itertl_eval.bench import Bench, Hold, Model

RED, YELLOW, GREEN = 4, 2, 1
PHASES = [  # lamps of the main road, lamps of the side road, least and greatest duration
    (GREEN, RED, 6, None),
    (YELLOW, RED, 2, 2),
    (RED, RED, 1, 1),
    (RED, GREEN, 3, 5),
    (RED, YELLOW, 2, 2),
    (RED, RED, 1, 1),
]
MAIN_GREEN, SIDE_GREEN = 0, 3


class Golden(Model):
    def reset(self):
        self.phase = self.ticks = self.pending = self.walk = 0

    def edge(self, i):
        pending = self.pending or i.button
        if i.tick:
            self.ticks += 1
            _, _, least, greatest = PHASES[self.phase]
            over = self.ticks >= least
            if over and self.phase == MAIN_GREEN:
                over = i.car or self.pending
            if over and self.phase == SIDE_GREEN:
                over = not i.car or self.ticks >= greatest
            if over:
                self.phase, self.ticks = (self.phase + 1) % 6, 0
                self.walk = pending and self.phase == SIDE_GREEN
                if self.phase == SIDE_GREEN:
                    pending = 0
        self.pending = pending

    def outputs(self, i):
        main, side, *_ = PHASES[self.phase]
        return {
            "main_lamps": main,
            "side_lamps": side,
            "walk": bool(self.walk),
            "pending": bool(self.pending),
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    asynchronous=True,
    inputs={"rst_n": 1, "tick": 1, "car": 1, "button": 1},
    outputs={"main_lamps": 3, "side_lamps": 3, "walk": 1, "pending": 1},
)
QUIET = {"tick": 1, "car": 0, "button": 0}


@bench.case
def one_car(rng):
    """A car that comes at tick n and leaves at once, or stays for a while."""
    for arrives in (0, 4, 5, 6, 9):
        for stays in (1, 12, 13, 14, 20):
            yield {"rst_n": 0}
            for tick in range(24):
                yield {"rst_n": 1, **QUIET, "car": arrives <= tick < arrives + stays}


@bench.case
def nobody_comes(rng):
    yield from (QUIET for _ in range(30))


@bench.case
def pedestrian(rng):
    """One press of the button at each time of a cycle, alone or with a car, then more cycles."""
    for car in (0, 1):
        for press in range(17):
            yield {"rst_n": 0}
            presses = ({"rst_n": 1, **QUIET, "button": t == press} for t in range(18))
            yield from ({**inputs, "car": car} for inputs in presses)
            yield from ({**QUIET, "car": 1} for t in range(16))


@bench.case
def only_ticks_count(rng):
    """Slow ticks; car and button come and go between them."""
    for _ in range(60):
        yield {"tick": 0, "car": 1, "button": rng.random() < 0.05}
        yield {"tick": 0, "car": 0, "button": 0}
        yield {"tick": 1, "car": rng.random() < 0.4}


@bench.case
def reset_acts_at_once(rng):
    for ticks in range(3, 20):
        yield from ({**QUIET, "car": 1, "button": t % 4 == 1} for t in range(ticks))
        yield Hold(rst_n=0)
        yield Hold(rst_n=1)
    yield from ({**QUIET, "car": 1} for _ in range(8))


@bench.case
def random_traffic(rng):
    yield from bench.random(rng, 300, rst_n=0.005, tick=0.8, car=0.5, button=0.1)
    yield from bench.random(rng, 300, rst_n=0.0, tick=0.9, car=0.1, button=0.05)
