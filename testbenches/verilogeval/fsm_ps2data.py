"""fsm_ps2data: three-byte messages in a byte stream, the first byte has bit 3 set."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.received = []

    def edge(self, i):
        if len(self.received) == 3:
            self.received = []
        if self.received or i["in"] & 8:
            self.received.append(i["in"])

    def outputs(self, i):
        done = len(self.received) == 3
        return {"done": done, "out_bytes": int.from_bytes(self.received, "big") if done else None}


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"in": 8, "reset": 1},
    outputs={"out_bytes": 24, "done": 1},
)


@bench.case
def messages_back_to_back(rng):
    for _ in range(30):
        yield {"in": rng.getrandbits(8) | 8}
        yield from bench.random(rng, 2, reset=0)


@bench.case
def other_bytes_between_messages(rng):
    for gap in (1, 2, 3, 4, 0, 7) * 4:
        yield from ({"in": rng.getrandbits(8) & ~8} for _ in range(gap))
        yield from ({"in": rng.getrandbits(8) | first} for first in (8, 0, 0))


@bench.case
def only_bit_3_begins_a_message(rng):
    for value in range(256):
        yield {"reset": 1}
        yield {"reset": 0, "in": value}
        yield from bench.random(rng, 3, reset=0)


@bench.case
def reset_drops_a_message(rng):
    for count in range(40):
        yield from bench.random(rng, count % 5, reset=0)
        yield from bench.in_reset(rng, 1)
        yield from bench.random(rng, 4, reset=0)


@bench.case
def random_inputs(rng):
    for item in bench.random(rng, 200, reset=0.05):
        yield item
        yield Hold(next(bench.random(rng, 1)))
