"""review2015_fsmseq: finds 1101 in a bit stream and stays there, synchronous reset."""

from itertools import product

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.seen, self.found = "", False

    def edge(self, i):
        self.seen = (self.seen + str(i.data))[-4:]
        self.found |= self.seen == "1101"

    def outputs(self, i):
        return self.found


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"reset": 1, "data": 1},
    outputs={"start_shifting": 1},
)


@bench.case
def every_word_of_seven_bits(rng):
    for word in product((0, 1), repeat=7):
        yield {"reset": 1}
        yield from ({"reset": 0, "data": bit} for bit in word)


@bench.case
def found_until_reset(rng):
    for _ in range(4):
        yield from ({"reset": 0, "data": int(bit)} for bit in "1101")
        yield from bench.random(rng, 20, reset=0)
        yield from bench.in_reset(rng, 2)


@bench.case
def reset_drops_what_was_seen(rng):
    for seen in ("1", "11", "110"):
        yield from ({"reset": 0, "data": int(bit)} for bit in seen)
        yield {"reset": 1, "data": int("1101"[len(seen)])}
        yield from ({"reset": 0, "data": int(bit)} for bit in "1101"[len(seen) :] + "01101")
        yield {"reset": 1}


@bench.case
def only_the_clock_counts(rng):
    for _ in range(3):
        for item in bench.random(rng, 30, reset=0):
            yield item
            yield Hold(reset=1, data=1 - item["data"])
            yield Hold(reset=0)
        yield {"reset": 1}


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, reset=0.05)
