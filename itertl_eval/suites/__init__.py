"""Benchmarks as Suites: the published ones, the one that ships, and folders of the user's own."""

from itertl_eval.suites._data import SOURCES, fetch
from itertl_eval.suites._registry import PUBLISHED, SHIPPED, load_suite, suite_names

__all__ = ["PUBLISHED", "SHIPPED", "SOURCES", "fetch", "load_suite", "suite_names"]
