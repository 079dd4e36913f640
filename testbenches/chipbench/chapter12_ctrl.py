"""chapter12_ctrl: flush and new program counter after an exception, stalls of a pipeline.

Not compared, for the specification leaves it open: `new_pc` during a stall and after an exception
of another type than those it lists. The first stall request in its list decides.
"""

from itertl_eval.bench import Bench

VECTORS = {1: 0x20, 8: 0x40, 0xA: 0x40, 0xC: 0x40, 0xD: 0x40}
ERET = 0xE
STALLS = (
    ("stallreq_from_mem", 0b011111),
    ("stallreq_from_ex", 0b001111),
    ("stallreq_from_id", 0b000111),
    ("stallreq_from_if", 0b000111),
)
REQUESTS = [name for name, _ in STALLS]


def golden(i):
    if i.rst:
        return {"new_pc": 0, "flush": 0, "stall": 0}
    if i.excepttype_i == ERET:
        return {"new_pc": i.cp0_epc_i, "flush": 1, "stall": 0}
    if i.excepttype_i:
        return {"new_pc": VECTORS.get(i.excepttype_i), "flush": 1, "stall": 0}
    for name, stall in STALLS:
        if i[name]:
            return {"new_pc": None, "flush": 0, "stall": stall}
    return {"new_pc": 0, "flush": 0, "stall": 0}


bench = Bench(
    golden,
    inputs={"rst": 1, "excepttype_i": 32, "cp0_epc_i": 32, **dict.fromkeys(REQUESTS, 1)},
    outputs={"new_pc": 32, "flush": 1, "stall": 6},
)


def requests(value):
    return {name: value >> at & 1 for at, name in enumerate(REQUESTS)}


@bench.case
def stall_requests(rng):
    """Every combination, each after a stall and after none."""
    for value in range(16):
        for before in (0, 15, rng.getrandbits(4)):
            yield {"rst": 0, "excepttype_i": 0, **requests(before)}
            yield {"cp0_epc_i": rng.getrandbits(32), **requests(value)}
            yield requests(before)


@bench.case
def exceptions(rng):
    """Each type after another exception, a stall and a reset, with and without requests."""
    for kind in (*VECTORS, ERET, *VECTORS, ERET):
        for before in (
            {"rst": 0, "excepttype_i": ERET},
            {"rst": 0, "excepttype_i": 0, **requests(15)},
            {"rst": 1},
            {"rst": 0, "excepttype_i": 0, **requests(0)},
        ):
            yield {"cp0_epc_i": rng.getrandbits(32), **before}
            yield {"rst": 0, "excepttype_i": kind, **requests(rng.choice((0, 1, 2, 4, 8, 15)))}


@bench.case
def other_types_flush_too(rng):
    listed = (*VECTORS, ERET)
    near = [kind ^ 1 << bit for kind in listed for bit in range(32)]
    for kind in [*near, *range(32), *(rng.getrandbits(32) for _ in range(20))]:
        yield {
            "rst": 0,
            "excepttype_i": kind,
            "cp0_epc_i": rng.getrandbits(32),
            **requests(rng.getrandbits(4)),
        }


@bench.case
def return_addresses(rng):
    for value in [1 << bit for bit in range(32)] + [rng.getrandbits(32) for _ in range(10)]:
        yield {"rst": 0, "excepttype_i": ERET, "cp0_epc_i": value, **requests(0)}


@bench.case
def a_reset_clears_everything(rng):
    for kind in (0, *VECTORS, ERET):
        for value in (0, 1, 2, 4, 8, 15):
            yield {"rst": 0, "excepttype_i": kind, **requests(value)}
            yield {"rst": 1, "cp0_epc_i": rng.getrandbits(32)}


@bench.case
def random_inputs(rng):
    kinds = (0, 0, 0, *VECTORS, ERET, ERET)
    for _ in range(300):
        yield {
            "rst": int(rng.random() < 0.1),
            "excepttype_i": rng.choice(kinds),
            "cp0_epc_i": rng.getrandbits(32),
            **requests(rng.choice((0, 1, 2, 4, 8, rng.getrandbits(4)))),
        }
