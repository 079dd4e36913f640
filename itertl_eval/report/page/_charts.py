"""Line charts as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10

from markupsafe import Markup

WIDTH, HEIGHT = 420, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 30
MARKERS = ("circle", "square", "diamond")

Value = float | None
Bounds = tuple[float, float] | None


@dataclass(frozen=True)
class Series:
    """A line: one value per label (None where missing) and its error bars."""

    name: str
    values: Sequence[Value]
    bounds: Sequence[Bounds] = field(default=())


def line_chart(
    labels: Sequence[str], series: Sequence[Series], title: str, *, share: bool = False
) -> Markup:
    """Draw a chart over `labels`; its axis covers all error bars, 0..1 at most for shares."""
    ends = [v for s in series for v in s.values if v is not None]
    ends += [v for s in series for bound in s.bounds if bound for v in bound]
    if not ends:
        return Markup("")
    ticks = _ticks(0.0 if share else min(ends), max(*ends, 0.05) if share else max(ends))
    plot = _Plot(len(labels), ticks[0], ticks[-1])
    parts = [_axes(plot, labels, ticks, share)]
    for number, one in enumerate(series):
        parts.append(_line(plot, labels, one, number, len(series)))
    return Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-label="{title}">{body}</svg>'
    ).format(w=WIDTH, h=HEIGHT, title=title, body=Markup("").join(parts))


def marker(x: float, y: float, number: int, title: str) -> Markup:
    """Return one point of series `number`; each series has its own shape."""
    shape = MARKERS[number % len(MARKERS)]
    if shape == "circle":
        drawn = Markup('<circle cx="{x:.1f}" cy="{y:.1f}" r="4"{}')
    elif shape == "square":
        drawn = Markup('<path d="M{x:.1f} {y:.1f}m-4 -4h8v8h-8z"{}')
    else:
        drawn = Markup('<path d="M{x:.1f} {y:.1f}m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z"{}')
    name = "circle" if shape == "circle" else "path"
    tail = Markup("><title>{}</title></{}>").format(title, name)
    return drawn.format(tail, x=x, y=y)


@dataclass(frozen=True)
class _Plot:
    count: int
    low: float
    high: float

    def x(self, at: float) -> float:
        return LEFT + (at + 0.5) * (WIDTH - LEFT - RIGHT) / max(1, self.count)

    def y(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)


def _axes(plot: _Plot, labels: Sequence[str], ticks: Sequence[float], share: bool) -> Markup:
    parts = []
    digits = 0 if share else max(0, -floor(log10(ticks[1] - ticks[0])))
    for tick in ticks:
        text = f"{tick * 100:.3g} %" if share else f"{tick:.{digits}f}"
        parts.append(
            Markup(
                '<line class="grid" x1="{l}" x2="{r}" y1="{y:.1f}" y2="{y:.1f}"/>'
                '<text x="{t}" y="{ty:.1f}" text-anchor="end">{text}</text>'
            ).format(
                l=LEFT, r=WIDTH - RIGHT, y=plot.y(tick), t=LEFT - 6, ty=plot.y(tick) + 4, text=text
            )
        )
    every = ceil(len(labels) / 10)
    parts += [
        Markup('<text x="{x:.1f}" y="{y}" text-anchor="middle">{text}</text>').format(
            x=plot.x(at), y=HEIGHT - 10, text=label if len(label) <= 9 else f"{label[:8]}…"
        )
        for at, label in enumerate(labels)
        if at % every == 0
    ]
    return Markup("").join(parts)


def _line(plot: _Plot, labels: Sequence[str], series: Series, number: int, total: int) -> Markup:
    # Shift series a little, or their error bars would cover each other.
    shift = (number - (total - 1) / 2) * 0.12
    points = [
        (plot.x(at + shift), plot.y(value), at, value)
        for at, value in enumerate(series.values)
        if value is not None
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in points)
    parts = [Markup('<polyline points="{}"/>').format(path)]
    for x, y, at, value in points:
        bound = series.bounds[at] if at < len(series.bounds) else None
        title = f"{labels[at]}: {series.name} {value:.4g}"
        if bound is not None:
            title += f" (95 % interval {bound[0]:.4g} to {bound[1]:.4g})"
            parts.append(
                Markup(
                    '<path class="error" d="M{x:.1f} {a:.1f}V{b:.1f}M{l:.1f} {a:.1f}h8'
                    'M{l:.1f} {b:.1f}h8"/>'
                ).format(x=x, a=plot.y(bound[0]), b=plot.y(bound[1]), l=x - 4)
            )
        parts.append(marker(x, y, number, title))
    return Markup('<g class="series{}">{}</g>').format(number % 3, Markup("").join(parts))


def _ticks(low: float, high: float) -> list[float]:
    """Four to seven round numbers around low..high."""
    if high <= low:
        pad = abs(high) * 0.1 or 1.0
        low, high = low - pad, high + pad
    step = 10.0 ** floor(log10((high - low) / 4))
    for factor in (1, 2, 5, 10):
        if (high - low) / (step * factor) <= 5:
            step *= factor
            break
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(at * step, 12) for at in range(first, last + 1)]
