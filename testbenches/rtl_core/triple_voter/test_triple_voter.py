"""triple_voter: bitwise majority of three words, with degraded modes."""

from itertl_eval.bench import Bench


def golden(i):
    words = [word for k, word in enumerate((i.a, i.b, i.c)) if i.enabled >> k & 1]
    needed = {0: 1, 1: 1, 2: 2, 3: 2}[len(words)]
    y = sum(1 << n for n in range(8) if sum(word >> n & 1 for word in words) >= needed)
    differs = [word != y for word in (i.a, i.b, i.c)]
    disagree = sum(1 << k for k in range(3) if differs[k] and i.enabled >> k & 1)
    return {"y": y, "disagree": disagree, "parity": 1 - bin(y).count("1") % 2}


bench = Bench(
    golden,
    inputs={"a": 8, "b": 8, "c": 8, "enabled": 3},
    outputs={"y": 8, "disagree": 3, "parity": 1},
)


@bench.case
def majority_of_three(rng):
    """Each of the eight votes, on all bits and mixed."""
    for vote in range(8):
        a, b, c = (0xFF * (vote >> k & 1) for k in range(3))
        yield {"a": a, "b": b, "c": c, "enabled": 7}
    yield {"a": 0x0F, "b": 0x33, "c": 0x55}
    yield from bench.random(rng, 60, enabled=7)


@bench.case
def one_channel_wrong(rng):
    for _ in range(60):
        word, flip = rng.getrandbits(8), 1 << rng.randrange(8)
        words = dict.fromkeys("abc", word)
        words[rng.choice("abc")] ^= flip
        yield {**words, "enabled": 7}


@bench.case
def degraded(rng):
    for enabled in range(7):
        yield from bench.random(rng, 25, enabled=enabled)
        word = rng.getrandbits(8)
        yield {"a": word, "b": word, "c": word}


@bench.case
def random_everything(rng):
    return bench.random(rng, 200)
