"""priority_encoder: 16 maskable requests, the lowest number wins."""

from itertl_eval.bench import Bench


def golden(i):
    winner = next((k for k in range(16) if i.request >> k & 1 and not i.mask >> k & 1), None)
    if winner is None:
        return {"valid": 0, "index": 0, "grant": 0}
    return {"valid": 1, "index": winner, "grant": 1 << winner}


bench = Bench(
    golden,
    inputs={"request": 16, "mask": 16},
    outputs={"valid": 1, "index": 4, "grant": 16},
)


@bench.case
def nothing_requested(rng):
    yield from bench.random(rng, 10, request=0)
    yield from bench.random(rng, 10, mask=0xFFFF)
    yield {"request": 0, "mask": 0}
    yield {"request": 0xAAAA, "mask": 0xAAAA}


@bench.case
def every_winner(rng):
    """Each line alone, then with everything and with noise above it."""
    for k in range(16):
        above = 0xFFFF << k & 0xFFFF
        for request in (1 << k, above, (rng.getrandbits(16) & above) | 1 << k):
            yield {"request": request, "mask": 0}


@bench.case
def masked_lines_step_aside(rng):
    for k in range(16):
        yield {"request": 0xFFFF, "mask": (1 << k) - 1}
        yield {"request": 0xFFFF, "mask": 0xFFFF ^ 1 << k}
        yield {"request": rng.getrandbits(16), "mask": (1 << k) - 1}


@bench.case
def random_requests(rng):
    yield from bench.random(rng, 150)
    for _ in range(150):
        sparse = rng.getrandbits(16) & rng.getrandbits(16)
        yield {"request": sparse, "mask": rng.getrandbits(16) | rng.getrandbits(16)}
