"""riscv_immediate: format and immediate of RV32I instructions."""

from itertl_eval.bench import Bench

OPCODES = {
    **{0b0110011: "R", 0b0100011: "S", 0b1100011: "B", 0b1101111: "J"},
    **dict.fromkeys((0b0010011, 0b0000011, 0b1100111, 0b1110011, 0b0001111), "I"),
    **dict.fromkeys((0b0110111, 0b0010111), "U"),
}
# For every type: the instruction's bits from 31 down to 7 as bits of the immediate.
FIELDS = {
    "R": [],
    "I": [(31, 11), *((20 + k, k) for k in range(11))],
    "S": [(31, 11), *((20 + k, k) for k in range(5, 11)), *((7 + k, k) for k in range(5))],
    "B": [
        (31, 12),
        (7, 11),
        *((20 + k, k) for k in range(5, 11)),
        *((7 + k, k) for k in range(1, 5)),
    ],
    "U": [(k, k) for k in range(12, 32)],
    "J": [
        (31, 20),
        (20, 11),
        *((k, k) for k in range(12, 20)),
        *((20 + k, k) for k in range(1, 11)),
    ],
}


def golden(i):
    kind = OPCODES.get(i.instruction & 0x7F)
    if kind is None:
        return {"format": 7, "immediate": 0, "illegal": 1}
    value = 0
    for source, target in FIELDS[kind]:
        weight = -(1 << target) if source == 31 else 1 << target
        value += weight * (i.instruction >> source & 1)
    return {"format": "RISBUJ".index(kind), "immediate": value, "illegal": 0}


bench = Bench(
    golden,
    inputs={"instruction": 32},
    outputs={"format": 3, "immediate": 32, "illegal": 1},
)


def of_type(kind, rng):
    """Each bit above the opcode alone set, alone clear, and noise, for all opcodes of a type."""
    for opcode in (code for code, other in OPCODES.items() if other == kind):
        for bit in range(7, 32):
            yield {"instruction": 1 << bit | opcode}
            yield {"instruction": 0xFFFF_FF80 ^ 1 << bit | opcode}
        yield from ({"instruction": rng.getrandbits(25) << 7 | opcode} for _ in range(20))


@bench.case
def i_type(rng):
    return of_type("I", rng)


@bench.case
def s_type(rng):
    return of_type("S", rng)


@bench.case
def b_type(rng):
    return of_type("B", rng)


@bench.case
def u_type(rng):
    return of_type("U", rng)


@bench.case
def j_type(rng):
    return of_type("J", rng)


@bench.case
def every_opcode(rng):
    """All 128, legal or not, with ones, zeros and noise in the other bits."""
    for opcode in range(128):
        for rest in (0x1FF_FFFF, 0, rng.getrandbits(25)):
            yield {"instruction": rest << 7 | opcode}
