"""edgedetect: for each of eight bits, a pulse in the cycle after a rise."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def __init__(self):
        self.last = self.pedge = None

    def edge(self, i):
        self.pedge = None if self.last is None else i["in"] & ~self.last
        self.last = i["in"]

    def outputs(self, i):
        return self.pedge


bench = Bench(Golden, clock="clk", inputs={"in": 8}, outputs={"pedge": 8})


@bench.case
def rises_and_falls_of_all_bits(rng):
    return ({"in": value} for value in (0, 0, 255, 255, 0, 0, 255, 0, 255, 0))


@bench.case
def one_bit_at_a_time(rng):
    for item in bench.corners(rng):
        yield from (item, item, {"in": 0}, {"in": 0})


@bench.case
def pulses_between_clock_edges(rng):
    """What is back before the next clock edge has not happened."""
    for item in bench.random(rng, 40):
        yield item
        yield Hold({"in": item["in"] ^ 255})
        yield Hold(item)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300)
