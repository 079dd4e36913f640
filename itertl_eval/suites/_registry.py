"""Suites by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from itertl_eval._util.paths import shipped
from itertl_eval.errors import UsageError
from itertl_eval.problem import Suite
from itertl_eval.suites import _verilogeval
from itertl_eval.suites._folder import load_folder, load_tasks
from itertl_eval.suites._verilogeval_v2 import Task, load_v2

TASKS_VARIABLE = "ITERTL_EVAL_TASKS"

V2_TASKS: dict[str, Task] = {
    "verilogeval_spec_to_rtl": "spec-to-rtl",
    "verilogeval_code_complete": "code-complete-iccad2023",
}
"""VerilogEval v2's two forms by suite name."""

CHAT_TASKS = {f"{name}_instruct": name for name in ("verilogeval_human", "verilogeval_machine")}
"""lm-eval's tasks for chat models, by the suite whose problems they ask."""

PUBLISHED: dict[str, Callable[[], Suite]] = {
    "verilogeval_human": lambda: _verilogeval.load_v1("human"),
    "verilogeval_machine": lambda: _verilogeval.load_v1("machine"),
    "verilogeval_spec_to_rtl": lambda: load_v2(V2_TASKS["verilogeval_spec_to_rtl"]),
    "verilogeval_code_complete": lambda: load_v2(V2_TASKS["verilogeval_code_complete"]),
}
SHIPPED: dict[str, Callable[[], Suite]] = {
    "rtl_core": lambda: load_folder("rtl_core", shipped("testbenches") / "rtl_core"),
}


def suite_names() -> list[str]:
    """All names that `load_suite` knows, the user's own tasks included."""
    return [*PUBLISHED, *SHIPPED, *own_tasks()]


def own_tasks() -> dict[str, Path]:
    """The user's task folders below ITERTL_EVAL_TASKS, by name."""
    parent = os.environ.get(TASKS_VARIABLE)
    if not parent:
        return {}
    if not Path(parent).is_dir():
        raise UsageError(f"{TASKS_VARIABLE}={parent} is not a folder")
    return {f.parent.name: f.parent for f in sorted(Path(parent).glob("*/problem.yaml"))}


def load_suite(name: str) -> Suite:
    """The suite called `name`: a Mapping from task_id to Problem.

    `name` is one of `suite_names()`, or the path of a folder with a problem.yaml, of a folder
    of such folders, or of a generated corpus, which gives its held-out part. The name of one of
    lm-eval's tasks for chat models gives the problems that it asks. Raises UsageError for an
    unknown name, InfrastructureError when published data is not at hand.
    """
    if Path(name, "corpus.json").exists():
        from itertl_eval.corpus import load_corpus

        return load_corpus(Path(name)).heldout
    if "/" in name or Path(name, "problem.yaml").exists():
        return load_tasks(Path(name))
    own = own_tasks()
    if name in own:
        return load_tasks(own[name])
    name = CHAT_TASKS.get(name, name)
    if name not in PUBLISHED and name not in SHIPPED:
        if Path(name).is_dir():
            return load_tasks(Path(name))
        raise UsageError(f"no suite {name!r}; there are: {', '.join(suite_names())}")
    return _load(name)


@cache
def _load(name: str) -> Suite:
    return (PUBLISHED | SHIPPED)[name]()
