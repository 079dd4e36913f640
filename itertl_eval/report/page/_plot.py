"""Put charts into one self-contained SVG file."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from itertl_eval.report.inputs import TrainingRun
from itertl_eval.report.page._charts import HEIGHT, WIDTH
from itertl_eval.report.page._text import visible
from itertl_eval.report.page._training_view import Chart, TrainingView

COLUMNS, TITLE = 2, 28
STYLE = """
svg { font: 12px system-ui, "DejaVu Sans", sans-serif; color: #57606a; }
text { fill: #57606a; } .title { fill: #1b1f24; font-size: 14px; font-weight: 600; }
.grid { stroke: #d5dae0; } polyline { fill: none; stroke-width: 2; }
.series0 { stroke: #0b62b5; } .series0 circle { fill: #0b62b5; }
.series1 { stroke: #b3490a; } .series1 path:not(.error) { fill: #b3490a; }
.series1 polyline { stroke-dasharray: 6 4; }
.series2 { stroke: #2f7d32; } .series2 path:not(.error) { fill: #2f7d32; }
.series2 polyline { stroke-dasharray: 2 3; } .error { fill: none; stroke-width: 1.5; }
"""


def plot(run: TrainingRun) -> str:
    """All charts of a run side by side. The same records give the same picture, byte for byte."""
    return sheet(run.name, TrainingView(0, run).charts)


def sheet(name: str, charts: Sequence[Chart]) -> str:
    """Charts side by side as one SVG file."""
    rows = -(-len(charts) // COLUMNS)
    cell = HEIGHT + TITLE
    parts = []
    for at, chart in enumerate(charts):
        x, y = at % COLUMNS * (WIDTH + 20), at // COLUMNS * cell
        names = f" ({', '.join(chart.names)})" if chart.names else ""
        parts.append(
            Markup(
                '<text class="title" x="{x}" y="{top}">{title}</text>'
                '<svg x="{x}" y="{y}" width="{w}" height="{h}">{body}</svg>'
            ).format(
                x=x,
                top=y + 18,
                y=y + TITLE,
                w=WIDTH,
                h=HEIGHT,
                body=chart.svg,
                title=f"{chart.title}{names}",
            )
        )
    size = (COLUMNS * (WIDTH + 20), rows * cell)
    return visible(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" '
            'height="{h}"><title>{name}</title><style>{style}</style>'
            '<rect width="100%" height="100%" fill="#fff"/>{body}</svg>\n'
        ).format(w=size[0], h=size[1], name=name, style=Markup(STYLE), body=Markup("").join(parts))
    )
