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
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from itertl_eval._util.testbench_files import files_digest
from itertl_eval._util.yosys import python, readable, yosys_folder
from itertl_eval.grader._cache import grader_digest, key_of, verdict_cache
from itertl_eval.grader.harness._places import HIDING, MACROS, moved, write
from itertl_eval.grader.harness._plan import HarnessError
from itertl_eval.grader.harness._programs import run_script
from itertl_eval.grader.isolation import Ending, Log, Workspace
from itertl_eval.harness import Harness, Service, Simulation

HINT = "pip install 'itertl-eval[synth]' brings Yosys, which grades the rows of cvdp_qor"
Settings = Sequence[Mapping[str, str]]
"""Values of the top module's parameters, for each reading of a design."""
_PLAIN = re.compile(r"[\w']+|\"[^\"\s\\]*\"")
_SECONDS = 120.0
"""Wall time of one synthesis; the published limit is 600 s for the service."""
_PUBLISHED = re.compile(r"(WIRES|CELLS|MEMORIES|PROCESSES)")
"""Variables that hold the counts of the row's own files, as somebody measured them."""
_scripts: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Synthesized:
    """What Yosys made of a design: counts by kind, or a `fault`.

    `netlists` has the design as Yosys reads it for each setting; "" where it could not be read,
    for the reason `unread`. `lost` marks a fault that may be the machine's: it ran out of time or
    ended without a word.
    """

    counts: Mapping[str, int]
    netlists: tuple[str, ...] = ()
    unread: str = ""
    fault: str = ""
    lost: bool = False


def require_yosys() -> None:
    """Raise HarnessError where Yosys is not installed."""
    if not yosys_folder():
        raise HarnessError(f"the row is graded by synthesis too, and pyosys is missing: {HINT}")


def yosys_version() -> str:
    """Return the version of pyosys, or "" where it is not installed."""
    return version("pyosys") if yosys_folder() else ""


def settings_of(simulations: Iterable[Simulation]) -> tuple[Mapping[str, str], ...]:
    """Return the distinct settings of simulations, but for those that Yosys can't be given."""
    asked = {tuple(simulation.parameters.items()): None for simulation in simulations}
    return tuple(dict(each) for each in asked if all(_PLAIN.fullmatch(v) for _, v in each))


def baseline_of(
    harness: Harness, service: Service, settings: Settings, *, unsafe: bool
) -> Synthesized:
    """Return what Yosys makes of the row's own files; it is kept in the cache.

    Raises:
        HarnessError: The harness can't be run here.
        OSError: The sandbox could not be started.
    """
    facts = (
        files_digest(harness.folder / service.script, [harness.folder]),
        harness.digest,
        service.name,
        json.dumps([dict(setting) for setting in settings]),
    )
    key = key_of("synthesis", *facts, yosys_version(), grader_digest())
    row = verdict_cache().get(key)
    if row is None:
        found = synthesize(harness, service, {}, settings, unsafe=unsafe)
        if found.lost:
            return found
        row = {
            "counts": dict(found.counts),
            "netlists": list(found.netlists),
            "unread": found.unread,
            "fault": found.fault,
        }
        verdict_cache().put(key, row)
    return Synthesized(row["counts"], tuple(row["netlists"]), row["unread"], row["fault"])


def synthesize(
    harness: Harness,
    service: Service,
    written: Mapping[str, str],
    settings: Settings,
    *,
    unsafe: bool,
) -> Synthesized:
    """Run the Yosys script of a service on the row's files with those of a completion.

    Args:
        harness: The harness.
        service: Its service that synthesizes.
        written: The files of the completion, by path.
        settings: Values of the top module's parameters, for each reading of the design.
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
            write(folder, f"code/{path}", HIDING.sub(r"_\g<0>", text))
        lines = [line.strip() for line in script.read_text(encoding="utf-8").splitlines()]
        passes = [moved(line, folder) for line in lines if line and not line.startswith("#")]
        job = {
            "pyosys": yosys_folder(),
            "passes": passes,
            "top": service.environment["TOPLEVEL"],
            "settings": [dict(setting) for setting in settings],
            "macros": [f"verilog_defines {' '.join(MACROS)}"],
        }
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
        _, error, words = said.partition("ERROR:")
        fault = words.partition("\n")[0].strip().replace(f"{folder}/", "")
        try:
            counts = json.loads((folder / "counts.json").read_bytes())
        except (OSError, ValueError):
            if not error:
                return Synthesized({}, fault="Yosys ended without a result", lost=True)
            return Synthesized({}, fault=f"it can't be synthesized: {fault}")
        files = [folder / f"netlist_{number}.v" for number in range(len(settings))]
        netlists = [file.read_text(encoding="utf-8") if file.exists() else "" for file in files]
        if "" in netlists and not error:
            return Synthesized({}, fault="Yosys ended without a result", lost=True)
        return Synthesized(counts, tuple(netlists), unread=fault)


def refusal(
    harness: Harness, service: Service, counts: Mapping[str, int], base: Synthesized, unsafe: bool
) -> str:
    """Return why the harness's script does not accept these counts; "" if it does.

    Raises:
        HarnessError: The script is not understood.
        OSError: The sandbox could not be started.
    """
    variables = _variables(service, base.counts)
    return "; ".join(run_script(harness, service, variables, counts=counts, unsafe=unsafe)[1])


def _script(harness: Harness, service: Service, unsafe: bool) -> str:
    """Return the Yosys script that a service runs, as a path below the harness's folder."""
    key = str(harness.folder), service.name
    if key not in _scripts:
        _scripts[key] = _find_script(harness, service, unsafe)
    return _scripts[key]


def _find_script(harness: Harness, service: Service, unsafe: bool) -> str:
    counts = dict.fromkeys(("wires", "cells"), 1)
    commands, failures = run_script(
        harness, service, _variables(service, {}), counts=counts, unsafe=unsafe
    )
    path = commands[0][2].removeprefix("/src/") if len(commands) == 1 else ""
    if not path or not (harness.folder / path).is_file():
        reason = [*failures, f"it runs {[shlex.join(words) for words in commands]}"][0]
        raise HarnessError(f"the harness's {service.script} is not understood: {reason}")
    return path


def _variables(service: Service, before: Mapping[str, int]) -> dict[str, str]:
    """Return the variables of a service, with these counts in place of the published ones."""
    return {
        name: str(before.get(name.lower(), text)) if _PUBLISHED.fullmatch(name) else text
        for name, text in service.environment.items()
    }
