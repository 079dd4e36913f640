"""cp0_reg: the registers of MIPS' coprocessor 0, a timer and exceptions.

Not compared, for the specification leaves it open: the value of `prid_o` (it gives an example, and
the published reference has another one), `data_o` for addresses of no register, and writes in the
same cycle as an exception. The reset waits for the clock, but for `data_o`.
"""

from itertl_eval.bench import Bench, Model, Run

MASK = 0xFFFF_FFFF
COUNT, COMPARE, STATUS, CAUSE, EPC, PRID, CONFIG = 9, 11, 12, 13, 14, 15, 16
INTERRUPT, ERET = 1, 0xE
CODES = {INTERRUPT: 0, 8: 8, 0xA: 10, 0xC: 12, 0xD: 13}
"""Exception type -> ExcCode."""
EXL, BD, CODE = 1 << 1, 1 << 31, 0b11111 << 2
PENDING = 0b111111 << 10
WRITABLE = 0b11 << 8 | 0b11 << 22
INPUTS = {
    "rst": 1,
    "we_i": 1,
    "waddr_i": 5,
    "raddr_i": 5,
    "data_i": 32,
    "excepttype_i": 32,
    "int_i": 6,
    "current_inst_addr_i": 32,
    "is_in_delayslot_i": 1,
}
REGISTERS = ("count", "compare", "status", "cause", "epc", "config")


class Golden(Model):
    def reset(self):
        self.count = self.compare = self.cause = self.epc = self.timer = 0
        self.status, self.config = 1 << 28, 1 << 15

    def edge(self, i):
        status = self.status
        due = self.compare != 0 and self.count == self.compare
        self.count = self.count + 1 & MASK
        self.cause = self.cause & ~PENDING | i.int_i << 10
        self.timer |= due
        if i.we_i:
            self.write(i.waddr_i, i.data_i)
        if i.excepttype_i == ERET:
            self.status &= ~EXL
        elif i.excepttype_i in CODES:
            if i.excepttype_i == INTERRUPT or not status & EXL:
                late = i.is_in_delayslot_i
                self.epc = i.current_inst_addr_i - 4 * late & MASK
                self.cause = self.cause & ~BD | late * BD
            self.status |= EXL
            self.cause = self.cause & ~CODE | CODES[i.excepttype_i] << 2

    def write(self, address, value):
        if address == COUNT:
            self.count = value
        elif address == COMPARE:
            self.compare, self.timer = value, 0
        elif address == STATUS:
            self.status = value
        elif address == EPC:
            self.epc = value
        elif address == CAUSE:
            self.cause = self.cause & ~WRITABLE | value & WRITABLE

    def outputs(self, i):
        shown = {name: getattr(self, name) for name in REGISTERS}
        read = dict(zip((COUNT, COMPARE, STATUS, CAUSE, EPC, CONFIG), shown.values(), strict=True))
        return {
            "data_o": 0 if i.rst else read.get(i.raddr_i),
            "prid_o": None,
            "timer_int_o": self.timer,
            **{f"{name}_o": value for name, value in shown.items()},
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs=INPUTS,
    outputs={
        "data_o": 32,
        **{f"{name}_o": 32 for name in REGISTERS},
        "prid_o": 32,
        "timer_int_o": 1,
    },
)
QUIET = {"we_i": 0, "excepttype_i": 0, "int_i": 0, "is_in_delayslot_i": 0}
WRITTEN = (COUNT, COMPARE, STATUS, CAUSE, EPC)


def write(address, value, **more):
    return {**QUIET, "we_i": 1, "waddr_i": address, "data_i": value, **more}


@bench.case
def writes_and_reads(rng):
    for _ in range(4):
        for address in (*range(8, 18), *(rng.getrandbits(5) for _ in range(3))):
            yield write(address, rng.getrandbits(32), raddr_i=rng.choice((address, COUNT)))
            for register in (COUNT, COMPARE, STATUS, CAUSE, EPC, CONFIG):
                yield {"we_i": 0, "raddr_i": register, "int_i": rng.getrandbits(6)}
    for value in (MASK, 0, MASK):
        for address in WRITTEN:
            yield write(address, value, raddr_i=address)


@bench.case
def nothing_is_written_without_we(rng):
    for address in range(32):
        yield {**QUIET, "waddr_i": address, "data_i": rng.getrandbits(32), "raddr_i": address}


@bench.case
def the_timer(rng):
    yield write(COUNT, 0)
    for wait in (3, 5, 8):
        yield write(COUNT, 100 + wait)
        yield write(COMPARE, 110 + 2 * wait)
        yield Run(30, **QUIET)
        yield write(COMPARE, 1 << 20)
        yield from [QUIET] * 2
    yield write(COUNT, MASK - 2)
    yield write(COMPARE, 0)
    yield Run(6, **QUIET)
    yield write(COUNT, 200)
    yield write(COMPARE, 202)  # due while it is written again
    yield write(COMPARE, 300)
    yield from [QUIET] * 3


@bench.case
def exceptions(rng):
    """Each type with EXL clear and set, in a delay slot and not; then ERET."""
    for kind in (*CODES, *CODES):
        for late in (0, 1):
            for status in (0, EXL, MASK, MASK ^ EXL):
                yield write(EPC, rng.getrandbits(32))
                yield write(STATUS, status)
                yield {
                    **QUIET,
                    "excepttype_i": kind,
                    "is_in_delayslot_i": late,
                    "current_inst_addr_i": rng.choice((0, 4, rng.getrandbits(32))),
                    "int_i": rng.getrandbits(6),
                }
                yield {**QUIET, "raddr_i": rng.choice((STATUS, CAUSE, EPC))}
                if rng.random() < 0.5:
                    yield {**QUIET, "excepttype_i": ERET, "is_in_delayslot_i": late}
                yield {**QUIET, "raddr_i": rng.choice((STATUS, CAUSE, EPC))}


@bench.case
def types_of_no_exception_change_nothing(rng):
    kinds = (*CODES, ERET)
    for kind in (*range(2, 8), 9, 0xB, 0xF, *(k | 1 << rng.randrange(4, 32) for k in kinds)):
        yield {
            **QUIET,
            "excepttype_i": kind,
            "current_inst_addr_i": rng.getrandbits(32),
            "is_in_delayslot_i": rng.getrandbits(1),
        }


@bench.case
def random_inputs(rng):
    for _ in range(400):
        kind = rng.choice((0, 0, 0, *CODES, ERET))
        yield {
            "rst": int(rng.random() < 0.02),
            "we_i": 0 if kind else rng.getrandbits(1),
            "waddr_i": rng.choice(WRITTEN),
            "raddr_i": rng.choice((COUNT, COMPARE, STATUS, CAUSE, EPC, CONFIG)),
            "data_i": rng.choice((rng.getrandbits(32), rng.getrandbits(8))),
            "excepttype_i": kind,
            "int_i": rng.getrandbits(6),
            "current_inst_addr_i": rng.getrandbits(32),
            "is_in_delayslot_i": rng.getrandbits(1),
        }
