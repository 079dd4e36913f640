"""2014_q3c: next-state bit and output of a state-assigned table, combinational."""

from itertl_eval.bench import Bench

NEXT = [(0b000, 0b001), (0b001, 0b100), (0b010, 0b001), (0b001, 0b010), (0b011, 0b100)]


def golden(i):
    if i.y >= len(NEXT):
        return {"Y0": None, "z": None}
    return {"Y0": NEXT[i.y][i.x] & 1, "z": i.y in (3, 4)}


bench = Bench(golden, inputs={"clk": 1, "x": 1, "y": 3}, outputs={"Y0": 1, "z": 1})


@bench.case
def every(rng):
    return bench.every()


@bench.case
def clock_makes_no_difference(rng):
    for item in bench.random(rng, 60, y=range(5)):
        yield from ({**item, "clk": level} for level in (0, 1, 0))
