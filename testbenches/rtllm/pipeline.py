"""Check pipelines whose latency the specification leaves open."""

from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

LONGEST = 24
"""Clock cycles that a result may take."""


async def start(dut, clock, reset, idle):
    """Start the clock and leave a reset that is active low, with all inputs at `idle`."""
    for name, value in idle.items():
        getattr(dut, name).value = value
    reset.value = 0
    Clock(clock, 10, "ns").start()
    for _ in range(3):
        await FallingEdge(clock)
    reset.value = 1


async def check(dut, clock, cycles, valid, result):
    """Drive one dict of inputs per cycle and compare what comes out.

    `cycles` is a list of (inputs, expected), where expected is None in a cycle without an
    operation. The pattern of `valid` must be the pattern of operations, some constant number of
    cycles later, and `result` the expected value in each valid cycle.
    """
    seen = []
    for inputs, _ in [*cycles, *[(idle_of(cycles[0][0]), None)] * LONGEST]:
        for name, value in inputs.items():
            getattr(dut, name).value = value
        await RisingEdge(clock)
        await Timer(1, "ns")
        for name in inputs:  # nothing but the rising edge may look at the inputs
            signal = getattr(dut, name)
            signal.value = ~int(signal.value) & (1 << len(signal)) - 1
        await FallingEdge(clock)
        await Timer(1, "ns")
        seen.append((valid.value, result.value))
    operations = [expected is not None for _, expected in cycles]
    first = next((at for at, (one, _) in enumerate(seen) if one == 1), None)
    assert first is not None, f"{valid._name}: stays 0 for {len(seen)} cycles"
    latency = first - operations.index(True)
    assert 0 <= latency < LONGEST, f"{valid._name}: 1 before anything was started"
    for at, (now, value) in enumerate(seen):
        source = at - latency
        expected = cycles[source][1] if 0 <= source < len(cycles) else None
        wanted = int(expected is not None)
        assert now == wanted, f"{valid._name}: expected {wanted}, got {now} in cycle {at}"
        if expected is not None:
            assert value == expected, (
                f"{result._name}: expected {expected:#x}, got {value} in cycle {at}, "
                f"{latency} cycles after {cycles[source][0]}"
            )
    return seen


def idle_of(inputs):
    return dict.fromkeys(inputs, 0)
