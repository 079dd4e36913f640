"""2013_q2afsm: priority arbiter for three requesters, Moore, synchronous active-low reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """`grant` is the output itself: one bit set, or zero in the idle state.

    The state diagram leaves requester 3 out and has a misprint on the arrow to D; the text
    makes it behave as the other two.
    """

    def reset(self):
        self.grant = 0

    def edge(self, i):
        lowest = i.r & -i.r
        self.grant = self.grant & i.r if self.grant else lowest

    def outputs(self, i):
        return self.grant


bench = Bench(Golden, clock="clk", reset="!resetn", inputs={"resetn": 1, "r": 3}, outputs={"g": 3})


@bench.case
def every_request_from_idle(rng):
    for r in range(8):
        yield from ({"r": r}, {"r": r}, {"r": 0}, {"r": 0})


@bench.case
def every_request_while_granted(rng):
    for holder in (1, 2, 4):
        for r in range(8):
            yield from ({"r": holder}, {"r": r}, {"r": 0}, {"r": 0})


@bench.case
def reset_waits_for_the_clock(rng):
    for r in (1, 2, 4):
        yield {"r": r}
        yield Hold(resetn=0)
        yield Hold(resetn=1)
        yield {"r": r}
        yield from ({"resetn": 0}, {"resetn": 0}, {"resetn": 1, "r": 0})


@bench.case
def random_requests(rng):
    return bench.random(rng, 300, resetn=0.05)
