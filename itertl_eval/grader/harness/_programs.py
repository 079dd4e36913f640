"""Programs that a harness starts beside simulations: its scripts, and tools that they call."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from itertl_eval._util.yosys import python
from itertl_eval.grader.harness._places import is_library, moved, write
from itertl_eval.grader.harness._plan import PYTEST_OPTIONS, HarnessError
from itertl_eval.grader.isolation import Ending, Log, Workspace
from itertl_eval.harness import Harness, Service

_SECONDS = 120.0
_LAUNCHER = """\
import json, os, subprocess, sys
job = json.load(open(sys.argv[1]))
os.environ.update(job["environment"])
done = subprocess.run(job["command"], cwd=job["cwd"])
open(job["output"], "w").write(str(done.returncode))
"""


def exit_code(
    folder: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    readables: Sequence[str],
    *,
    log: Log,
    seconds: float,
    unsafe: bool,
) -> tuple[Ending, int | None]:
    """Run a program in the sandbox, in the folder code/rundir of a private one.

    Args:
        folder: The private folder.
        command: The program and its arguments.
        environment: Variables for it.
        readables: Files and folders that it may read besides `folder`.
        log: Receives what it prints.
        seconds: Wall time.
        unsafe: Run without restricting access to files.

    Returns:
        How it ended, and its exit code: negative for a signal, None where there is none.

    Raises:
        OSError: It could not be started.
    """
    job = {
        "command": list(command),
        "environment": dict(environment),
        "cwd": str(folder / "code" / "rundir"),
        "output": str(folder / "exit"),
    }
    write(folder, "launcher.py", _LAUNCHER)
    write(folder, "job.json", json.dumps(job))
    own = [sys.executable, python(), sys.prefix, sys.base_prefix]
    workspace = Workspace(folder, {"python": sys.executable}, [*own, *readables], unsafe)
    ending = workspace.run([["python", "-B", "launcher.py", "job.json"]], log, log, seconds)
    try:
        return ending, int((folder / "exit").read_text())
    except (OSError, ValueError):
        return ending, None


def run_script(
    harness: Harness,
    service: Service,
    environment: Mapping[str, str],
    *,
    counts: Mapping[str, int] | None = None,
    returned: int = 0,
    unsafe: bool,
) -> tuple[list[list[str]], list[str]]:
    """Run the script of a service that grades by a tool, without the design and without the tool.

    Args:
        harness: The harness.
        service: Its service.
        environment: Variables for the script.
        counts: What Yosys's log says of the design, by kind.
        returned: The exit code of the tool.
        unsafe: Run without restricting access to files.

    Returns:
        The commands that it starts, with the paths of the published container, and why it does not
        accept what the tool says.

    Raises:
        HarnessError: The script ended early.
        OSError: The sandbox could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="itertl-rule-") as own, Log() as log:
        folder = Path(own)
        (folder / "code" / "rundir").mkdir(parents=True)
        for file in harness.folder.rglob("*.py"):
            text = moved(file.read_text(encoding="utf-8"), folder)
            write(folder, f"src/{file.relative_to(harness.folder)}", text)
        job = {
            "script": str(folder / "src" / service.script),
            "environment": dict(environment),
            "counts": dict(counts or {}),
            "returned": returned,
            "options": PYTEST_OPTIONS,
            "output": str(folder / "output.json"),
        }
        write(folder, "job.json", json.dumps(job))
        write(folder, "rule.py", Path(__file__).with_name("_rule.py").read_text(encoding="utf-8"))
        readables = [sys.executable, python(), sys.prefix, sys.base_prefix]
        readables += filter(is_library, sys.path)
        workspace = Workspace(folder, {"python": sys.executable}, readables, unsafe)
        workspace.run([["python", "-B", "rule.py", "job.json"]], log, log, _SECONDS)
        try:
            found: dict[str, Any] = json.loads((folder / "output.json").read_bytes())
        except (OSError, ValueError):
            said = log.read().decode(errors="replace").strip()[-300:]
            raise HarnessError(f"the harness's {service.script} ended early: {said}") from None
        commands = [[w.replace(f"{folder}/", "/") for w in each] for each in found["commands"]]
        return commands, found["failures"]
