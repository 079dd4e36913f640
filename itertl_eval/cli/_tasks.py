"""itertl-eval tasks: list tasks and suites, and print lm-eval's include path."""

from __future__ import annotations

import argparse
from typing import Any

import yaml

from itertl_eval._util.paths import shipped
from itertl_eval.errors import ItertlError
from itertl_eval.suites import lacking_data, load_suite, suite_names


class _Loader(yaml.SafeLoader):
    """YAML loader for lm-eval task files that ignores the code they name."""


_Loader.add_constructor("!function", lambda _, node: node.value)


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "tasks", help="list the tasks; --path prints the folder for lm-eval's --include_path"
    )
    parser.add_argument("--path", action="store_true", help="print only the folder")
    parser.set_defaults(run=run)


def lm_eval_tasks() -> dict[str, str]:
    """Return lm-eval's tasks, without groups, with the suite of each."""
    found = {}
    for file in shipped("tasks").rglob("*.yaml"):
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)
        if "group" not in content:
            found[content["task"]] = content["metadata"]["suite"]
    return dict(sorted(found.items()))


def run(options: argparse.Namespace) -> int:
    if options.path:
        print(shipped("tasks"))
        return 0
    known = suite_names()
    print(f"{'task':28} {'problems':>8} {'testbenches':>11}")
    for name, source in (lm_eval_tasks() | {name: name for name in known}).items():
        if source not in known:
            print(f"{name:28} reads the folder given by lm-eval's --metadata")
            continue
        if absent := lacking_data(source):  # a list downloads nothing
            print(f"{name:28} {absent}")
            continue
        try:
            suite = load_suite(source)
        except ItertlError as error:
            print(f"{name:28} {str(error).splitlines()[0]}")
            continue
        print(f"{name:28} {len(suite):8} {len(suite.covered):11}")
    return 0
