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
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FILE.sv",
        help="a design that exists: ports, clock and resets are read from it, and a testbench is "
        "recorded from it",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.reference is not None:
        return _from_reference(options)
    folder = new_task(options.name, options.dir)
    print(
        f"created {folder}: a small working example. Edit spec.md, reference.sv and the test, then"
    )
    print(f"  itertl-eval check {folder}")
    print(f"  pytest {folder}")
    print(f"  lm_eval --tasks {options.name} --include_path {folder} --model ...")
    return 0


def _from_reference(options: argparse.Namespace) -> int:
    from itertl_eval.from_reference import new_task_from_design

    task = new_task_from_design(options.name, options.dir, options.reference)
    print(f"created {task.folder} from {options.reference}")
    for note in task.notes:
        print(f"  {note}")
    print("Complete spec.md, then")
    print(f"  itertl-eval check {task.folder}")
    return 0
