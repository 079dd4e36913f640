"""Benchmarks as Suites: the published ones, the one that ships, and folders of the user's own."""

from itertl_eval.suites._data import SOURCES, fetch
from itertl_eval.suites._errata import errata_of
from itertl_eval.suites._published import published_bench
from itertl_eval.suites._registry import PUBLISHED, SHIPPED, V2_TASKS, load_suite, suite_names
from itertl_eval.suites._verilogeval_v2 import load_v2

__all__ = [
    "PUBLISHED",
    "SHIPPED",
    "SOURCES",
    "V2_TASKS",
    "errata_of",
    "fetch",
    "load_suite",
    "load_v2",
    "published_bench",
    "suite_names",
]
