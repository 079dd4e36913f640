"""mux9to1v: 16-bit multiplexer of nine inputs, all ones for the unused selections."""

from itertl_eval.bench import Bench


def golden(i):
    return i["abcdefghi"[i.sel]] if i.sel < 9 else 0xFFFF


bench = Bench(
    golden,
    inputs={**dict.fromkeys("abcdefghi", 16), "sel": 4},
    outputs={"out": 16},
)


@bench.case
def each_input(rng):
    for sel, name in enumerate("abcdefghi"):
        for item in bench.random(rng, 15, sel=sel):
            yield item
            yield {name: item[name] ^ 0xFFFF}  # this input alone


@bench.case
def unused_selections(rng):
    for sel in range(9, 16):
        yield from bench.random(rng, 5, sel=sel)


@bench.case
def only_sel_changes(rng):
    yield from bench.random(rng, 1)
    yield from ({"sel": sel} for sel in rng.choices(range(16), k=100))


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200)
