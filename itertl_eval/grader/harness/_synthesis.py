"""The part of a harness that grades what Yosys makes of a design (CVDP's cid007).

The harness's own script decides. It never sees Yosys's log, into which a design can print, but one
that holds only counts of ours. The counts to improve on are those of the row's own files, with the
Yosys that is installed: the published ones are of another version, which an unchanged design may
already fall below.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from itertl_eval._util.testbench_files import files_digest
from itertl_eval._util.yosys import python, readable, yosys_folder
from itertl_eval.grader._cache import grader_digest, key_of, verdict_cache
from itertl_eval.grader.harness._places import is_library, moved, write
from itertl_eval.grader.harness._plan import PYTEST_OPTIONS, HarnessError
from itertl_eval.grader.isolation import Ending, Log, Workspace
from itertl_eval.harness import Harness, Service

HINT = "pip install 'itertl-eval[synth]' brings Yosys, which grades the rows of cvdp_qor"
_SECONDS = 120.0
"""Wall time of one synthesis; the published limit is 600 s for the service."""
_PUBLISHED = re.compile(r"(WIRES|CELLS|MEMORIES|PROCESSES)")
"""Variables that hold the counts of the row's own files, as somebody measured them."""
_HIDING = re.compile(r"\b(?:SYNTHESIS|YOSYS|FORMAL)\b|\btranslate(?=_o(?:ff|n)\b)")
"""Macros that only Yosys defines, and comments that only it obeys. Renamed, they hide nothing."""
_scripts: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Synthesized:
    """What Yosys made of a design: counts by kind and the netlist as it reads it, or a `fault`.

    `lost` marks a fault that may be the machine's: it ran out of time or ended without a word.
    """

    counts: Mapping[str, int]
    netlist: str = ""
    fault: str = ""
    lost: bool = False


def require_yosys() -> None:
    """Raise HarnessError where Yosys is not installed."""
    if not yosys_folder():
        raise HarnessError(f"the row is graded by synthesis too, and pyosys is missing: {HINT}")


def yosys_version() -> str:
    """Return the version of pyosys, or "" where it is not installed."""
    return version("pyosys") if yosys_folder() else ""


def baseline_of(harness: Harness, service: Service, *, unsafe: bool) -> Synthesized:
    """Return what Yosys makes of the row's own files; it is kept in the cache.

    Raises:
        HarnessError: The harness can't be run here.
        OSError: The sandbox could not be started.
    """
    facts = (
        files_digest(harness.folder / service.script, [harness.folder]),
        harness.digest,
        service.name,
    )
    key = key_of("synthesis", *facts, yosys_version(), grader_digest())
    row = verdict_cache().get(key)
    if row is None:
        found = synthesize(harness, service, {}, unsafe=unsafe)
        if found.lost:
            return found
        row = {"counts": dict(found.counts), "netlist": found.netlist, "fault": found.fault}
        verdict_cache().put(key, row)
    return Synthesized(row["counts"], row["netlist"], row["fault"])


def synthesize(
    harness: Harness, service: Service, written: Mapping[str, str], *, unsafe: bool
) -> Synthesized:
    """Run the Yosys script of a service on the row's files with those of a completion.

    Args:
        harness: The harness.
        service: Its service that synthesizes.
        written: The files of the completion, by path.
        unsafe: Run without restricting access to files.

    Raises:
        HarnessError: The harness can't be run here.
        OSError: The sandbox could not be started.
    """
    require_yosys()
    script = harness.folder / _script(harness, service, unsafe)
    with tempfile.TemporaryDirectory(prefix="itertl-synthesis-") as own, Log() as log:
        folder = Path(own)
        (folder / "code" / "rundir").mkdir(parents=True)
        for path, text in {**harness.context, **written}.items():
            write(folder, f"code/{path}", _HIDING.sub(r"\g<0>_", text))
        lines = [line.strip() for line in script.read_text(encoding="utf-8").splitlines()]
        passes = [moved(line, folder) for line in lines if line and not line.startswith("#")]
        job = {"pyosys": yosys_folder(), "passes": passes, "top": service.environment["TOPLEVEL"]}
        write(folder, "job.json", json.dumps(job))
        program = Path(__file__).with_name("_synthesizer.py")
        readables = [*readable(program), "/bin/sh"]  # Yosys starts ABC with it
        workspace = Workspace(folder, {"python": python()}, readables, unsafe)
        ending = workspace.run([["python", "-I", "-S", str(program)]], log, log, _SECONDS)
        said = log.read().decode(errors="replace")
        if not (folder / "begun").exists():
            raise OSError(f"Yosys did not start: {said.strip()[-300:]}")
        if ending is not Ending.DONE:
            return Synthesized({}, fault=f"Yosys was stopped: {ending.value}", lost=True)
        try:
            counts = json.loads((folder / "counts.json").read_bytes())
            netlist = (folder / "netlist.v").read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError):
            _, error, words = said.partition("ERROR:")
            if not error:
                return Synthesized({}, fault="Yosys ended without a result", lost=True)
            fault = words.partition("\n")[0].strip().replace(f"{folder}/", "")
            return Synthesized({}, fault=f"it can't be synthesized: {fault}")
        return Synthesized(counts, netlist)


def refusal(
    harness: Harness, service: Service, counts: Mapping[str, int], base: Synthesized, unsafe: bool
) -> str:
    """Return why the harness's script does not accept these counts; "" if it does.

    Raises:
        HarnessError: The script is not understood.
        OSError: The sandbox could not be started.
    """
    return "; ".join(_run_rule(harness, service, counts, base.counts, unsafe)["failures"])


def _script(harness: Harness, service: Service, unsafe: bool) -> str:
    """Return the Yosys script that a service runs, as a path below the harness's folder."""
    key = str(harness.folder), service.name
    if key not in _scripts:
        _scripts[key] = _find_script(harness, service, unsafe)
    return _scripts[key]


def _find_script(harness: Harness, service: Service, unsafe: bool) -> str:
    found = _run_rule(harness, service, dict.fromkeys(("wires", "cells"), 1), {}, unsafe)
    commands = found["commands"]
    if len(commands) != 1 or not (harness.folder / commands[0][2]).is_file():
        reason = [*found["failures"], f"it runs {[shlex.join(words) for words in commands]}"][0]
        raise HarnessError(f"the harness's {service.script} is not understood: {reason}")
    return str(commands[0][2])


def _run_rule(
    harness: Harness,
    service: Service,
    counts: Mapping[str, int],
    before: Mapping[str, int],
    unsafe: bool,
) -> dict[str, Any]:
    """Run the script of a service with these counts after and before; see `_rule`."""
    variables = {
        name: str(before.get(name.lower(), text)) if _PUBLISHED.fullmatch(name) else text
        for name, text in service.environment.items()
    }
    with tempfile.TemporaryDirectory(prefix="itertl-rule-") as own, Log() as log:
        folder = Path(own)
        (folder / "code" / "rundir").mkdir(parents=True)
        for file in harness.folder.rglob("*.py"):
            text = moved(file.read_text(encoding="utf-8"), folder)
            write(folder, f"src/{file.relative_to(harness.folder)}", text)
        job = {
            "script": str(folder / "src" / service.script),
            "environment": variables,
            "counts": dict(counts),
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
        prefix = f"{folder}/src/"
        found["commands"] = [[w.removeprefix(prefix) for w in c] for c in found["commands"]]
        return found
