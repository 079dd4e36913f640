"""Reports: lm-eval results, verdict files and training runs as one self-contained page.

    itertl-eval report PATH... [-o report.html] [--junit FILE]

`collect` reads, `compare_all` compares benchmarks on the same suite, `render` makes the page,
`plot` a picture of a training run, `sheet` one of any charts, `junit` the XML that CI systems
read. Numbers come from `itertl_eval.results`, as everywhere.
"""

from itertl_eval.report._benchmark import Benchmark
from itertl_eval.report._junit import junit
from itertl_eval.report.inputs import Report, TrainingRun, collect, read_run
from itertl_eval.report.page import Chart, Series, line_chart, plot, render, sheet, visible
from itertl_eval.report.statistics import compare_all

__all__ = [
    "Benchmark",
    "Chart",
    "Report",
    "Series",
    "TrainingRun",
    "collect",
    "compare_all",
    "junit",
    "line_chart",
    "plot",
    "read_run",
    "render",
    "sheet",
    "visible",
]
