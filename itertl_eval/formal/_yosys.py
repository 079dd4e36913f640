"""Run the prover in the sandbox."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from itertl_eval._util.yosys import python, yosys_folder
from itertl_eval._util.yosys import readable as readable_by_yosys
from itertl_eval.errors import InfrastructureError
from itertl_eval.formal import _prover
from itertl_eval.formal._assignments import readable
from itertl_eval.grader import Ending, Log, Workspace, sandbox_status, unsafe
from itertl_eval.problem import Problem
from itertl_eval.verilog import expected_ports

HINT = "pip install 'itertl-eval[formal]' brings Yosys, which proves mutants equivalent or not"


def available() -> bool:
    """Whether Yosys is installed."""
    return bool(yosys_folder())


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
        "pyosys": yosys_folder(),
    }
    with (
        tempfile.TemporaryDirectory(prefix="itertl-formal-", ignore_cleanup_errors=True) as own,
        Log() as log,
    ):
        here = Path(own)
        for name, text in (("gold", problem.reference), ("gate", candidate)):
            (here / f"{name}.sv").write_text(readable(text), encoding="utf-8")
        (here / "job.json").write_text(json.dumps(job), encoding="utf-8")
        program = Path(str(_prover.__file__))
        workspace = Workspace(here, {"python": python()}, readable_by_yosys(program), unsafe())
        command = ["python", "-I", "-S", str(program)]
        try:
            ending = workspace.run([command], None, log, 3 * seconds)
        except OSError as error:
            raise InfrastructureError(f"the prover could not be run: {error}") from error
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
