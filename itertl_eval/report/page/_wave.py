"""A waveform as inline SVG: the ports of a design around the first mismatch."""

from __future__ import annotations

from markupsafe import Markup

from itertl_eval._util.printable import counted
from itertl_eval.waves import Trace, Wave

WIDTH, ROW, HIGH = 900, 26, 16
NAMES, RIGHT, TOP = 150, 12, 24
MAX_ROWS = 32
_DIGIT = 7.2
"""Width of a character in the lanes, in the picture's units."""


def render_wave(wave: Wave) -> Markup:
    """Return the waveform as SVG. Ports beyond MAX_ROWS are counted, not shown."""
    traces = wave.traces[:MAX_ROWS]
    lines = len(traces) + (len(wave.traces) > MAX_ROWS)
    height = TOP + ROW * lines + 22
    plot = _Plot(wave)
    rows = [_row(plot, trace, TOP + ROW * at) for at, trace in enumerate(traces)]
    if len(wave.traces) > MAX_ROWS:
        more = f"and {counted(len(wave.traces) - MAX_ROWS, 'more port')}"
        rows.append(_text(4, TOP + ROW * len(traces) + HIGH, more))
    mark = plot.x(wave.mark)
    return Markup(
        '<svg class="wave" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">{rows}'
        '<path class="mark" d="M{x:.1f} {top}V{bottom}"/>'
        '<text class="mark" x="{x:.1f}" y="14" text-anchor="{anchor}">{label}</text>'
        '<text x="{l}" y="{y}">{start} ns</text><text x="{r}" y="{y}" text-anchor="end">{end} ns'
        "</text></svg>"
    ).format(
        w=WIDTH,
        h=height,
        rows=Markup("").join(rows),
        x=mark,
        top=TOP - 4,
        bottom=height - 20,
        anchor="end" if mark > WIDTH - 150 else "middle",
        label=f"first mismatch: {wave.mark:g} ns",
        l=NAMES,
        r=WIDTH - RIGHT,
        y=height - 4,
        start=f"{wave.start:g}",
        end=f"{wave.end:g}",
    )


class _Plot:
    def __init__(self, wave: Wave) -> None:
        self.start, self.end = wave.start, max(wave.end, wave.start + 1e-6)

    def x(self, ns: float) -> float:
        part = (ns - self.start) / (self.end - self.start)
        return NAMES + min(max(part, 0.0), 1.0) * (WIDTH - NAMES - RIGHT)


def _row(plot: _Plot, trace: Trace, top: float) -> Markup:
    ends = [*(ns for ns, _ in trace.changes[1:]), plot.end]
    lanes = [
        (plot.x(ns), plot.x(until), bits)
        for (ns, bits), until in zip(trace.changes, ends, strict=False)
    ]
    drawn = _bit(lanes, top) if trace.width == 1 else _bus(lanes, top, trace.width)
    size = f" [{trace.width - 1}:0]" if trace.width > 1 else ""
    name = f"{trace.name}{size}"
    shown = name if len(name) <= 19 else f"{name[:18]}…"
    title = Markup("<title>{}</title>").format(f"{trace.direction} {name}")
    return Markup('<g class="{}">{}<text x="4" y="{}">{}</text>{}</g>').format(
        trace.direction, title, top + HIGH - 3, shown, drawn
    )


def _bit(lanes: list[tuple[float, float, str]], top: float) -> Markup:
    level = {"0": top + HIGH, "1": top, "x": top + HIGH / 2, "z": top + HIGH / 2}
    path = "".join(
        f"{'M' if not at else 'L'}{left:.1f} {level[bits[-1]]:.1f}H{right:.1f}"
        for at, (left, right, bits) in enumerate(lanes)
    )
    unknown = [_box(left, right, top) for left, right, bits in lanes if bits[-1] in "xz"]
    return Markup("").join([*unknown, Markup('<path class="line" d="{}"/>').format(path)])


def _bus(lanes: list[tuple[float, float, str]], top: float, width: int) -> Markup:
    parts = []
    for left, right, bits in lanes:
        known = set(bits) <= {"0", "1"}
        slope = min(3.0, (right - left) / 2)
        middle, bottom = top + HIGH / 2, top + HIGH
        path = (
            f"M{left:.1f} {middle}L{left + slope:.1f} {top}H{right - slope:.1f}"
            f"L{right:.1f} {middle}L{right - slope:.1f} {bottom}H{left + slope:.1f}z"
        )
        kind = "line" if known else "line unknown"
        parts.append(Markup('<path class="{}" d="{}"/>').format(kind, path))
        text = _hexadecimal(bits, width)
        room = int((right - left - 8) / _DIGIT)
        if room >= 1:
            text = text if len(text) <= room else f"{text[: room - 1]}…"
            parts.append(_text((left + right) / 2, top + HIGH - 3.5, text, "middle"))
    return Markup("").join(parts)


def _hexadecimal(bits: str, width: int) -> str:
    """Hexadecimal digits; x or z where any bit of a digit is unknown."""
    fill = bits[0] if bits[0] in "xz" else "0"
    padded = bits.rjust(-(-width // 4) * 4, fill)
    digits = [padded[at : at + 4] for at in range(0, len(padded), 4)]
    return "".join(
        f"{int(d, 2):x}" if set(d) <= {"0", "1"} else ("x" if "x" in d else "z") for d in digits
    )


def _box(left: float, right: float, top: float) -> Markup:
    return Markup('<path class="unknown" d="M{:.1f} {}H{:.1f}v{}H{:.1f}z"/>').format(
        left, top, right, HIGH, left
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> Markup:
    return Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(x, y, anchor, text)
