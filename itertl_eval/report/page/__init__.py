"""Draw the page: charts, waves, problems, stages."""

from itertl_eval.report.page._charts import Series, line_chart
from itertl_eval.report.page._page import render
from itertl_eval.report.page._plot import plot, sheet
from itertl_eval.report.page._problems import MESSAGE_LIMIT
from itertl_eval.report.page._text import clip, visible
from itertl_eval.report.page._training_view import Chart

__all__ = [
    "MESSAGE_LIMIT",
    "Chart",
    "Series",
    "clip",
    "line_chart",
    "plot",
    "render",
    "sheet",
    "visible",
]
