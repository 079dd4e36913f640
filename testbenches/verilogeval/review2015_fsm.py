"""review2015_fsm: control of a timer: find 1101, shift four bits, count, wait for ack."""

from itertl_eval.bench import Bench, Hold, Model

SEARCH = {"": ("", "1"), "1": ("", "11"), "11": ("110", "11"), "110": ("", "shift4")}
SHIFT = {"shift4": "shift3", "shift3": "shift2", "shift2": "shift1", "shift1": "count"}


class Golden(Model):
    """While it searches, the state is the part of the pattern seen so far."""

    def reset(self):
        self.state = ""

    def edge(self, i):
        if self.state in SEARCH:
            self.state = SEARCH[self.state][i.data]
        elif self.state in SHIFT:
            self.state = SHIFT[self.state]
        elif self.state == "count":
            self.state = "done" if i.done_counting else "count"
        else:
            self.state = "" if i.ack else "done"

    def outputs(self, i):
        return {
            "shift_ena": self.state in SHIFT,
            "counting": self.state == "count",
            "done": self.state == "done",
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"reset": 1, "data": 1, "done_counting": 1, "ack": 1},
    outputs={"shift_ena": 1, "counting": 1, "done": 1},
)


def send(rng, bits):
    """The given data with the other inputs random."""
    for bit in bits:
        yield from bench.random(rng, 1, reset=0, data=int(bit))


@bench.case
def finds_the_pattern(rng):
    """All seven-bit streams, with a reset between them."""
    for bits in range(128):
        yield {"reset": 1}
        yield from send(rng, f"{bits:07b}")


@bench.case
def one_timer_after_another(rng):
    """Waits in each phase, and the signals of the other phases change nothing."""
    for wait in (0, 1, 5, 0, 2, 3, 0, 0):
        yield from send(rng, "1101" if wait else "0111101")
        yield from bench.random(rng, 4, reset=0)
        yield from bench.random(rng, wait, reset=0, done_counting=0)
        yield from bench.random(rng, 1, reset=0, done_counting=1)
        yield from bench.random(rng, wait, reset=0, ack=0)
        yield from bench.random(rng, 1, reset=0, ack=1, data=1)


@bench.case
def reset_in_every_phase(rng):
    for cycles in range(1, 13):
        yield from send(rng, "1101")
        yield from bench.random(rng, cycles, reset=0, done_counting=int(cycles > 7), ack=0)
        yield Hold(reset=1)
        yield Hold(reset=0)
        yield from bench.in_reset(rng, 1)
        yield from bench.random(rng, 2, reset=0, data=1)
        yield from bench.in_reset(rng, 1)
        yield from send(rng, "01")


@bench.case
def random_inputs(rng):
    return bench.random(rng, 600, reset=0.01, data=0.6, done_counting=0.3, ack=0.3)
