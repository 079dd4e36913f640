"""Intervals and paired comparisons."""

from itertl_eval.report.statistics._compare import RESAMPLES, compare_all
from itertl_eval.report.statistics._interval import interval

__all__ = [
    "RESAMPLES",
    "compare_all",
    "interval",
]
