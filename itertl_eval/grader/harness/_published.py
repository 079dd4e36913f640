"""CVDP's published verdict where it can run without Docker: the exit codes of a row's scripts.

The scripts run as in the published container, with cocotb's own runner, pytest and no seeds of
ours, in the sandbox of this project. The folders /code and /src are folders in a private place;
their names in the scripts are replaced. A design can forge this verdict.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from itertl_eval.grader.compile import find_icarus
from itertl_eval.grader.harness._places import is_library, moved, write
from itertl_eval.grader.harness._plan import PYTEST_OPTIONS
from itertl_eval.grader.isolation import FLOODED, Ending, Log, Workspace
from itertl_eval.harness import Harness, Service
from itertl_eval.problem import Problem

SECONDS = 600.0
"""The published limit of wall time for one service."""
_FENCE = re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LAUNCHER = """\
import json, os, subprocess, sys
job = json.load(open(sys.argv[1]))
os.environ.update(job["environment"])
done = subprocess.run(job["command"], cwd=job["cwd"])
open(job["output"], "w").write(str(done.returncode))
"""


def published_files(harness: Harness, completion: str) -> dict[str, str] | None:
    """Return the files in a completion by CVDP's rules; None if it has no readable JSON.

    One file is the first fenced block, or the whole text. Several are between the first and the
    last brace, once control characters are deleted.
    """
    if len(harness.targets) == 1:
        block = _FENCE.search(completion)
        return {harness.targets[0]: block[1] if block else completion}
    text = completion[completion.find("{") : completion.rfind("}") + 1]
    try:
        entries = json.loads(_CONTROL.sub("", text))["code"]
        files = {str(name): str(code) for entry in entries for name, code in entry.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return {path: text for path, text in files.items() if path in harness.targets}


def published_label(
    problem: Problem, completion: str, *, seconds: float = SECONDS, unsafe: bool = False
) -> str:
    """Return "passed", "not graded: ..." or why a completion fails by the published protocol.

    Args:
        problem: A problem with a harness.
        completion: What the model wrote.
        seconds: Wall time for each service.
        unsafe: Run without restricting access to files.

    Raises:
        OSError: The scripts could not be started.
    """
    harness = problem.harness
    assert harness is not None
    if harness.refused:
        return f"not graded: {harness.refused}"
    if synthesized := [service.script for service in harness.services if service.synthesis]:
        return f"not graded: {synthesized[0]} reads the log of Yosys 0.40, which later ones lack"
    for service in harness.services:
        if "cocotb.runner" in (harness.folder / service.script).read_text(encoding="utf-8"):
            return f"not graded: {service.script} needs the runner of cocotb 1"
    written = published_files(harness, completion)
    if written is None:
        return "failed: no readable JSON"
    failed = []
    for service in harness.services:
        with tempfile.TemporaryDirectory(prefix="itertl-published-") as own:
            outcome = _run(Path(own), harness, service, written, seconds, unsafe)
        if outcome:
            failed.append(f"{service.name}: {outcome}")
    return f"failed: {'; '.join(failed)}" if failed else "passed"


def _run(
    folder: Path,
    harness: Harness,
    service: Service,
    written: Mapping[str, str],
    seconds: float,
    unsafe: bool,
) -> str:
    """Run one service; return "" if its script ends with exit code 0, or how it ends."""
    for name in ("rtl", "docs", "verif", "rundir"):
        (folder / "code" / name).mkdir(parents=True)
    for path, text in {**harness.context, **written}.items():
        write(folder, f"code/{path}", text)
    for file in harness.folder.rglob("*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            write(folder, f"src/{file.relative_to(harness.folder)}", moved(text, folder))
    icarus = find_icarus()
    tools = (icarus.iverilog, icarus.vvp)
    script = str(folder / "src" / service.script)
    pytest = ["-m", "pytest", "-q", *PYTEST_OPTIONS] if service.pytest else []
    variables = {name: moved(text, folder) for name, text in service.environment.items()}
    variables["PATH"] = ":".join([*(str(Path(tool).parent) for tool in tools), "/usr/bin", "/bin"])
    variables["WAVES"] = "0"  # their writer needs /tmp
    variables["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    job = {
        "command": [sys.executable, "-B", *pytest, script],
        "environment": variables,
        "cwd": str(folder / "code" / "rundir"),
        "output": str(folder / "exit"),
    }
    write(folder, "launcher.py", _LAUNCHER)
    write(folder, "job.json", json.dumps(job))
    readable = [sys.executable, os.path.realpath(sys.executable), sys.prefix, sys.base_prefix]
    readable += ["/bin/sh", icarus.base, *tools, *filter(is_library, sys.path)]
    workspace = Workspace(folder, {"python": sys.executable}, readable, unsafe)
    with Log() as log:
        ending = workspace.run([["python", "-B", "launcher.py", "job.json"]], log, log, seconds)
    if ending is Ending.TIMEOUT:
        return "timed out"
    if ending is Ending.FLOODED:
        return FLOODED
    try:
        code = (folder / "exit").read_text()
    except OSError:
        code = "?"
    return "" if code == "0" else f"exit code {code}"
