"""Run the script of a harness that grades by a tool: by Yosys's log or Verilator's exit code.

The log only holds counts.

This is a separate program: it is copied into a folder and runs in the sandbox, with nothing of
this package in reach and without the design. Its argument is a JSON file with `script`,
`environment`, `counts`, `returned`, `options` and `output`. The output has the `commands` that the
script starts, and `failures`: why it does not accept these counts or this exit code.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

failures: list[str] = []
commands: list[list[str]] = []
_FORBIDDEN = {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork"}


class Outcomes:
    """A plugin of pytest that notes why test functions failed."""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note a failure."""
        if report.failed:
            lines = str(report.longreprtext).splitlines()
            errors = [line[1:].strip() for line in lines if line.startswith("E ")]
            failures.append([*errors, lines[-1]][0])

    def pytest_collectreport(self, report: Any) -> None:
        """Note a script that can't be imported."""
        if report.failed:
            failures.append(str(report.longreprtext)[-500:])


def main() -> None:
    """Run the script with the counts that the job names."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    log = "".join(f"   Number of {kind}: {count:17d}\n" for kind, count in job["counts"].items())

    def synthesize(command: Any, *_: Any, **__: Any) -> Any:
        words = shlex.split(command) if isinstance(command, str) else list(map(str, command))
        commands.append(words)
        if words[:1] == ["verilator"]:
            return subprocess.CompletedProcess(command, job["returned"])
        if words[:1] != ["yosys"] or words[1::2] != ["-s", "-l"] or len(words) != 5:
            raise RuntimeError(f"it runs {shlex.join(words)}, and not: yosys -s SCRIPT -l LOG")
        Path(words[4]).write_text(log, encoding="utf-8")
        return subprocess.CompletedProcess(command, 0)

    def forbid(event: str, _: Any) -> None:
        if event in _FORBIDDEN:
            raise RuntimeError(f"it starts a program ({event})")

    subprocess.run = synthesize  # type: ignore[assignment]
    os.environ.update(job["environment"], PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    sys.addaudithook(forbid)
    script = job["script"]
    given = ["-q", *job["options"], "--rootdir", str(Path(script).parent), script]
    code = pytest.main(given, plugins=[Outcomes()])
    if code and not failures:
        failures.append(f"pytest ended with {code!r}")
    recorded = {"commands": commands, "failures": failures}
    Path(job["output"]).write_text(json.dumps(recorded), encoding="utf-8")


if __name__ == "__main__":
    main()
