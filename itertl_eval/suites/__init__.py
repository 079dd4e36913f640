"""Benchmarks as Suites: published ones, the one that ships with the package, task folders."""

from itertl_eval.suites._chipbench import SUITES as CHIPBENCH
from itertl_eval.suites._data import SOURCES, fetch, find_source
from itertl_eval.suites._errata import circuit_of, errata_of, known_failures, undecided
from itertl_eval.suites._folder import load_folder_problem, parameter_value
from itertl_eval.suites._quality import digest_of_testbenches, mutation_score
from itertl_eval.suites._registry import (
    CHAT_TASKS,
    HARNESSED,
    PUBLISHED,
    SHIPPED,
    SUITE_SOURCES,
    V2_TASKS,
    find_corpus,
    lacking,
    lacking_data,
    load_problem,
    load_suite,
    suite_names,
)
from itertl_eval.suites._verilogeval_v2 import load_v2
from itertl_eval.suites.cvdp import with_published_prompts

__all__ = [
    "CHAT_TASKS",
    "CHIPBENCH",
    "HARNESSED",
    "PUBLISHED",
    "SHIPPED",
    "SOURCES",
    "SUITE_SOURCES",
    "V2_TASKS",
    "circuit_of",
    "digest_of_testbenches",
    "errata_of",
    "fetch",
    "find_corpus",
    "find_source",
    "known_failures",
    "lacking",
    "lacking_data",
    "load_folder_problem",
    "load_problem",
    "load_suite",
    "load_v2",
    "mutation_score",
    "parameter_value",
    "suite_names",
    "undecided",
    "with_published_prompts",
]
