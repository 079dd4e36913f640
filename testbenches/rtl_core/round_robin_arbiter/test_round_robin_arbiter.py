"""round_robin_arbiter: five requesters, cyclic priority, the owner keeps its grant."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.owner, self.latest = None, 4

    def edge(self, i):
        active = [k for k in range(5) if i.request >> k & 1]
        if self.owner in active:
            return
        self.owner = min(active, key=lambda k: (k - self.latest - 1) % 5, default=None)
        if self.owner is not None:
            self.latest = self.owner

    def outputs(self, i):
        busy = self.owner is not None
        return {"grant": 1 << self.owner if busy else 0, "index": self.latest, "busy": busy}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "request": 5},
    outputs={"grant": 5, "index": 3, "busy": 1},
)


@bench.case
def every_request_after_every_owner(rng):
    """All sets of requests after each latest owner, with and without a free cycle between."""
    for owner in range(5):
        for request in range(32):
            yield {"request": 1 << owner}
            if request & 1 << owner:
                yield {"request": 0}
            yield {"request": request}


@bench.case
def owner_keeps_its_grant(rng):
    for owner in range(5):
        yield {"request": 0}
        yield {"request": 1 << owner}
        yield from ({"request": rng.getrandbits(5) | 1 << owner} for _ in range(8))


@bench.case
def everyone_in_turn(rng):
    """Each owner leaves after one cycle while all the others wait."""
    owner = None
    for k in range(12):
        yield {"request": 0x1F if owner is None else 0x1F ^ 1 << owner}
        owner = k % 5


@bench.case
def reset_while_granted(rng):
    for owner in range(5):
        yield {"rst": 0, "request": 1 << owner}
        yield Hold(rst=1)
        yield Hold(rst=0)
        yield {}
        yield {"rst": 1, "request": 0x1F}
        yield {"rst": 0, "request": 0x1E}


@bench.case
def random_requests(rng):
    yield from bench.random(rng, 300, rst=0.02)
    request = 0
    for _ in range(250):
        request ^= 1 << rng.randrange(5)
        yield {"rst": 0, "request": request}
