"""pulse_synchroniser: pulses between two clocks, at several ratios, with counted edges."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer


class Link:
    """Counts accepted pulses, arrived pulses and the edges between them."""

    def __init__(self, dut, src_ns, dst_ns):
        self.dut, self.periods = dut, (src_ns, dst_ns)
        self.accepted = self.arrived = 0
        self.dst_edges = self.src_edges = None
        self.in_reset = True

    async def start(self):
        dut, (src_ns, dst_ns) = self.dut, self.periods
        dut.src_pulse.value, dut.rst_n.value = 0, 1
        Clock(dut.src_clk, src_ns, "ns").start()
        await Timer(1, "ns")
        Clock(dut.dst_clk, dst_ns, "ns").start()
        await self.reset()
        cocotb.start_soon(self.source())
        cocotb.start_soon(self.destination())

    async def reset(self):
        """Both outputs at once; what was under way does not arrive."""
        dut = self.dut
        self.in_reset = True
        dut.src_pulse.value, dut.rst_n.value = 0, 0
        await Timer(3, "ns")
        for name in ("src_busy", "dst_pulse"):
            got = getattr(dut, name).value
            assert got == 0, f"{name}: expected 0 at once in reset, got {got}"
        for _ in range(2):
            await FallingEdge(dut.src_clk)
            await FallingEdge(dut.dst_clk)
        await FallingEdge(dut.src_clk)
        dut.rst_n.value = 1
        self.accepted = self.arrived
        self.dst_edges = self.src_edges = None
        self.in_reset = False

    async def source(self):
        """Before each edge of src_clk: is a pulse accepted? After it: is src_busy right?"""
        dut = self.dut
        while True:
            await Timer(1, "ns")
            was_busy, pulse = dut.src_busy.value, dut.src_pulse.value
            await RisingEdge(dut.src_clk)
            if not self.in_reset:
                if pulse and not was_busy:
                    self.accepted += 1
                    self.dst_edges = 0
                if self.src_edges is not None:
                    self.src_edges += 1
            await Timer(2, "ns")
            if not self.in_reset:
                self.judge_busy(dut.src_busy.value)
            await FallingEdge(dut.src_clk)

    def judge_busy(self, busy):
        assert busy.is_resolvable, f"src_busy: expected 0 or 1, got {busy}"
        if self.accepted > self.arrived:
            assert busy == 1, "src_busy: expected 1 until the pulse has arrived, got 0"
        elif self.src_edges is not None:
            assert self.src_edges < 4 or busy == 0, (
                f"src_busy: expected 0 at the fourth edge at the latest, got {busy}"
            )
        else:
            assert busy == 0, f"src_busy: expected 0 with nothing under way, got {busy}"
        if busy == 0:
            self.src_edges = None

    async def destination(self):
        """After each edge of dst_clk: is this the cycle of a pulse?"""
        dut = self.dut
        while True:
            await RisingEdge(dut.dst_clk)
            if self.dst_edges is not None:
                self.dst_edges += 1
            await Timer(2, "ns")
            pulse = dut.dst_pulse.value
            if not self.in_reset:
                self.judge_pulse(pulse)
            await FallingEdge(dut.dst_clk)
            await Timer(1, "ns")
            later = dut.dst_pulse.value
            if not self.in_reset:
                assert later == pulse, f"dst_pulse: expected {pulse} for a whole cycle, got {later}"

    def judge_pulse(self, pulse):
        assert pulse.is_resolvable, f"dst_pulse: expected 0 or 1, got {pulse}"
        if pulse:
            assert self.accepted > self.arrived, (
                f"dst_pulse: expected {self.accepted} cycles in all, got one more"
            )
            assert self.dst_edges >= 2, (
                f"dst_pulse: expected from the second edge on, got it at edge {self.dst_edges}"
            )
            self.arrived += 1
            self.dst_edges, self.src_edges = None, 0
        elif self.dst_edges is not None:
            assert self.dst_edges < 4, "dst_pulse: expected at the fourth edge at the latest, got 0"

    async def pulses(self, count, probability):
        """Drive src_pulse at random until `count` pulses have arrived."""
        target = self.arrived + count
        for _ in range(count * 60):
            self.dut.src_pulse.value = int(random.random() < probability)
            await FallingEdge(self.dut.src_clk)
            if self.arrived >= target:
                break
        self.dut.src_pulse.value = 0
        assert self.arrived >= target, f"dst_pulse: expected {target} pulses, got {self.arrived}"

    async def quiet(self):
        """Nothing more arrives than was accepted."""
        for _ in range(6):
            await FallingEdge(self.dut.dst_clk)
            await FallingEdge(self.dut.src_clk)
        assert self.arrived == self.accepted, (
            f"dst_pulse: expected {self.accepted} pulses, got {self.arrived}"
        )


async def traffic(dut, src_ns, dst_ns):
    """Single pulses with pauses, a request that stays, random requests."""
    link = Link(dut, src_ns, dst_ns)
    await link.start()
    for _ in range(3):
        dut.src_pulse.value = 1
        await FallingEdge(dut.src_clk)
        dut.src_pulse.value = 0
        await link.quiet()
    assert link.arrived == 3, f"dst_pulse: expected 3 pulses, got {link.arrived}"
    for probability in (1.0, 0.4):
        await link.pulses(6, probability)
        await link.quiet()


@cocotb.test()
async def same_frequency(dut):
    await traffic(dut, 10, 10)


@cocotb.test()
async def slow_destination(dut):
    await traffic(dut, 10, 34)


@cocotb.test()
async def fast_destination(dut):
    await traffic(dut, 34, 10)


@cocotb.test()
async def similar_frequencies(dut):
    await traffic(dut, 14, 12)


@cocotb.test()
async def reset_under_way(dut):
    """After different times, with the pulse in either domain."""
    link = Link(dut, 10, 14)
    await link.start()
    for wait in range(7):
        dut.src_pulse.value = 1
        await FallingEdge(dut.src_clk)
        dut.src_pulse.value = 0
        for _ in range(wait):
            await FallingEdge(dut.src_clk)
        await link.reset()
        await link.quiet()
        await link.pulses(1, 0.5)
        await link.quiet()
