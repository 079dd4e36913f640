"""shift4: four-bit right shift register with load, enable and asynchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        if i.load:
            self.q = i.data
        elif i.ena:
            self.q >>= 1

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"areset": 1, "load": 1, "ena": 1, "data": 4},
    outputs={"q": 4},
)


@bench.case
def loads_whatever_is_enabled(rng):
    return bench.every("data", "ena", load=1)


@bench.case
def shifts_every_value_out(rng):
    for data in range(16):
        yield {"load": 1, "data": data}
        yield from [{"load": 0, "ena": 1, "data": 15}] * 5


@bench.case
def keeps_every_value(rng):
    """Without an enable, and when load and enable go away before the clock edge."""
    for data in range(16):
        yield {"load": 1, "ena": 0, "data": data}
        yield {"load": 0, "data": data ^ 15}
        yield Hold(load=1, ena=1)
        yield Hold(load=0, ena=0)
        yield {}


@bench.case
def reset_acts_at_once(rng):
    for item in bench.every("load", "ena", areset=1, data=15):
        yield {"load": 1, "data": 15}
        yield Hold(item)
        yield Hold(areset=0)
        yield {"load": 1, "data": 15}
        yield from (item, {"areset": 0, "load": 0, "ena": 0})


@bench.case
def random_inputs(rng):
    return bench.random(rng, 400, areset=0.05, load=0.3)
