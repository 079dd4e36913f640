"""sorting_network: eight bytes, either direction, signed or unsigned."""

from itertl_eval.bench import Bench


def golden(i):
    order = sorted(
        i.data.to_bytes(8, "little"),
        key=lambda byte: byte ^ 0x80 if i.is_signed else byte,
        reverse=bool(i.descending),
    )
    return int.from_bytes(order, "little")


bench = Bench(golden, inputs={"data": 64, "descending": 1, "is_signed": 1}, outputs={"sorted": 64})


def zeros_and_ones(rng, patterns, **mode):
    """Any network that sorts all words of two different bytes sorts everything."""
    for pattern in patterns:
        low, high = sorted(rng.sample(range(128), 2))
        word = bytes(high if pattern >> k & 1 else low for k in range(8))
        yield {"data": int.from_bytes(word, "little"), **mode}


@bench.case
def ascending(rng):
    return zeros_and_ones(rng, range(256), descending=0, is_signed=0)


@bench.case
def descending(rng):
    return zeros_and_ones(rng, rng.sample(range(256), 60), descending=1, is_signed=0)


@bench.case
def signs(rng):
    """Bytes around zero and around the ends of the range, in all four modes."""
    for mode in bench.every("descending", "is_signed", data=0):
        for _ in range(15):
            word = bytes(rng.choice((0, 1, 0x7F, 0x80, 0x81, 0xFF)) for _ in range(8))
            yield {**mode, "data": int.from_bytes(word, "little")}


@bench.case
def random_bytes(rng):
    return bench.random(rng, 100)
