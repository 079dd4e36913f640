"""itertl-eval tasks: which suites there are, and where lm-eval finds them."""

from __future__ import annotations

import argparse
from typing import Any

from itertl_eval._resources import shipped
from itertl_eval.errors import ItertlError
from itertl_eval.suites import load_suite, suite_names


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "tasks", help="list the tasks; --path prints the folder for lm-eval's --include_path"
    )
    parser.add_argument("--path", action="store_true", help="print only the folder")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.path:
        print(shipped("tasks"))
        return 0
    print(f"{'task':28} {'problems':>8} {'testbenches':>11}")
    for name in suite_names():
        try:
            suite = load_suite(name)
        except ItertlError as error:
            print(f"{name:28} {str(error).splitlines()[0]}")
            continue
        print(f"{name:28} {len(suite):8} {len(suite.covered):11}")
    return 0
