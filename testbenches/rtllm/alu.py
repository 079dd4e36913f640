"""alu: MIPS operations, and flags where their meaning is clear.

Not compared, for the specification leaves them open: `flag` outside of SLT and SLTU, `carry`
outside of ADDU, `overflow` outside of ADD and SUB, `negative` where the signed result overflows
or the operation has no signed result, and shifts by 32 and more with a constant. LUI is tested
with equal halves of `a`: the text names the upper one, MIPS and the published design the lower.
"""

from itertl_eval.bench import Bench

MASK, SIGN = (1 << 32) - 1, 1 << 31
OPERATIONS = {
    "ADD": 0b100000,
    "ADDU": 0b100001,
    "SUB": 0b100010,
    "SUBU": 0b100011,
    "AND": 0b100100,
    "OR": 0b100101,
    "XOR": 0b100110,
    "NOR": 0b100111,
    "SLT": 0b101010,
    "SLTU": 0b101011,
    "SLL": 0b000000,
    "SRL": 0b000010,
    "SRA": 0b000011,
    "SLLV": 0b000100,
    "SRLV": 0b000110,
    "SRAV": 0b000111,
    "LUI": 0b001111,
}
NAMES = {code: name for name, code in OPERATIONS.items()}
SHIFTS = ("SLL", "SRL", "SRA")


def signed(value):
    return value - 2 * (value & SIGN)


def exact(name, a, b):
    """The result before it is cut to 32 bits."""
    shift = a & 31
    match name:
        case "ADD":
            return signed(a) + signed(b)
        case "ADDU":
            return a + b
        case "SUB":
            return signed(a) - signed(b)
        case "SUBU":
            return a - b
        case "AND":
            return a & b
        case "OR":
            return a | b
        case "XOR":
            return a ^ b
        case "NOR":
            return ~(a | b)
        case "SLT":
            return int(signed(a) < signed(b))
        case "SLTU":
            return int(a < b)
        case "SLL" | "SLLV":
            return b << shift
        case "SRL" | "SRLV":
            return b >> shift
        case "SRA" | "SRAV":
            return signed(b) >> shift
    return (a & 0xFFFF) << 16


def golden(i):
    name = NAMES[i.aluc]
    value = exact(name, i.a, i.b)
    r = value & MASK
    overflows = name in ("ADD", "SUB") and signed(r) != value
    carries = name in ("ADDU", "SUBU") and value != r
    unclear = not r and (overflows or carries)  # of 33 bits, one is set
    return {
        "r": r,
        "zero": None if unclear else not r,
        "negative": None if overflows or name not in ("ADD", "SUB", "SRA", "SRAV") else r >> 31,
        "carry": value >> 32 if name == "ADDU" else None,
        "overflow": overflows if name in ("ADD", "SUB") else None,
        "flag": r if name in ("SLT", "SLTU") else None,
    }


bench = Bench(
    golden,
    inputs={"a": 32, "b": 32, "aluc": 6},
    outputs={"r": 32, "zero": 1, "carry": 1, "negative": 1, "overflow": 1, "flag": 1},
)


def operands(name, a, b):
    if name in SHIFTS:
        a %= 32
    if name == "LUI":
        a = (a & 0xFFFF) * 0x10001
    return {"a": a, "b": b, "aluc": OPERATIONS[name]}


@bench.case
def extremes(rng):
    edges = (0, 1, 2, SIGN - 1, SIGN, SIGN + 1, MASK - 1, MASK)
    for name in OPERATIONS:
        for a in edges:
            for b in edges:
                yield operands(name, a, b)


@bench.case
def every_shift(rng):
    for name in (*SHIFTS, "SLLV", "SRLV", "SRAV"):
        for a in range(32):
            yield operands(name, a, rng.getrandbits(32) | SIGN | 1)
            yield operands(name, a | rng.getrandbits(27) << 5, rng.getrandbits(31))


@bench.case
def random_operations(rng):
    for _ in range(800):
        a, b = rng.getrandbits(32), rng.getrandbits(32)
        yield operands(rng.choice(list(OPERATIONS)), a, b if rng.random() < 0.9 else a)
