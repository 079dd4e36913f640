"""_interface."""

from __future__ import annotations

from collections.abc import Mapping


class Layout:
    """Where each port lies in a packed vector; the first port takes the lowest bits."""

    def __init__(self, widths: Mapping[str, int]) -> None:
        self.fields: dict[str, tuple[int, int]] = {}
        self.width = 0
        for name, width in widths.items():
            self.fields[name] = (self.width, width)
            self.width += width
        self.full = (1 << self.width) - 1

    def unpack(self, packed: int) -> dict[str, int]:
        return {
            name: packed >> offset & ((1 << width) - 1)
            for name, (offset, width) in self.fields.items()
        }
