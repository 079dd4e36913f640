"""Compare fixed-point arithmetic whose representation of negative numbers is left open."""

from cocotb.triggers import Timer

WIDTH = 32
SIGN = 1 << WIDTH - 1
MAGNITUDE = SIGN - 1


def twos_complement(value):
    """Return the number that a word is."""
    return value - 2 * (value & SIGN)


class Operands:
    """The sum or difference of each pair of operands so far, by each reading of the text.

    A reading is a function from two words to the expected word and a mask of the bits to compare.
    """

    def __init__(self, dut, *readings):
        self.dut, self.readings, self.seen = dut, readings, []

    async def apply(self, **operands):
        """Change one operand or both."""
        dut = self.dut
        for name, value in operands.items():
            getattr(dut, name).value = value
        await Timer(10, "ns")
        self.seen.append((int(dut.a.value), int(dut.b.value), str(dut.c.value)))

    def compare(self):
        """Compare everything with all readings; each design has one of them."""
        failures = [self._failures(reading) for reading in self.readings]
        if all(failures):
            raise AssertionError(min(failures, key=len)[0])

    def _failures(self, reading):
        found = []
        for a, b, got in self.seen:
            word, mask = reading(a, b)
            expected = "".join(
                str(word >> bit & 1) if mask >> bit & 1 else "?" for bit in reversed(range(WIDTH))
            )
            if any(one not in ("?", other) for one, other in zip(expected, got, strict=True)):
                found.append(f"c: expected {expected} for a={a:#x} and b={b:#x}, got {got}")
        return found
