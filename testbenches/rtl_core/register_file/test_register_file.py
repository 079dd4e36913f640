"""register_file: 32 registers, one write port, two combinational read ports, x0 is zero."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def __init__(self):
        self.registers = [0] + [None] * 31

    def edge(self, i):
        if i.write and i.rd:
            self.registers[i.rd] = i.rd_data

    def outputs(self, i):
        return {"rs1_data": self.registers[i.rs1], "rs2_data": self.registers[i.rs2]}


bench = Bench(
    Golden,
    clock="clk",
    inputs={"write": 1, "rd": 5, "rd_data": 32, "rs1": 5, "rs2": 5},
    outputs={"rs1_data": 32, "rs2_data": 32},
)


def fill(rng):
    """Write every register, reading around it on both ports meanwhile."""
    for rd in range(32):
        word = rng.getrandbits(32)
        yield {"write": 1, "rd": rd, "rd_data": word, "rs1": rd, "rs2": max(rd - 1, 0)}


@bench.case
def write_all_read_all(rng):
    yield from fill(rng)
    for rs in range(32):
        yield Hold(write=0, rs1=rs, rs2=31 - rs)


@bench.case
def zero_register_stays_zero(rng):
    yield {"write": 0, "rs1": 0, "rs2": 0}
    yield {"write": 1, "rd": 0, "rd_data": 0xFFFF_FFFF}
    yield {"write": 0, "rd": 1}


@bench.case
def writes_only_when_enabled(rng):
    yield from fill(rng)
    for rd in range(32):
        yield {"write": 0, "rd": rd, "rd_data": rng.getrandbits(32), "rs1": rd, "rs2": rd ^ 1}


@bench.case
def no_bypass(rng):
    """The old value is read up to the clock edge, the new one after it."""
    yield from fill(rng)
    for rd in (1, 5, 17, 31):
        yield {"write": 1, "rd": rd, "rd_data": rng.getrandbits(32), "rs1": rd, "rs2": rd}


@bench.case
def random_accesses(rng):
    yield from fill(rng)
    yield from bench.random(rng, 150)
    yield from bench.random(rng, 150, rd=range(4), rs1=range(4), rs2=range(4))
