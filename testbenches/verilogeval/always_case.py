"""always_case: 6-to-1 multiplexer of 4-bit words, zero for the two spare selections."""

from itertl_eval.bench import Bench

DATA = [f"data{k}" for k in range(6)]


def golden(i):
    return i[DATA[i.sel]] if i.sel < 6 else 0


bench = Bench(golden, inputs={"sel": 3, **dict.fromkeys(DATA, 4)}, outputs={"out": 4})


@bench.case
def each_data_input(rng):
    for sel in range(6):
        yield from bench.corners(rng, sel=sel)


@bench.case
def spare_selections(rng):
    """Also straight after an ordinary one, when a latch would still show the old data."""
    for sel in (6, 7):
        yield from bench.random(rng, 30, sel=sel)
    for sel in range(6):
        yield from ({"sel": sel}, {"sel": 6}, {"sel": sel}, {"sel": 7})


@bench.case
def random_selections(rng):
    return bench.random(rng, 300)
