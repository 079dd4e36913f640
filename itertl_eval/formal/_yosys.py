"""Run the prover in the sandbox."""

from __future__ import annotations

import importlib.util
import json
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.formal import _prover
from itertl_eval.formal._assignments import readable
from itertl_eval.grader import Ending, Log, Workspace, sandbox_status, unsafe
from itertl_eval.problem import Problem
from itertl_eval.verilog import expected_ports

HINT = "pip install 'itertl-eval[formal]' brings Yosys, which proves mutants equivalent or not"


@cache
def _yosys_folder() -> str:
    """Return the folder of pyosys, or "" where it is not installed."""
    spec = importlib.util.find_spec("pyosys")
    return str(Path(spec.origin).parent) if spec is not None and spec.origin else ""


def available() -> bool:
    """Whether Yosys is installed."""
    return bool(_yosys_folder())


def require_yosys() -> None:
    """Raise InfrastructureError where there is no Yosys, or no sandbox to run it in."""
    if not available():
        raise InfrastructureError(f"pyosys is not installed; {HINT}")
    if not unsafe() and not sandbox_status().files:
        raise InfrastructureError(f"no proof without a sandbox: {sandbox_status().refusal}")


def run_prover(
    problem: Problem,
    candidate: str,
    *,
    one_hot: Sequence[str],
    forget_initial: bool,
    seconds: int,
) -> dict[str, Any]:
    """Return what the prover found: its `status`, or under `unsupported` why it found nothing.

    Args:
        problem: Its reference, top module, ports and first setting of the parameters.
        candidate: The design to compare with the reference.
        one_hot: Inputs that have exactly one bit set.
        forget_initial: Let the registers of the reference be X at power-on.
        seconds: Wall time for each question to the model checker, and a third of the whole.

    Raises:
        InfrastructureError: The prover is not installed or can't be run here.
    """
    require_yosys()
    folder = _yosys_folder()
    parameters = dict(problem.parameters[0]) if problem.parameters else {}
    ports = expected_ports(problem, parameters)
    if any(port.direction == "inout" or port.width < 1 for port in ports):
        return {"unsupported": "a port that is inout or no vector of bits"}
    job = {
        "top": problem.top,
        "parameters": parameters,
        "inputs": {port.name: port.width for port in ports if port.direction == "input"},
        "outputs": {port.name: port.width for port in ports if port.direction == "output"},
        "one_hot": list(one_hot),
        "forget_initial": forget_initial,
        "seconds": seconds,
        "pyosys": folder,
    }
    with (
        tempfile.TemporaryDirectory(prefix="itertl-formal-", ignore_cleanup_errors=True) as own,
        Log() as log,
    ):
        here = Path(own)
        for name, text in (("gold", problem.reference), ("gate", candidate)):
            (here / f"{name}.sv").write_text(readable(text), encoding="utf-8")
        (here / "job.json").write_text(json.dumps(job), encoding="utf-8")
        workspace = Workspace(here, {"python": _python()}, _readable(folder), unsafe())
        command = ["python", "-I", "-S", str(_prover.__file__)]
        try:
            ending = workspace.run([command], None, log, 3 * seconds)
        except OSError as error:
            raise InfrastructureError(f"the prover did not start: {error}") from error
        if ending is Ending.TIMEOUT:
            return {"status": "late"}
        text = log.read().decode(errors="replace")
        if not (here / "begun").exists():
            raise InfrastructureError(f"the prover did not start: {text.strip()[-300:]}")
        return _result(here / "result.json", text)


def _result(file: Path, log: str) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        errors = [line.partition("ERROR: ")[2] for line in log.splitlines() if "ERROR: " in line]
        last = log.strip().splitlines()[-1:]
        return {"unsupported": f"Yosys can't read it: {(errors or last or ['no message'])[0]}"}
    assert isinstance(found, dict)
    return found


def _python() -> str:
    """The interpreter itself: a virtual environment's link leads outside the sandbox."""
    return str(Path(sys.executable).resolve())


def _readable(folder: str) -> list[str]:
    library = Path(
        sysconfig.get_config_var("LIBDIR") or "/", str(sysconfig.get_config_var("INSTSONAME"))
    )
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    return [_python(), str(library), *sorted(standard), folder, str(_prover.__file__)]
