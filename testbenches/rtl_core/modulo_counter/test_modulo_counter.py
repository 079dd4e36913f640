"""modulo_counter: up/down counter with load and a programmable limit."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.count, self.wrapped = 0, 0

    def edge(self, i):
        self.wrapped = 0
        if i.load:
            self.count = i.load_value
        elif i.enable and i.up:
            self.wrapped = self.count >= i.limit
            self.count = 0 if self.wrapped else self.count + 1
        elif i.enable:
            self.wrapped = self.count == 0 or self.count > i.limit
            self.count = i.limit if self.wrapped else self.count - 1

    def outputs(self, i):
        return {"count": self.count, "wrapped": self.wrapped}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "enable": 1, "up": 1, "load": 1, "load_value": 8, "limit": 8},
    outputs={"count": 8, "wrapped": 1},
)
IDLE = {"enable": 0, "load": 0}


@bench.case
def counts_up(rng):
    """Twice around with a small limit, then through all of 0 to 255."""
    yield from ({"enable": 1, "up": 1, "load": 0, "limit": 9} for _ in range(23))
    yield from ({"limit": 255} for _ in range(260))


@bench.case
def counts_down(rng):
    yield from ({"enable": 1, "up": 0, "load": 0, "limit": 9} for _ in range(23))
    yield from ({"limit": 255} for _ in range(20))


@bench.case
def loads(rng):
    """Load wins over counting, below and above the limit, and counting goes on from there."""
    for value in (5, 19, 20, 21, 200, 255, 0):
        for up in (0, 1):
            yield {"enable": 1, "up": up, "load": 1, "load_value": value, "limit": 20}
            yield from ({"load": 0} for _ in range(3))


@bench.case
def holds_and_limit_zero(rng):
    yield {"load": 1, "load_value": 77, "limit": 100}
    yield from ({**IDLE, "up": k & 1} for k in range(4))
    yield from ({"enable": 1, "up": k & 1, "limit": 0} for k in range(8))
    yield from ({**IDLE} for _ in range(3))


@bench.case
def reset_is_synchronous_and_first(rng):
    yield {"load": 1, "enable": 1, "load_value": 99, "limit": 3}
    yield Hold(rst=1, load=0, enable=0)
    yield Hold(rst=0)
    yield {**IDLE}
    yield {"rst": 1, "load": 1, "enable": 1, "load_value": 99}
    yield {"rst": 0, **IDLE}
    yield {"load": 0, "enable": 1, "up": 0, "limit": 3}
    yield {"rst": 1}


@bench.case
def random_traffic(rng):
    near = [0, 1, 2, 3, 4, 5, 6, 254, 255]
    yield from bench.random(rng, 500, rst=0.03, enable=0.8, load=0.1, limit=near, load_value=near)
    yield from bench.random(rng, 200, rst=0.01, load=0.3)
