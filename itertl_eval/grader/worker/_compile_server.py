"""The preparer: one process of a worker that takes samples up to the simulation.

It shuts itself behind the walls once and then stays: nothing that a sample says is run in it,
only read, by policy, pyverilog, slang and, in a process of its own, the compiler. Of a fork for
each sample that would be the dearer half. When it dies over a sample, that is the sample's end
alone; the next one gets a new preparer.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import socket
from functools import partial
from io import BufferedReader
from pathlib import Path

from itertl_eval.grader._job import DESIGN, CompileJob, Send, attempt, clear
from itertl_eval.grader.compile import Icarus, vvp
from itertl_eval.grader.isolation import Watch, sandbox

_START_SECONDS = 120
_SAMPLES = 500
"""After so many a new one takes over: what its libraries may have lost goes with it."""


class Preparer:
    """Its owner's side. Use from one thread; call `close` at the end."""

    def __init__(self, icarus: Icarus, folder: Path, ruleset: int | None, cache: Path) -> None:
        """`folder` is where designs are compiled, all that `ruleset` leaves writable; `cache`
        keeps pyverilog's tables."""
        self.folder = folder
        self._cache = cache
        self._icarus = icarus
        self._ruleset = ruleset
        self._pid = 0
        self._channel: socket.socket | None = None
        self._left = 0
        self._spent = 0.0

    def run(
        self, job: dict, sample: CompileJob, master: socket.socket, requests: BufferedReader
    ) -> dict:
        """What became of the sample (see watch.Watch.run); "prepared" is true when DESIGN lies
        in the folder, ready to be simulated. No child may have the master's socket or the
        `requests` that come through it.

        Raises EOFError when the master has hung up.
        """
        if self._left == 0:
            self.close()
            try:
                self._start(master, requests)
            except (OSError, ValueError) as error:
                self.close()
                broken = f"the process that compiles did not start: {error}"
                return {"broken": broken, "again": True, "cases": [], "timeout": False,
                        "signal": 0, "cpu": 0.0}  # fmt: skip
        assert self._channel is not None
        self._left -= 1
        limits = {kind: job[kind] for kind in ("cpu", "memory", "file")}
        # dataclasses.asdict would copy all of it, field by field.
        fields = {**vars(sample), "ports": [vars(port) for port in sample.ports]}
        line = json.dumps({"sample": fields, "limits": limits}).encode() + b"\n"
        watch = Watch(self._pid, self._channel, job)
        with contextlib.suppress(OSError):  # it is gone; the watch will see how
            self._channel.sendall(line)
        try:
            result = watch.listen(master, resident=True)
        except EOFError:
            self._left = 0
            raise
        if "prepared" not in result:
            watch.finish(result, self._spent)
            self._gone()
        else:
            self._spent += result["cpu"]
        if "broken" in result or result.get("failed") == "out of memory":
            self.close()
        return result

    def _start(self, master: socket.socket, requests: BufferedReader) -> None:
        self._left = _SAMPLES
        self._channel, theirs = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            os.setsid()
            sandbox.die_with_parent()
            for closing in (self._channel, requests, master):
                closing.close()
            with contextlib.suppress(BaseException):
                self._serve(theirs)
            os._exit(1)
        theirs.close()
        self._channel.settimeout(_START_SECONDS)
        with self._channel.makefile("rb") as answers:
            self._spent = json.loads(answers.readline())["cpu"]
        self._channel.settimeout(None)

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._channel is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
            self._gone()

    def files(self) -> tuple[int, ...]:
        """Descriptors that a child of the owner has to close."""
        return () if self._channel is None else (self._channel.fileno(),)

    def _gone(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel, self._left = None, 0

    # -- the process itself -------------------------------------------------------------------

    def _serve(self, channel: socket.socket) -> None:
        # Here and not in the owner, whose memory every simulation's fork has to copy.
        from itertl_eval.grader.compile import Tools, prefilter, prepare

        prefilter.warm_up(self._cache)
        gc.collect()
        sandbox.trim_memory()
        os.chdir(self.folder)
        null = os.open(os.devnull, os.O_RDWR)
        for target in (0, 1, 2):
            os.dup2(null, target)
        os.close(null)
        mapped = sandbox.mapped_bytes()
        sandbox.enter(self._ruleset)

        def prepared(sample: CompileJob, tools: Tools, report: Send) -> bool:
            clear(self.folder)
            if not prepare(sample, tools, report):
                return False
            if "$" in sample.source:
                design = Path(DESIGN)
                design.write_bytes(vvp.without_modules(design.read_bytes()))
            return True

        _send(channel, {"cpu": _used()})
        for line in channel.makefile("rb"):
            job = json.loads(line)
            began = _used()
            sandbox.allow(**job["limits"], mapped=mapped)
            last: dict = {"prepared": False}

            def report(message: dict, last: dict = last) -> None:
                """The message that ends a sample is the last one, with what it has cost."""
                if message.keys() & {"failed", "broken"}:
                    last.update(message)
                else:
                    _send(channel, message)

            sample, tools = (
                CompileJob.from_dict(job["sample"]),
                Tools(self._icarus, job["limits"]["cpu"]),
            )
            last["prepared"] = attempt(partial(prepared, sample, tools, report), report)
            _send(channel, {**last, "cpu": _used() - began})


def _used() -> float:
    """Seconds of processor time of this process and its children."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def _send(channel: socket.socket, message: dict) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")
