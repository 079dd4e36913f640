"""Convert VCD to FST, about ten times smaller, with the format's own C library (pylibfst).

Icarus can write FST itself, but opens files in /tmp to do so, which the sandbox forbids. So the
design's process writes VCD in the sandbox, and this module reads it: anything else that a design
may have written there is refused and never reaches the C code unchecked.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from itertl_eval.waves._vcd import declarations

MAX_BITS, LAST = 1 << 20, (1 << 63) - 1
"""The widest signal and the last tick that are accepted."""
_KNOWN_BITS = frozenset("01xz")


def available() -> bool:
    """Return whether pylibfst is installed; it has wheels for Linux on x86-64 only."""
    return importlib.util.find_spec("pylibfst") is not None


def write_fst(vcd: Path, fst: Path) -> None:
    """Write all signals of a VCD file to `fst`. Raises ValueError if it is not a VCD file."""
    from pylibfst import ffi, lib

    context = lib.fstWriterCreate(str(fst).encode(), 1)
    if context == ffi.NULL:
        raise OSError(f"{fst} can't be written")
    try:
        with vcd.open(encoding="utf-8", errors="replace") as file:
            _Writer(lib, ffi, context).write(file)
    finally:
        lib.fstWriterClose(context)


class _Writer:
    def __init__(self, lib: Any, ffi: Any, context: Any) -> None:
        self.lib, self.ffi, self.context = lib, ffi, context
        self.widths: dict[str, int] = {}  # by VCD code; 0 for a real number
        self.handles: dict[str, int] = {}

    def write(self, file: TextIO) -> None:
        depth = 0
        for kind, body in declarations(file):
            if kind == "timescale":
                self.lib.fstWriterSetTimescaleFromString(self.context, "".join(body).encode())
            elif kind == "scope" and len(body) == 2:
                depth += 1
                module, none = self.lib.FST_ST_VCD_MODULE, self.ffi.NULL
                self.lib.fstWriterSetScope(self.context, module, body[1].encode(), none)
            elif kind == "upscope" and depth:
                depth -= 1
                self.lib.fstWriterSetUpscope(self.context)
            elif kind == "var" and len(body) >= 4:
                self._declare(body[0], body[1], body[2], " ".join(body[3:]))
        if not self.handles:
            raise ValueError("no signals")
        now = -1
        for line in file:
            if line.startswith("#"):
                if line[1:].strip().isdigit() and now < (ticks := int(line[1:])) <= LAST:
                    now = ticks
                    self.lib.fstWriterEmitTimeChange(self.context, now)
            else:
                for code, value in self._changes(line.split()):
                    self.lib.fstWriterEmitValueChange(self.context, self.handles[code], value)

    def _declare(self, kind: str, width: str, code: str, name: str) -> None:
        if not width.isdigit() or not 0 < int(width) <= MAX_BITS:
            raise ValueError(f"not a width: {width!r:.80}")
        real = kind.startswith("real")
        types = {
            "reg": self.lib.FST_VT_VCD_REG,
            "integer": self.lib.FST_VT_VCD_INTEGER,
            "parameter": self.lib.FST_VT_VCD_PARAMETER,
        }
        vt = self.lib.FST_VT_VCD_REAL if real else types.get(kind, self.lib.FST_VT_VCD_WIRE)
        alias = self.handles.get(code, 0)
        bits = 0 if real else int(width)
        if alias and self.widths[code] != bits:
            raise ValueError(f"{code!r:.80} has two widths")
        handle = self.lib.fstWriterCreateVar(
            self.context, vt, self.lib.FST_VD_IMPLICIT, bits or 8, name.encode(), alias
        )
        self.handles.setdefault(code, handle)
        self.widths.setdefault(code, bits)

    def _changes(self, words: list[str]) -> Iterator[tuple[str, Any]]:
        """Yield (code, value for the C library), checked; skip what is not a value of a signal."""
        if len(words) == 1 and words[0][0] in "01xzXZ":
            bits, code = words[0][0].lower(), words[0][1:]
        elif len(words) == 2 and words[0][0] in "bB":
            bits, code = words[0][1:].lower(), words[1]
        elif len(words) == 2 and words[0][0] in "rR" and self.widths.get(words[1]) == 0:
            try:
                yield words[1], self.ffi.new("double *", float(words[0][1:]))
            except ValueError:
                return
            return
        else:
            return
        width = self.widths.get(code, 0)
        if width and bits and len(bits) <= width and _KNOWN_BITS.issuperset(bits):
            fill = bits[0] if bits[0] in "xz" else "0"
            yield code, bits.rjust(width, fill).encode()
