"""Load suites and problems by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from itertl_eval._util.paths import shipped
from itertl_eval.errors import UsageError
from itertl_eval.problem import Problem, Suite
from itertl_eval.suites import _verilogeval
from itertl_eval.suites._chipbench import SUITES as CHIPBENCH
from itertl_eval.suites._chipbench import load_chipbench
from itertl_eval.suites._data import find_source
from itertl_eval.suites._folder import load_folder, load_folder_problem, load_tasks
from itertl_eval.suites._rtllm import load_rtllm
from itertl_eval.suites._verilogeval_v2 import Task, load_v2
from itertl_eval.suites.cvdp import SOURCES_OF, load_cvdp, load_rows, missing_tools
from itertl_eval.suites.cvdp import SUITES as CVDP

if TYPE_CHECKING:
    from itertl_eval.corpus import Corpus

TASKS_VARIABLE = "ITERTL_EVAL_TASKS"

V2_TASKS: dict[str, Task] = {
    "verilogeval_spec_to_rtl": "spec-to-rtl",
    "verilogeval_code_complete": "code-complete-iccad2023",
}
"""VerilogEval v2's tasks by suite name."""

CHAT_TASKS = {f"{name}_instruct": name for name in ("verilogeval_human", "verilogeval_machine")}
"""lm-eval tasks for chat models, with the suite that holds their problems."""

PUBLISHED: dict[str, Callable[[], Suite]] = {
    "verilogeval_human": lambda: _verilogeval.load_v1("human"),
    "verilogeval_machine": lambda: _verilogeval.load_v1("machine"),
    "verilogeval_spec_to_rtl": lambda: load_v2(V2_TASKS["verilogeval_spec_to_rtl"]),
    "verilogeval_code_complete": lambda: load_v2(V2_TASKS["verilogeval_code_complete"]),
    "rtllm": load_rtllm,
    **{name: partial(load_chipbench, name) for name in CHIPBENCH},
}
HARNESSED: dict[str, Callable[[], Suite]] = {name: partial(load_cvdp, name) for name in CVDP}
"""Suites whose rows bring their own cocotb harness; they have no references."""
SUITE_SOURCES: dict[str, tuple[str, ...]] = {
    "verilogeval_human": ("verilog-eval-v1", "verilog-eval-v2"),
    "verilogeval_machine": ("verilog-eval-v1", "verilog-eval-v2"),
    "verilogeval_spec_to_rtl": ("verilog-eval-v2",),
    "verilogeval_code_complete": ("verilog-eval-v2",),
    "rtllm": ("rtllm-v2",),
    **dict.fromkeys(CHIPBENCH, ("chipbench",)),
    **{name: (source,) for name, source in SOURCES_OF.items()},
}
"""The published data that each suite is read from, by the names of `SOURCES`."""
SHIPPED: dict[str, Callable[[], Suite]] = {
    "rtl_core": lambda: load_folder("rtl_core", shipped("testbenches") / "rtl_core"),
}


def suite_names() -> list[str]:
    """Return all names that `load_suite` accepts, including the user's tasks."""
    return [*PUBLISHED, *HARNESSED, *SHIPPED, *own_tasks()]


def lacking_data(name: str) -> str:
    """Return why reading a suite would download its data first, or ""."""
    if all(find_source(source) is not None for source in SUITE_SOURCES.get(name, ())):
        return ""
    return f"its data is not on this machine; run: itertl-eval fetch {name}"


def lacking(name: str) -> str:
    """Return why a suite can't be graded on this machine without a download, or "".

    Args:
        name: A suite of `PUBLISHED`, `HARNESSED` or `SHIPPED`.
    """
    if absent := lacking_data(name):
        return absent
    if name in HARNESSED and (missing := missing_tools(name)):
        return missing
    covered, problems = len(load_suite(name).covered), len(load_suite(name))
    if 2 * covered < problems:
        return (
            f"only {covered} of its {problems} problems have testbenches; "
            f"run: itertl-eval fetch {name}"
        )
    return ""


def own_tasks() -> dict[str, Path]:
    """Return the user's task folders in ITERTL_EVAL_TASKS, by name."""
    parent = os.environ.get(TASKS_VARIABLE)
    if not parent:
        return {}
    if not Path(parent).is_dir():
        raise UsageError(f"{TASKS_VARIABLE}={parent} is not a folder")
    return {f.parent.name: f.parent for f in sorted(Path(parent).glob("*/problem.yaml"))}


def load_suite(name: str) -> Suite:
    """Load a suite: a Mapping from task_id to Problem.

    Args:
        name: One of `suite_names()`; the name of an lm-eval task for chat models; or the path of
            a task folder, of a folder of task folders, of a generated corpus, whose held-out part
            is loaded, or of a .jsonl file with rows of CVDP.

    Raises:
        UsageError: There is no such suite.
        InfrastructureError: Published data is not on this machine.
    """
    if (corpus := find_corpus(name)) is not None:
        return corpus.heldout
    if name.endswith(".jsonl"):
        return load_rows(Path(name))
    if "/" in name or Path(name, "problem.yaml").exists():
        return load_tasks(Path(name))
    own = own_tasks()
    if name in own:
        return load_tasks(own[name])
    name = CHAT_TASKS.get(name, name)
    if name not in PUBLISHED | HARNESSED | SHIPPED:
        if Path(name).is_dir():
            return load_tasks(Path(name))
        raise UsageError(f"no suite {name!r}; there are: {', '.join(suite_names())}")
    return _load(name)


@cache
def _load(name: str) -> Suite:
    return (PUBLISHED | HARNESSED | SHIPPED)[name]()


def load_problem(name: str) -> Problem:
    """Load one problem.

    Args:
        name: SUITE/ID, where SUITE is a name or path that `load_suite` accepts (of a generated
            corpus both parts count); the path of a task folder; or the id of a problem of
            rtl_core or of ITERTL_EVAL_TASKS.

    Raises:
        UsageError: There is no such problem.
        InfrastructureError: Published data is not on this machine.
    """
    suite, _, problem = name.rpartition("/")
    if Path(name, "problem.yaml").exists():
        folder = Path(name).resolve()
        return load_folder_problem(folder, folder.parent.name if suite else folder.name)
    if (corpus := find_corpus(suite)) is not None:
        parts = [corpus.train, corpus.heldout]
    else:
        parts = [load_suite(suite or (name if name in own_tasks() else "rtl_core"))]
    for part in parts:
        if problem in part:
            return part[problem]
    if suite:
        raise UsageError(f"{suite} has no problem {problem!r}")
    raise UsageError(
        f"no problem {name!r}: give a folder with a problem.yaml, SUITE/PROBLEM such as "
        "verilogeval_human/gatesv, or a problem of rtl_core"
    )


def find_corpus(name: str) -> Corpus | None:
    """Load the generated corpus in folder `name`; return None if it holds no corpus."""
    mark = Path(name, "corpus.json")
    if not name or not mark.exists():
        return None
    return _corpus(mark.parent, mark.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _corpus(folder: Path, _changed: int) -> Corpus:
    from itertl_eval.corpus import load_corpus

    return load_corpus(folder)
