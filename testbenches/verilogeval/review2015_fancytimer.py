"""review2015_fancytimer: 1101, then a 4-bit delay, then thousands of cycles until done."""

from itertools import product

from itertl_eval.bench import Bench, Hold, Model, Run


class Golden(Model):
    def reset(self):
        self.state, self.bits, self.left = "search", "", 0

    def edge(self, i):
        self.bits = (self.bits + str(i.data))[-4:]
        if self.state == "search" and self.bits.endswith("1101"):
            self.state, self.bits = "shift", ""
        elif self.state == "shift" and len(self.bits) == 4:
            self.state, self.left = "count", (int(self.bits, 2) + 1) * 1000
        elif self.state == "count":
            self.left -= 1
            if self.left == 0:
                self.state = "done"
        elif self.state == "done" and i.ack:
            self.reset()

    def outputs(self, i):
        counting = self.state == "count"
        return {
            "count": (self.left - 1) // 1000 if counting else None,
            "counting": counting,
            "done": self.state == "done",
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"reset": 1, "data": 1, "ack": 1},
    outputs={"count": 4, "counting": 1, "done": 1},
)


def send(rng, bits):
    return ({"reset": 0, "data": int(bit), "ack": rng.getrandbits(1)} for bit in bits)


def start(rng, delay):
    return send(rng, f"1101{delay:04b}")


def thousand(rng):
    """Count so far with any inputs; cycle by cycle at both ends."""
    yield from bench.random(rng, 4, reset=0)
    yield from (Run(31, **item) for item in bench.random(rng, 32, reset=0))
    yield from bench.random(rng, 4, reset=0)


def timer_round(rng, delay):
    """All of it: count, stay done until the acknowledge."""
    yield from start(rng, delay)
    for _ in range(delay + 1):
        yield from thousand(rng)
    yield from ({"data": int(bit), "ack": 0} for bit in "0110111010110")
    yield {"data": 1, "ack": 1}
    yield from send(rng, "1010000")


@bench.case
def finds_1101(rng):
    """Words as long as it takes to see a wrong way back, and five more bits: it would count."""
    for word in product("01", repeat=7):
        yield from bench.in_reset(rng, 1)
        yield from send(rng, (*word, *"00000"))


@bench.case
def reset_drops_what_was_seen(rng):
    for seen in ("1", "11", "110"):
        yield from send(rng, seen)
        yield from bench.in_reset(rng, 1)
        yield from send(rng, "1101"[len(seen) :] + "00000")


@bench.case
def reset_while_the_delay_is_read(rng):
    """How many bits were read before the reset must not count after it."""
    for read in (1, 2, 3):
        yield from send(rng, "1101" + "1" * read)
        yield from bench.in_reset(rng, 1)
        yield from start(rng, rng.randrange(16))
        yield from bench.random(rng, 4, reset=0)
        yield from bench.in_reset(rng, 1)


@bench.case
def every_delay_is_read(rng):
    for delay in rng.sample(range(16), 16):
        yield from start(rng, delay)
        yield from bench.random(rng, 6, reset=0)
        yield from bench.in_reset(rng, 1)
        yield from bench.random(rng, rng.randrange(4), reset=0, data=0)


@bench.case
def short_rounds(rng):
    yield from timer_round(rng, 1)
    yield from timer_round(rng, 0)


@bench.case
def long_round(rng):
    return timer_round(rng, 8)


@bench.case
def reset_while_counting_and_done(rng):
    yield from start(rng, 3)
    yield from bench.random(rng, 1300, reset=0)
    for _ in range(2):
        yield from bench.in_reset(rng, 1)
        yield from start(rng, 0)
        yield from bench.random(rng, 1003, reset=0, ack=0)
        for _ in range(2):
            yield Hold(data=rng.getrandbits(1), ack=1)
            yield Hold(reset=1)
            yield Hold(reset=0, ack=0)
            yield {}
