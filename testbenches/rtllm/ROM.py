"""ROM: the four words that the specification names; the others may hold anything."""

from itertl_eval.bench import Bench

WORDS = (0xA0A0, 0xB1B1, 0xC2C2, 0xD3D3)


def golden(i):
    return WORDS[i.addr] if i.addr < len(WORDS) else None


bench = Bench(golden, inputs={"addr": 8}, outputs={"dout": 16})


@bench.case
def the_named_words(rng):
    yield from ({"addr": addr} for addr in range(4))
    for _ in range(60):
        yield {"addr": rng.randrange(4)}


@bench.case
def between_other_addresses(rng):
    for _ in range(60):
        yield {"addr": rng.randrange(4, 256)}
        yield {"addr": rng.randrange(4)}
