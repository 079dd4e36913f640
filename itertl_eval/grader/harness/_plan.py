"""The simulations of a harness: its scripts are run once with a recorder in cocotb's place."""

from __future__ import annotations

import json
import posixpath
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from itertl_eval.grader._cache import grader_digest, key_of, single_flight, verdict_cache
from itertl_eval.grader.harness._places import is_library
from itertl_eval.grader.isolation import Ending, Log, Workspace
from itertl_eval.harness import Harness, Service, Simulation
from itertl_eval.problem import Problem

SEED = 0
"""The seed of what a runner leaves to chance, such as the values of parameters."""
_SECONDS = 60.0
_CODE, _RUN, _SOURCE = "/code", "/code/rundir", "/src"
"""Where a harness expects the design, its working folder and its own files."""
_BUILD = {"hdl_toplevel", "sources", "verilog_sources", "includes", "defines", "parameters"}
_BUILD |= {"build_args", "timescale", "simulator"}
_TEST = {"test_module", "testcase", "test_filter", "seed", "plusargs", "extra_env"}
_IDLE = {"always", "build_dir", "clean", "cwd", "gpi_interfaces", "gui", "hdl_library", "log_file"}
_IDLE |= {"hdl_toplevel_lang", "hdl_toplevel_library", "results_xml", "test_dir", "verbose"}
_UNDERSTOOD = {*_BUILD, *_TEST, *_IDLE, "waves"}
"""Arguments of cocotb's runner that are done here, or that change nothing about a verdict."""
_WARNINGS = re.compile(r"-W[\w-]+|-g20\d\d(-sv)?|-gno-\w+")
_PRIVATE = re.compile(r"(PYTHON|PYTEST|LD_|GPI_|PYGPI|COCOTB_TEST|COCOTB_TOP|ITERTL)|PATH$|HOME$")
PYTEST_OPTIONS = [
    "--assert=plain",
    *("-pno:cacheprovider", "-pno:junitxml", "-pno:pastebin", "-pno:faulthandler", "-pno:logging"),
]
"""Options that leave out what a harness has no use for, or what the sandbox forbids."""
_known: dict[str, tuple[Simulation, ...]] = {}


class HarnessError(Exception):
    """A harness that can't be run here: what it asks for, or what is wrong with it."""


def simulations_of(problem: Problem, *, unsafe: bool = False) -> tuple[Simulation, ...]:
    """Return the simulations that the harness of a problem asks for, from the cache if known.

    Args:
        problem: A problem with a harness.
        unsafe: Run the harness's scripts without restricting access to files.

    Raises:
        HarnessError: The harness can't be run here.
        OSError: The sandbox could not be started.
    """
    harness = problem.harness
    assert harness is not None
    if harness.refused:
        raise HarnessError(harness.refused)
    simulating = [service for service in harness.services if not service.tool]
    key = key_of("harness", problem.digest, SEED, grader_digest())
    with single_flight(key):
        if key not in _known:
            row = verdict_cache().get(key)
            if row is None:
                recorded = [_record(harness, service, unsafe) for service in simulating]
                row = {"services": recorded}
                if not any(one.get("lost") for one in recorded):
                    verdict_cache().put(key, row)
            services = zip(simulating, row["services"], strict=True)
            found = [each for service, one in services for each in _read(harness, service, one)]
            _known[key] = tuple(found)
    return _known[key]


def _record(harness: Harness, service: Service, unsafe: bool) -> dict[str, Any]:
    """Run one script of a harness in the sandbox; return what it asked for and what failed.

    `lost` marks a failure that may be this machine's: the script was stopped or died.
    """
    with tempfile.TemporaryDirectory(prefix="itertl-harness-") as own:
        folder = Path(own)
        script = harness.folder / service.script
        job = {
            "script": str(script),
            "pytest": service.pytest,
            "environment": dict(service.environment),
            "path": [str(harness.folder)],
            "seed": SEED,
            "options": PYTEST_OPTIONS,
            "output": str(folder / "output.json"),
        }
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        recorder = Path(__file__).with_name("_recorder.py")
        (folder / "recorder.py").write_bytes(recorder.read_bytes())
        readable = [sys.executable, str(Path(sys.executable).resolve()), sys.prefix]
        readable += [sys.base_prefix, str(harness.folder), *filter(is_library, sys.path)]
        workspace = Workspace(folder, {"python": sys.executable}, readable, unsafe)
        with Log() as log:
            ending = workspace.run(
                [["python", "-B", "recorder.py", "job.json"]], log, log, _SECONDS
            )
            said = log.read().decode(errors="replace")[-400:]
        if ending is not Ending.DONE:
            stopped = f"{service.script}: {ending.value}"
            return {"events": [], "failures": [stopped], "lost": True}
        try:
            found: dict[str, Any] = json.loads((folder / "output.json").read_bytes())
        except (OSError, ValueError):
            early = f"{service.script} ended early: {said}"
            found = {"events": [], "failures": [early], "lost": True}
        return found


def _read(harness: Harness, service: Service, found: Mapping[str, Any]) -> Iterator[Simulation]:
    """Turn what a script has asked for into simulations."""
    if failures := found["failures"]:
        raise HarnessError(f"the harness's {service.script} fails by itself: {failures[0]}")
    tested = [event for event in found["events"] if "test" in event]
    builds = [event["build"] for event in found["events"] if "test" not in event]
    if not tested:
        raise HarnessError(f"the harness's {service.script} simulates nothing")
    if any(all(event["build"] != build for event in tested) for build in builds):
        raise HarnessError(f"the harness's {service.script} compiles what it never simulates")
    for event in tested:
        yield _simulation(harness, service, event)


def _simulation(harness: Harness, service: Service, event: Mapping[str, Any]) -> Simulation:
    build, test = event["build"] or {}, event["test"]
    unknown = [name for name, value in (build | test).items() if value and name not in _UNDERSTOOD]
    simulator = str(build.get("simulator", "none")).lower()
    if simulator != "icarus":
        raise HarnessError(f"the harness asks for the simulator {simulator!r}, not for Icarus")
    if unknown:
        raise HarnessError(f"the harness uses {', '.join(unknown)} of cocotb's runner")
    options = [text for text in build.get("build_args") or () if not _WARNINGS.fullmatch(text)]
    if options:
        raise HarnessError(f"the harness gives the compiler {' '.join(options)}")
    environment = {**event["environment"], **(test.get("extra_env") or {})}
    named = environment.get("COCOTB_RANDOM_SEED", environment.get("RANDOM_SEED"))
    seed = str(test.get("seed") or named or "")
    sources = [*(build.get("sources") or ()), *(build.get("verilog_sources") or ())]
    return Simulation(
        service=service.name,
        sources=tuple(dict.fromkeys(map(_path, sources))),
        top=str(test.get("hdl_toplevel") or build.get("hdl_toplevel")),
        module=_module(harness, service, test.get("test_module")),
        parameters=_texts(build.get("parameters")),
        defines=_texts(build.get("defines")),
        includes=tuple(map(_path, build.get("includes") or ())),
        timescale="/".join(build.get("timescale") or ()),
        plusargs=tuple(test.get("plusargs") or ()),
        environment={name: v for name, v in environment.items() if not _PRIVATE.match(name)},
        tests=_tests(test),
        seed=int(seed) if seed.isdecimal() else None,
    )


def _texts(values: Mapping[str, str] | None) -> dict[str, str]:
    if any("\n" in text for text in (values or {}).values()):
        raise HarnessError("the harness sets a parameter or macro to several lines")
    return dict(values or {})


def _path(text: str) -> str:
    """Return the path of a file of the row, such as "rtl/fifo.sv" or "src/bench.v"."""
    path = posixpath.normpath(posixpath.join(_RUN, text))
    for root, kept in ((f"{_CODE}/", ""), (f"{_SOURCE}/", "src/")):
        if path.startswith(root):
            return kept + path.removeprefix(root)
    raise HarnessError(f"the harness reads {text}, which is no file of its row")


def _module(harness: Harness, service: Service, name: object) -> str:
    """Return the file of a test module, below the harness's folder."""
    if not isinstance(name, str) or "," in name:
        raise HarnessError(f"the harness runs several test modules at once: {name}")
    python_path = service.environment.get("PYTHONPATH", _SOURCE).split(":")
    below = [posixpath.relpath(each, _SOURCE) for each in python_path if each.startswith(_SOURCE)]
    file = f"{name.replace('.', '/')}.py"
    for folder in (posixpath.dirname(service.script), *below, ""):
        if (harness.folder / folder / file).is_file():
            return posixpath.normpath(posixpath.join(folder, file))
    raise HarnessError(f"the harness has no test module {name}")


def _tests(test: Mapping[str, Any]) -> str:
    """Return the expression for the names of the tests to run, as cocotb forms it."""
    cases: str | Sequence[str] = test.get("testcase") or ()
    names = cases.split(",") if isinstance(cases, str) else cases
    return test.get("test_filter") or "|".join(rf"\b{re.escape(name)}$" for name in names)
