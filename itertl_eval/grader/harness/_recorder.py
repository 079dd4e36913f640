"""Run the scripts of a harness and record what they ask of cocotb's runner.

This is a separate program: it is copied into a folder and runs in the sandbox, with nothing of
this package in reach. Its argument is a JSON file with `script`, `pytest`, `options`, `path`,
`environment`, `seed` and `output`; the output holds what `build` and `test` were called with, and
what failed.
"""

from __future__ import annotations

import json
import os
import random
import runpy
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

_FORBIDDEN = {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork"}
events: list[dict[str, Any]] = []
failures: list[str] = []
before: dict[str, str] = {}
"""The environment without the harness's variables."""


def plain(value: Any) -> Any:
    """Return an argument as JSON can hold it; numbers and paths as cocotb would print them."""
    if isinstance(value, dict):
        return {str(name): str(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def arguments(names: str, given: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by name."""
    pairs = dict(zip(names.split(), given, strict=False)) | named
    return {name: plain(value) for name, value in pairs.items()}


class Recorder:
    """In place of cocotb's runner: every build and every test succeeds."""

    def __init__(self, simulator: str) -> None:
        self.simulator = simulator
        self.built: dict[str, Any] | None = None

    def build(self, *given: Any, **named: Any) -> None:
        """Record what is compiled."""
        self.built = arguments("hdl_library verilog_sources vhdl_sources", given, named)
        self.built["simulator"] = self.simulator
        events.append({"build": self.built})

    def test(self, *given: Any, **named: Any) -> Path:
        """Record what is simulated."""
        asked = arguments("test_module hdl_toplevel", given, named)
        changed = {name: text for name, text in os.environ.items() if before.get(name) != text}
        events.append({"build": self.built, "test": asked, "environment": changed})
        return Path("results.xml").absolute()


def runner_module(name: str) -> ModuleType:
    """Return a module in place of cocotb's own `runner`."""
    module = ModuleType(name)
    vars(module).update(
        get_runner=Recorder,
        Icarus=lambda: Recorder("icarus"),
        get_results=lambda *_: (1, 0),
        check_results_file=lambda *_: None,
        Verilog=str,
        VHDL=str,
    )
    return module


class Outcomes:
    """A plugin of pytest that notes which test functions failed."""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note a failure."""
        if report.failed:
            failures.append(f"{report.nodeid}: {str(report.longreprtext).splitlines()[-1:]}")

    def pytest_collectreport(self, report: Any) -> None:
        """Note a script that can't be imported."""
        if report.failed:
            failures.append(str(report.longreprtext)[-500:])


def forbid(event: str, _: Any) -> None:
    """Refuse to start programs: a harness that does more than simulate is not understood."""
    if event in _FORBIDDEN:
        raise RuntimeError(f"the harness starts a program ({event})")


def settle(seed: int) -> None:
    """Make chance and the clock the same in every run."""
    plant = random.seed
    random.seed = lambda a=None, version=2: plant(
        seed if a is None or isinstance(a, float) else a, version
    )
    time.time = lambda: 1_700_000_000.0 + seed
    random.seed(seed)


def run(script: str, by_pytest: bool, options: list[str]) -> None:
    """Run a script as pytest or as Python does."""
    if by_pytest:
        import pytest

        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        given = ["-q", *options, "--rootdir", str(Path(script).parent), script]
        code = pytest.main(given, plugins=[Outcomes()])
        if code and not failures:
            failures.append(f"pytest ended with {code!r}")
        return
    sys.argv = [script]
    sys.path.insert(0, str(Path(script).parent))
    runpy.run_path(script, run_name="__main__")


def main() -> None:
    """Run the script that the job names, and write what it asked for."""
    if os.environ.get("PYTHONHASHSEED") != "0":  # or the order of a set might differ
        variables = {**os.environ, "PYTHONHASHSEED": "0"}
        os.execve(sys.executable, [sys.executable, "-B", *sys.argv], variables)
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    before.update(os.environ)
    os.environ.update(job["environment"])
    sys.path[1:1] = job["path"]
    for name in ("cocotb_tools.runner", "cocotb.runner"):
        sys.modules[name] = runner_module(name)
    settle(job["seed"])
    sys.addaudithook(forbid)
    try:
        run(job["script"], job["pytest"], job["options"])
    except BaseException as error:
        if not (isinstance(error, SystemExit) and not error.code):
            failures.append(f"{type(error).__name__}: {error}")
    recorded = {"events": events, "failures": failures}
    Path(job["output"]).write_text(json.dumps(recorded), encoding="utf-8")


if __name__ == "__main__":
    main()
