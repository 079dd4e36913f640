"""itertl-eval new: scaffold a task folder."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

import yaml

from itertl_eval._util.printable import counted
from itertl_eval.authoring import Extras, new_task, new_task_from_files
from itertl_eval.errors import UsageError
from itertl_eval.problem import ParameterValue
from itertl_eval.suites import parameter_value


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "new", help="scaffold a task: specification, reference, cocotb testbench, lm-eval YAML"
    )
    parser.add_argument("name", help="the task's and the module's name")
    parser.add_argument("--dir", type=Path, default=Path(), help="where to put it (default: here)")
    parser.add_argument(
        "--reference",
        type=Path,
        nargs="+",
        metavar="FILE.sv",
        help="a design that exists: ports, clock and resets are read from it, and without --test "
        "a testbench is recorded from it",
    )
    parser.add_argument(
        "--test",
        type=Path,
        metavar="TEST.py",
        help="a cocotb test module that exists, for the design; it is copied as it is",
    )
    parser.add_argument(
        "--prove",
        action="store_true",
        help="with --reference alone: prove of each mutant that the testbench misses that it "
        "changes nothing, or add the counterexample to the test (the extra `formal`)",
    )
    more = parser.add_argument_group("with --test")
    more.add_argument("--top", help="the top module, if the design has several")
    more.add_argument(
        "--beside",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="files, packages, and folders of modules, that the test needs beside it",
    )
    more.add_argument(
        "--given",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE.sv",
        help="files that are compiled with every completion: the rest of the design",
    )
    more.add_argument(
        "--include",
        type=Path,
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="folders of files that the design includes",
    )
    pair = "NAME=VALUE"
    more.add_argument("--define", nargs="+", default=[], metavar=pair, help="macros")
    more.add_argument(
        "--parameter", nargs="+", default=[], metavar=pair, help="values of parameters"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    _refuse_idle(options)
    if options.test is not None:
        return _from_files(options)
    if options.reference is not None:
        return _from_reference(options)
    created = new_task(options.name, options.dir)
    folder = shlex.quote(str(created))
    print(
        f"created {created}: a small working example. Edit spec.md, reference.sv and the test, then"
    )
    print(f"  itertl-eval check {folder}")
    print(f"  pytest {folder}")
    print(f"  lm_eval --tasks {options.name} --include_path {folder} --model ...")
    return 0


def _refuse_idle(options: argparse.Namespace) -> None:
    """Refuse options that would change nothing."""
    if options.prove and (options.test is not None or options.reference is None):
        raise UsageError("--prove is for a testbench that is made: it needs --reference alone")
    for name in ("top", "beside", "given", "include", "define", "parameter"):
        if getattr(options, name) and options.test is None:
            raise UsageError(f"--{name} needs --reference and --test: a test that exists")


def _from_files(options: argparse.Namespace) -> int:
    if options.reference is None:
        raise UsageError("--test needs --reference: the design that the test is for")
    extras = Extras(
        top=options.top,
        beside=options.beside,
        given=options.given,
        include=options.include,
        defines=_pairs("--define", options.define),
        parameters={
            name: _value(name, text)
            for name, text in _pairs("--parameter", options.parameter).items()
        },
    )
    task = new_task_from_files(options.name, options.dir, options.reference, options.test, extras)
    print(f"created {task.folder}: module {task.top} with {counted(len(task.ports), 'port')}")
    for note in task.notes:
        print(f"  {note}")
    if task.parameters:
        print(f"  parameters: {', '.join(task.parameters)}; problem.yaml can list settings of them")
    print("Complete spec.md, put files that the test reads beside it, then")
    print(f"  itertl-eval check {shlex.quote(str(task.folder))}")
    return 0


def _pairs(option: str, pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise UsageError(f"{option} {pair}: expected NAME=VALUE")
    return dict(pair.split("=", 1) for pair in pairs)


def _value(name: str, text: str) -> ParameterValue:
    try:
        return parameter_value(yaml.safe_load(text))
    except (ValueError, yaml.YAMLError) as error:
        raise UsageError(f"--parameter {name}={text}: {error}") from None


def _from_reference(options: argparse.Namespace) -> int:
    from itertl_eval.from_reference import new_task_from_design

    if len(options.reference) > 1:
        raise UsageError("a testbench is recorded from one file; give --test for a design of many")
    [file] = options.reference
    task = new_task_from_design(options.name, options.dir, file, prove=options.prove)
    print(f"created {task.folder} from {file}")
    for note in task.notes:
        print(f"  {note}")
    print("Complete spec.md, then")
    print(f"  itertl-eval check {shlex.quote(str(task.folder))}")
    return 0
