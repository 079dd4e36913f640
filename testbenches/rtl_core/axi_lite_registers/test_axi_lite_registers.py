"""axi_lite_registers: a bus master with pauses and back-pressure, and a model of the registers."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import Combine, FallingEdge, RisingEdge, Timer

CONTROL, FLAGS, SCRATCH, IDENT = 0x00, 0x04, 0x08, 0x0C
OKAY, SLVERR = 0, 2
HALVES = {"aw": "awaddr", "w": "wdata"}
LIMIT = 8


class Registers:
    """The registers as the specification describes them."""

    def __init__(self):
        self.values = {CONTROL: 0, FLAGS: 0, SCRATCH: 0xCAFE0000, IDENT: 0x52544C01}

    def write(self, address, data, strobe):
        register = address & ~3
        if register not in (CONTROL, FLAGS, SCRATCH):
            return SLVERR
        mask = sum(0xFF << 8 * k for k in range(4) if strobe >> k & 1)
        old = self.values[register]
        self.values[register] = (
            old & ~(data & mask) if register == FLAGS else (old & ~mask | data & mask)
        )
        return OKAY

    def read(self, address):
        register = address & ~3
        return (self.values[register], OKAY) if register in self.values else (0, SLVERR)


class Bus:
    """All drivers change signals after falling edges and look at them 3 ns later."""

    def __init__(self, dut):
        self.dut, self.model = dut, Registers()

    def port(self, name):
        return getattr(self.dut, f"s_axi_{name}")

    async def start(self):
        Clock(self.dut.aclk, 10, "ns").start()
        for name in ("awvalid", "wvalid", "arvalid", "bready", "rready"):
            self.port(name).value = 0
        for name in ("awaddr", "wdata", "wstrb", "araddr"):
            self.port(name).value = 0
        await self.reset()
        cocotb.start_soon(self.monitor())

    async def reset(self):
        """Without effect of the events at the same edges."""
        self.dut.aresetn.value, self.dut.events.value = 0, 0xFF
        self.transfers = dict.fromkeys(("aw", "w", "ar"), 0)
        await FallingEdge(self.dut.aclk)
        await FallingEdge(self.dut.aclk)
        for name in ("bvalid", "rvalid"):
            got = self.port(name).value
            assert got == 0, f"s_axi_{name}: expected 0 in reset, got {got}"
        self.dut.aresetn.value, self.dut.events.value = 1, 0
        self.model = Registers()
        await self.check_outputs()

    async def monitor(self):
        """Outputs change with rising edges only; no response comes before its transfers."""
        names = ("control", "s_axi_bvalid", "s_axi_rvalid")
        early = None
        while True:
            await Timer(3, "ns")
            late = [getattr(self.dut, name).value for name in names]
            for name, before, after in zip(names, early or late, late, strict=True):
                assert before == after, f"{name}: expected {before} for a cycle, got {after}"
            if self.dut.aresetn.value == 1:
                self.count_transfers()
            await RisingEdge(self.dut.aclk)
            await Timer(2, "ns")
            early = [getattr(self.dut, name).value for name in names]
            await FallingEdge(self.dut.aclk)

    def count_transfers(self):
        """`transfers` counts, for each channel of the master, what has not been answered."""
        for channel, needed in (("b", ("aw", "w")), ("r", ("ar",))):
            waiting = all(self.transfers[other] for other in needed)
            got = self.port(f"{channel}valid").value
            assert waiting or got == 0, (
                f"s_axi_{channel}valid: expected 0 before {' and '.join(needed)}, got {got}"
            )
            for other in needed:
                self.transfers[other] += self.taken(other) - self.taken(channel)

    def taken(self, channel):
        valid, ready = self.port(f"{channel}valid").value, self.port(f"{channel}ready").value
        return int(valid == 1 and ready == 1)

    async def check_outputs(self):
        await Timer(3, "ns")
        control, flags = self.model.values[CONTROL], self.model.values[FLAGS]
        for name, expected in (("control", control), ("irq", int(control & flags & 0xFF != 0))):
            got = getattr(self.dut, name).value
            assert got == expected, f"{name}: expected {expected:#x}, got {got}"
        await FallingEdge(self.dut.aclk)

    async def send(self, channel, pause, limit=LIMIT, **payload):
        """One transfer on a channel that the master drives."""
        for _ in range(pause):
            await FallingEdge(self.dut.aclk)
        for name, value in payload.items():
            self.port(name).value = value
        self.port(f"{channel}valid").value = 1
        for _ in range(limit):
            await Timer(3, "ns")
            ready = self.port(f"{channel}ready").value
            await FallingEdge(self.dut.aclk)
            if ready == 1:
                break
        else:
            raise AssertionError(f"s_axi_{channel}ready: expected 1 within {limit} clock edges")
        self.port(f"{channel}valid").value = 0
        for name, value in payload.items():
            self.port(name).value = random.getrandbits(len(self.port(name))) ^ value

    async def receive(self, channel, pause, more=False, **expected):
        """One response; with a pause it has to stay as it is. `more` may follow at once."""
        valid = self.port(f"{channel}valid")
        for edge in range(LIMIT + 1):
            self.port(f"{channel}ready").value = int(not pause)
            await Timer(3, "ns")
            if valid.value == 1:
                break
            assert edge < LIMIT, f"s_axi_{channel}valid: expected 1 within {LIMIT} clock edges"
            await FallingEdge(self.dut.aclk)
        for cycle in range(pause + 1):
            assert valid.value == 1, f"s_axi_{channel}valid: expected 1 until taken, got 0"
            for name, value in expected.items():
                got = self.port(name).value
                assert got == value, f"s_axi_{name}: expected {value:#x}, got {got}"
            await FallingEdge(self.dut.aclk)
            self.port(f"{channel}ready").value = int(cycle >= pause - 1)
            if cycle < pause:
                await Timer(3, "ns")
        self.port(f"{channel}ready").value = 0
        await Timer(3, "ns")
        assert more or valid.value == 0, (
            f"s_axi_{channel}valid: expected 0 after the handshake, got 1"
        )
        await FallingEdge(self.dut.aclk)

    async def write(self, address, data, strobe=15, pauses=(0, 0, 0)):
        """Pauses before address, data and the taking of the response."""
        response = self.model.write(address, data, strobe)
        sends = (
            cocotb.start_soon(self.send("aw", pauses[0], awaddr=address)),
            cocotb.start_soon(self.send("w", pauses[1], wdata=data, wstrb=strobe)),
        )
        await Combine(*sends)
        await self.receive("b", pauses[2], bresp=response)
        await self.check_outputs()

    async def read(self, address, pauses=(0, 0)):
        data, response = self.model.read(address)
        await self.send("ar", pauses[0], araddr=address)
        await self.receive("r", pauses[1], rdata=data, rresp=response)

    async def event(self, events):
        self.dut.events.value = events
        await FallingEdge(self.dut.aclk)
        self.dut.events.value = 0
        self.model.values[FLAGS] |= events
        await self.check_outputs()


@cocotb.test()
async def reset_values(dut):
    bus = Bus(dut)
    await bus.start()
    for address in (CONTROL, FLAGS, SCRATCH, IDENT):
        await bus.read(address)
    await bus.write(CONTROL, 0x12345678)
    await bus.write(SCRATCH, 0x9ABCDEF0)
    await bus.event(0xFF)
    await bus.reset()
    for address in (CONTROL, FLAGS, SCRATCH):
        await bus.read(address)


@cocotb.test()
async def byte_strobes(dut):
    """Every set of bytes, in both registers; low address bits do not matter."""
    bus = Bus(dut)
    await bus.start()
    for strobe in range(16):
        await bus.write(SCRATCH + strobe % 4, random.getrandbits(32), strobe)
        await bus.read(SCRATCH)
        await bus.write(CONTROL, random.getrandbits(32), strobe ^ 5)
        await bus.read(CONTROL + strobe % 4)


@cocotb.test()
async def order_of_address_and_data(dut):
    bus = Bus(dut)
    await bus.start()
    for pauses in ((0, 0, 0), (0, 1, 0), (0, 4, 0), (1, 0, 0), (4, 0, 0), (2, 3, 1)):
        await bus.write(SCRATCH, random.getrandbits(32), 15, pauses)
        await bus.read(SCRATCH)


@cocotb.test()
async def responses_wait(dut):
    bus = Bus(dut)
    await bus.start()
    for pause in (1, 2, 5):
        await bus.write(CONTROL, random.getrandbits(32), 15, (0, 0, pause))
        await bus.read(CONTROL, (0, pause))
        await bus.write(0x30, 0, 15, (0, 0, pause))
        await bus.read(0x30, (1, pause))


@cocotb.test()
async def errors(dut):
    """All addresses without a register, and writes to IDENT: refused, without effect."""
    bus = Bus(dut)
    await bus.start()
    await bus.event(0xFF)
    for address in range(0x0C, 0x40, 4):
        await bus.write(address, 0xFFFFFFFF)
        await bus.read(address + random.randrange(4))
    for address in (CONTROL, FLAGS, SCRATCH):
        await bus.read(address)


@cocotb.test()
async def events_and_interrupt(dut):
    """Flags are set by events, cleared by ones, and reach irq through CONTROL."""
    bus = Bus(dut)
    await bus.start()
    for k in range(8):
        await bus.event(1 << k)
        await bus.read(FLAGS)
        await bus.write(CONTROL, 0x100 | 1 << k)
        await bus.write(CONTROL, 0xFFFFFF00 | 0xFE << k & 0xFF)  # all but the flags that are set
    await bus.write(CONTROL, 0xFF)
    for strobe, data in ((0b1110, 0xFFFFFFFF), (1, 0x0F), (1, 0x00), (15, 0x90), (1, 0xFF)):
        await bus.write(FLAGS, data, strobe)
        await bus.read(FLAGS)
    await bus.event(0xA5)
    await bus.event(0x5A)


async def clear(bus, event_edge=None):
    """Clear the flags 0 and 1 and return the number of the edge that does it, seen at irq.

    With `event_edge` there is an event on bit 0 at the edge of that number.
    """
    await bus.event(3)
    await bus.write(CONTROL, 2)
    response = bus.model.write(FLAGS, 3, 1)
    sends = (
        cocotb.start_soon(bus.send("aw", 0, awaddr=FLAGS)),
        cocotb.start_soon(bus.send("w", 0, wdata=3, wstrb=1)),
    )
    done = None
    for edge in range(2 * LIMIT):
        bus.dut.events.value = int(edge == event_edge)
        await FallingEdge(bus.dut.aclk)
        await Timer(1, "ns")
        if done is None and bus.dut.irq.value == 0:
            done = edge
    await FallingEdge(bus.dut.aclk)
    await Combine(*sends)
    await bus.receive("b", 0, bresp=response)
    return done


@cocotb.test()
async def event_while_flags_are_cleared(dut):
    """At the very edge that clears the flag, and while the response waits."""
    bus = Bus(dut)
    await bus.start()
    edge = await clear(bus)
    await bus.read(FLAGS)
    assert edge is not None, f"irq: expected 0 after {2 * LIMIT} clock edges, got 1"
    for later in (edge, edge + 1, 2 * LIMIT - 1):
        await clear(bus, later)
        bus.model.values[FLAGS] = 1
        await bus.read(FLAGS)


@cocotb.test()
async def event_while_flags_are_offered(dut):
    """What was read stays as it was until it is taken."""
    bus = Bus(dut)
    await bus.start()
    for flags, events in ((0, 0x5A), (0x5A, 0xA5)):
        await bus.send("ar", 0, araddr=FLAGS)
        for _ in range(LIMIT):
            await FallingEdge(dut.aclk)
        await bus.event(events)
        await bus.receive("r", 1, rdata=flags, rresp=OKAY)
        await bus.read(FLAGS)


@cocotb.test()
async def offers_while_a_response_waits(dut):
    """The next write and the next read are on offer before the responses are taken."""
    bus = Bus(dut)
    await bus.start()
    for first, second in ((0x01234567, 0x89ABCDEF), (0xFFFFFFFF, 0)):
        for channel, payload in (
            *(("aw", {"awaddr": SCRATCH}), ("w", {"wdata": first, "wstrb": 15})),
            ("ar", {"araddr": IDENT}),
        ):
            await bus.send(channel, 0, **payload)
        sends = [
            cocotb.start_soon(bus.send("aw", 0, 40, awaddr=CONTROL)),
            cocotb.start_soon(bus.send("w", 0, 40, wdata=second, wstrb=15)),
            cocotb.start_soon(bus.send("ar", 0, 40, araddr=0x20)),
        ]
        for _ in range(6):
            await FallingEdge(dut.aclk)
        await bus.receive("b", 1, more=True, bresp=bus.model.write(SCRATCH, first, 15))
        await bus.receive("r", 1, more=True, rdata=0x52544C01, rresp=OKAY)
        await Combine(*sends)
        await bus.receive("b", 0, bresp=bus.model.write(CONTROL, second, 15))
        await bus.receive("r", 0, rdata=0, rresp=SLVERR)
        await bus.check_outputs()
        await bus.read(SCRATCH)


@cocotb.test()
async def neither_direction_waits_for_the_other(dut):
    """A whole write while a read's response waits, and a whole read while a write's does, or
    while a half of the write is missing."""
    bus = Bus(dut)
    await bus.start()
    data = random.getrandbits(32)
    await bus.send("ar", 0, araddr=CONTROL)
    await bus.write(CONTROL, data, 15, (LIMIT, LIMIT, 1))
    await bus.receive("r", 1, rdata=0, rresp=OKAY)
    response = bus.model.write(SCRATCH, ~data & 0xFFFFFFFF, 15)
    await bus.send("aw", 0, awaddr=SCRATCH)
    await bus.send("w", 0, wdata=~data & 0xFFFFFFFF, wstrb=15)
    await bus.read(CONTROL, (LIMIT, 1))
    await bus.receive("b", 1, bresp=response)
    await bus.read(SCRATCH)
    payload = {"awaddr": CONTROL, "wdata": random.getrandbits(32)}
    for early, late in (("aw", "w"), ("w", "aw")):
        await bus.send(early, 0, **part(payload, HALVES[early]))
        await bus.read(SCRATCH, (2, 1))
        await bus.send(late, 0, **part(payload, HALVES[late]))
        response = bus.model.write(CONTROL, payload["wdata"], 15)
        await bus.receive("b", 0, bresp=response)


@cocotb.test()
async def offers_before_the_other_half(dut):
    """The next address is on offer before this write's data, the next data before its address."""
    bus = Bus(dut)
    await bus.start()
    for early, late in (("aw", "w"), ("w", "aw")):
        payloads = [
            {"awaddr": register, "wdata": random.getrandbits(32)} for register in (SCRATCH, CONTROL)
        ]
        await bus.send(early, 0, **part(payloads[0], HALVES[early]))
        following = cocotb.start_soon(bus.send(early, 0, 60, **part(payloads[1], HALVES[early])))
        for _ in range(4):
            await FallingEdge(dut.aclk)
        for payload in payloads:
            await bus.send(late, 0, 60, **part(payload, HALVES[late]))
            response = bus.model.write(payload["awaddr"], payload["wdata"], 15)
            await bus.receive("b", 0, bresp=response)
        await following
        for register in (SCRATCH, CONTROL):
            await bus.read(register)


def part(payload, name):
    """What goes over the channel of that payload."""
    return {name: payload[name], **({"wstrb": 15} if name == "wdata" else {})}


@cocotb.test()
async def reset_under_way(dut):
    """After the address alone, the data alone, with responses waiting."""
    bus = Bus(dut)
    await bus.start()
    await bus.send("aw", 0, awaddr=CONTROL)
    await bus.reset()
    await bus.write(SCRATCH, 0x11111111)
    await bus.send("w", 0, wdata=0x22222222, wstrb=15)
    await bus.reset()
    await bus.write(SCRATCH, 0x33333333, 3)
    await bus.read(SCRATCH)
    await bus.send("aw", 0, awaddr=CONTROL)
    await bus.send("w", 0, wdata=0x44444444, wstrb=15)
    await bus.send("ar", 0, araddr=SCRATCH)
    for _ in range(LIMIT):
        await FallingEdge(dut.aclk)
    await bus.reset()
    await bus.read(CONTROL)
    await bus.write(CONTROL, 0x55555555)


@cocotb.test()
async def random_traffic(dut):
    """Writes and reads side by side on different registers, with random pauses."""
    bus = Bus(dut)
    await bus.start()
    for _ in range(30):
        pauses = [random.choice((0, 0, 1, 3)) for _ in range(5)]
        registers = random.sample((CONTROL, SCRATCH, IDENT, 0x24), 2)
        data, strobe = random.getrandbits(32), random.getrandbits(4)
        both = (
            cocotb.start_soon(bus.write(registers[0], data, strobe, pauses[:3])),
            cocotb.start_soon(bus.read(registers[1], pauses[3:])),
        )
        await Combine(*both)
