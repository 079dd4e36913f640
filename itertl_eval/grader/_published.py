"""The published protocol of VerilogEval v1 and v2, for numbers that compare with papers.

The verdict is the published one, its weaknesses included: a completion that prints the
verdict's line itself and ends the simulation passes, and in v1 so much as a warning fails.
Only the surroundings are ours: compiler and simulator run behind the sandbox with one private
folder, under limits of processor time, memory and file size, and the whole process group ends
with the time limit. The published harnesses put no limit on the compiler, so a completion
that they would never finish compiling is one that timed out here.

v1 takes a completion as it stands. v2 takes a model's answer and looks for the code in it by
the rules of its own generator script.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TypedDict

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader.compile import Icarus, find_icarus
from itertl_eval.grader.isolation import sandbox
from itertl_eval.problem import Problem, PublishedBench

SECONDS = 30.0
TOO_NEW = 13
OPTIONS = ("-Wall", "-Winfloop", "-Wno-timescale", "-g2012", "-s", "tb")
_MEMORY_MIB, _FILE_MIB = 4096, 1024
_TOOLS = ("/bin/sh", "/dev/null", "/dev/urandom")  # the iverilog driver starts its parts with sh

# Runs without site-packages: 30 ms. Says what went wrong through a pipe that exec closes.
_LAUNCHER = """\
import importlib.util, json, os, sys
job = json.loads(sys.argv[1])
os.set_inheritable(job["complaints"], False)
try:
    spec = importlib.util.spec_from_file_location("sandbox", job["sandbox"])
    sandbox = sys.modules["sandbox"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sandbox)
    sandbox.die_with_parent()
    sandbox.limit(**job["limits"])
    if not job["unsafe"]:
        sandbox.enter(sandbox.make_ruleset(
            [sandbox.Path(p) for p in job["readable"]], [sandbox.Path(p) for p in job["writable"]]
        ))
    for command in job["commands"][:-1]:
        os.spawnve(os.P_WAIT, command[0], command, job["environment"])
    os.execve(job["commands"][-1][0], job["commands"][-1], job["environment"])
except BaseException as error:
    os.write(job["complaints"], repr(error).encode())
    os._exit(1)
"""


class Official(TypedDict):
    """A published verdict: v1's result string or v2's letter as `label`."""

    passed: bool
    label: str


def published_bench(problem: Problem) -> PublishedBench:
    """The published bench of a problem. Raises UsageError where there is none."""
    if problem.published is None:
        raise UsageError(
            f"{problem.suite}/{problem.id} has no published harness; the official protocol is "
            "for VerilogEval's problems. Leave out --protocol official|both."
        )
    return problem.published


def official(
    problem: Problem, completion: str, *, seconds: float = SECONDS, unsafe: bool = False
) -> Official:
    """Judge a completion by the published protocol of the problem's benchmark.

    `seconds` is the published time limit; `unsafe` runs without the file wall. Raises
    UsageError when the problem has no published harness, InfrastructureError when this
    machine can't run it.
    """
    if not unsafe and not sandbox.sandbox_status().files:
        raise InfrastructureError(
            "This kernel has no Landlock (Linux 5.13 or newer), so a hostile design could read "
            "and write your files; ITERTL_EVAL_UNSAFE_NO_SANDBOX=1 accepts that."
        )
    bench, icarus = published_bench(problem), find_icarus()
    if int(icarus.version.split(".")[0]) >= TOO_NEW:
        raise InfrastructureError(
            f"{icarus.name} compiles none of the published benches, whatever the design "
            "(NVlabs/verilog-eval issue #9). Point ITERTL_EVAL_ICARUS at version 11 or 12, or "
            "leave out the official protocol."
        )
    with tempfile.TemporaryDirectory(prefix="itertl-official-", ignore_cleanup_errors=True) as own:
        room = _Room(Path(own), icarus, unsafe)
        judge = _v1 if bench.version == 1 else _v2
        label = judge(room, problem.id, bench, completion, seconds)
    return {"passed": label in ("passed", "."), "label": label}


def as_answer(problem: Problem, source: str) -> str:
    """A whole design as the published protocol takes it: continuing the header, or fenced (v2)."""
    header = problem.prompt.header
    if header and source.startswith(header):
        return source.removeprefix(header)
    return f"```\n{source}\n```\n"


# -- v1 -------------------------------------------------------------------------------------


def _v1(room: _Room, name: str, bench: PublishedBench, completion: str, seconds: float) -> str:
    """One file, one time limit around both tools, standard output and error apart."""
    try:
        text = f"{bench.test}\n{bench.header}\n{completion}".encode()
    except UnicodeEncodeError as error:
        return f"failed: {error}"
    (room.folder / f"{name}.sv").write_bytes(text)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        compiler = ["iverilog", *OPTIONS, "-o", "test.vvp", f"{name}.sv"]
        if not room.run([compiler, ["vvp", "-n", "test.vvp"]], out, err, seconds):
            return "timed out"
        try:
            return v1_label(_content(out).decode(), _content(err).decode())
        except (UnicodeDecodeError, ValueError) as error:
            return f"failed: {error}"


def v1_label(out: str, err: str) -> str:
    """v1's result string from what compiler and simulator wrote.

    Raises ValueError when the verdict's line has no numbers.
    """
    if "syntax error" in err:
        return "failed: syntax error."
    if err:
        return "failed: compile error."
    found = re.search(r"Mismatches: ([0-9]*) in ([0-9]*) samples", out)
    if found is None:
        return "failed: info string not matched."
    wrong, total = int(found[1]), int(found[2])
    return f"failed: {wrong} out of {total} samples." if wrong else "passed"


# -- v2 -------------------------------------------------------------------------------------

# The first line of the log that holds one of these decides; the order counts within a line.
_DECISIVE = (
    ("syntax error", "S"),
    ("error: This assignment requires an explicit cast", "e"),
    ("error: Sized numeric constant must have a size greater than zero", "0"),
    ("warning: always_comb process has no sensitivities", "n"),
    ("found no sensitivities so it will never trigger", "n"),
    ("is declared here as wire", "w"),
    ("Unknown module type", "m"),
    ("Unable to bind wire/reg/memory `clk'", "c"),
    ("TIMEOUT", "T"),
)
_LOOKS_ASYNCHRONOUS = ("posedge reset", "negedge reset", "posedge r)")


def _v2(room: _Room, name: str, bench: PublishedBench, completion: str, seconds: float) -> str:
    """Three files, one log for everything, the time limit around the simulator."""
    sample, stem = v2_sample(completion, bench.header), f"{name}_sample01"
    files = {
        f"{stem}.sv": sample.encode(errors="replace"),
        f"{name}_test.sv": bench.test.encode(),
        f"{name}_ref.sv": bench.reference.encode(),
    }
    for file, content in files.items():
        (room.folder / file).write_bytes(content)
    with tempfile.TemporaryFile() as log:
        done = room.run([["iverilog", *OPTIONS, "-o", stem, *files]], log, log, seconds)
        if done and (room.folder / stem).exists():
            done = room.run([["vvp", stem]], log, log, seconds)
        if not done:
            log.seek(0, os.SEEK_END)
            log.write(b"TIMEOUT\n")
        return v2_letter(_content(log).decode(errors="replace"), sample)


def v2_letter(log: str, sample: str) -> str:
    """v2's letter for a log and the design that it speaks of; "." is a pass."""
    error = unbound = matched = False
    for line in io.StringIO(log, newline=None):
        for words, letter in _DECISIVE:
            if words in line:
                return letter
        error |= "error" in line
        unbound |= "Unable to bind wire/reg" in line
        found = re.match(r"^Mismatches: (\d+) in \d+ samples$", line)
        matched |= found is not None and int(found[1]) == 0
    if unbound:
        return "p"
    if error:
        return "C"
    if matched:
        return "."
    lines = io.StringIO(sample, newline=None)
    return "r" if any(words in line for line in lines for words in _LOOKS_ASYNCHRONOUS) else "R"


def v2_sample(answer: str, interface: str) -> str:
    """The file that v2's generator script makes of a model's answer.

    With an `interface` (code completion) it goes first unless the answer declares the module
    itself; without one (spec-to-rtl) code is looked for between [BEGIN] and [DONE] first.
    """
    lines = answer.splitlines()
    if not interface:
        marked = _marked(lines)
        if marked is not None:
            return "\n".join(["", *marked, "", ""])
    ends = [k for k, line in enumerate(lines) if line.startswith("endmodule")]
    begins = [k for k, line in enumerate(lines) if line.startswith("module TopModule")]
    declared = bool(begins) and not (ends and ends[0] < begins[0])
    head = [f"{interface}\n"] if interface and not declared else []
    return "\n".join(["", *head, *_scanned(lines, declared), "", ""])


def _marked(lines: list[str]) -> list[str] | None:
    """The lines between the marks: none where the second is missing, None without the first."""
    start = next((k for k, line in enumerate(lines) if line.lstrip().startswith("[BEGIN]")), None)
    if start is None:
        return None
    first = lines[start].lstrip().replace("[BEGIN]", "")
    code = [first] if lines[start].strip() != "[BEGIN]" else []
    for line in lines[start + 1 :]:
        if line.rstrip().endswith("[DONE]"):
            last = line.rstrip().replace("[DONE]", "")
            return [*code, last] if line.strip() != "[DONE]" else code
        code.append(line)
    return []


def _scanned(lines: list[str], declared: bool) -> Iterator[str]:
    """What is inside the first pair of fences, or else up to and with the first endmodule."""
    fenced = sum(line.startswith("```") for line in lines) >= 2
    fences, begun, ended = 0, not declared, False
    for line in lines:
        begun = begun or line.strip().startswith("module TopModule")
        wanted = fences == 1 if fenced else begun and not ended
        if line.startswith("```"):
            fences += 1
            continue
        ended = ended or line.strip().startswith("endmodule")
        if wanted:
            yield line


# -- running tools ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Room:
    """A private folder and the walls around what runs in it."""

    folder: Path
    icarus: Icarus
    unsafe: bool

    def run(
        self, commands: list[list[str]], out: IO[bytes], err: IO[bytes], seconds: float
    ) -> bool:
        """Run tools one after the other, whatever they return; False when time was up first.

        Raises InfrastructureError when the walls don't stand and nothing was started.
        """
        reading, writing = os.pipe()
        job = {
            "commands": [[str(getattr(self.icarus, tool)), *rest] for tool, *rest in commands],
            "environment": {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": str(self.folder)},
            "limits": {"cpu": int(seconds) + 30, "memory": _MEMORY_MIB, "file": _FILE_MIB},
            "readable": _readable(self.icarus),
            "writable": [str(self.folder)],
            "sandbox": sandbox.__file__,
            "unsafe": self.unsafe,
            "complaints": writing,
        }
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _LAUNCHER, json.dumps(job)],
                cwd=self.folder, env={}, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                pass_fds=[writing], start_new_session=True,
            )  # fmt: skip
            os.close(writing)
            with os.fdopen(reading, "rb") as complaints:
                try:
                    process.wait(seconds)
                    done = True
                except subprocess.TimeoutExpired:
                    done = False
                finally:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                if complaint := complaints.read():
                    raise InfrastructureError(f"a tool was not started: {complaint.decode()}")
            return done
        except OSError as error:
            raise InfrastructureError(f"a tool was not started: {error}") from None


@cache
def _readable(icarus: Icarus) -> list[str]:
    """Tools and libraries, and nothing else of this machine."""
    return [*sandbox.SYSTEM, *_TOOLS, icarus.base, icarus.iverilog, icarus.vvp]


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
