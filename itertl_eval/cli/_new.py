"""itertl-eval new: scaffold a task folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from itertl_eval.authoring import new_task


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "new", help="scaffold a task: specification, reference, cocotb testbench, lm-eval YAML"
    )
    parser.add_argument("name", help="the task's and the module's name")
    parser.add_argument("--dir", type=Path, default=Path(), help="where to put it (default: here)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    folder = new_task(options.name, options.dir)
    print(
        f"created {folder}: a small working example. Edit spec.md, reference.sv and the test, then"
    )
    print(f"  itertl-eval check {folder}")
    print(f"  pytest {folder}")
    print(f"  lm_eval --tasks {options.name} --include_path {folder} --model ...")
    return 0
