"""Values of ports as strings of bits: packing, comparing, showing."""

from __future__ import annotations

from collections.abc import Sequence

_OTHERS = "xzuwlh-"
_UNKNOWN = str.maketrans("01" + _OTHERS, "00" + "1" * len(_OTHERS))
_KNOWN = str.maketrans(_OTHERS, "0" * len(_OTHERS))


class Bits(dict[int, str]):
    """Numbers as binary digits of one width, each formatted once: most come again and again."""

    def __init__(self, width: int) -> None:
        self._spec = f"0{width}b"

    def __missing__(self, number: int) -> str:
        self[number] = digits = format(number, self._spec)
        return digits

    def packed(self, numbers: Sequence[int]) -> str:
        """Return all the numbers in one string, the first in the lowest bits."""
        return "".join([self[number] for number in reversed(numbers)])


def matches(got: str, value: int, care: int) -> bool:
    """Return whether every compared bit is the expected 0 or 1; X and Z never are."""
    if "x" in (low := got.lower()) or "z" in low:
        unknown = int(low.translate(_UNKNOWN), 2)
        if unknown & care:
            return False
        got = low.translate(_KNOWN)
    return (int(got, 2) ^ value) & care == 0


def literal(bits: str, care: int) -> str:
    """Return a Verilog literal: hexadecimal if every bit is known, else binary.

    A bit outside of `care` is not compared and shows as "?".
    """
    width = len(bits)
    if care == (1 << width) - 1 and set(bits) <= {"0", "1"}:
        return f"{width}'h{int(bits, 2):x}" if width > 1 else f"1'b{bits}"
    shown = (bit if care >> (width - 1 - k) & 1 else "?" for k, bit in enumerate(bits.lower()))
    return f"{width}'b{''.join(shown)}"


__all__ = ["Bits", "literal", "matches"]
