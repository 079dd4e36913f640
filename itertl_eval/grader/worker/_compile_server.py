"""The compile server: one process per worker that takes samples up to the simulation.

It enters the sandbox once and stays. Nothing of a sample is executed in it, only read, by the
policy, pyverilog, slang and, in a process of its own, the compiler. Forking per sample instead
would cost more than the compile itself. If it dies over a sample, only that sample ends; the
next one gets a new compile server.
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

from itertl_eval._util.wire import dump, load
from itertl_eval.grader._job import DESIGN, CompileJob, attempt, clear
from itertl_eval.grader._outcome import Message, Outcome, Send
from itertl_eval.grader.compile import Icarus, vvp
from itertl_eval.grader.isolation import Watch, housekeeping, sandbox

_START_SECONDS = 120
_SAMPLES = 500
"""After this many a new process takes over, in case a library leaks memory."""


class CompileServer:
    """The owner's side. Use it from one thread; call `close` at the end.

    Args:
        icarus: The compiler.
        folder: Where designs are compiled, the only folder that `ruleset` leaves writable.
        ruleset: The sandbox, or None without one.
        cache: Keeps pyverilog's parser tables.
    """

    def __init__(self, icarus: Icarus, folder: Path, ruleset: int | None, cache: Path) -> None:
        self.folder = folder
        self._cache = cache
        self._icarus = icarus
        self._ruleset = ruleset
        self._pid = 0
        self._channel: socket.socket | None = None
        self._done = -1
        """Readable after the last message of a sample: waking up for each would cost more."""
        self._left = 0
        self._spent = 0.0

    def run(
        self, job: CompileJob, wall: float, master: socket.socket, requests: BufferedReader
    ) -> Outcome:
        """Compile one job within `wall` seconds.

        Returns:
            The outcome so far. If `prepared` is true, DESIGN is in the folder.

        Raises:
            EOFError: The master has hung up. No child may inherit its socket or `requests`.
        """
        outcome = Outcome()
        if self._left == 0:
            self.close()
            try:
                self._start(master, requests)
            except (OSError, ValueError) as error:
                self.close()
                outcome.broken = f"the compile server did not start: {error}"
                outcome.retry = True
                return outcome
        assert self._channel is not None
        self._left -= 1
        watch = Watch(self._pid, self._channel, wall=wall, cpu=job.cpu, memory=job.memory)
        with contextlib.suppress(OSError):  # it is gone; the watch will see how
            self._channel.sendall(dump(job))
        try:
            watch.listen(outcome, master, done=self._done)
        except EOFError:
            self._left = 0
            raise
        if outcome.prepared is None:
            watch.finish(outcome, self._spent)
            self._gone()
        else:
            os.read(self._done, 1)
            self._spent += outcome.cpu
        if outcome.broken is not None or outcome.failed == "out of memory":
            self.close()
        return outcome

    def _start(self, master: socket.socket, requests: BufferedReader) -> None:
        with contextlib.ExitStack() as opened:  # closed again if no process starts
            channel, theirs = map(opened.enter_context, socket.socketpair())
            done, their_done = os.pipe()
            for each in (done, their_done):
                opened.callback(os.close, each)
            pid = os.fork()
            opened.pop_all()
        if pid == 0:
            os.setsid()
            sandbox.die_with_parent()
            for closing in (channel, requests, master):
                closing.close()
            os.close(done)
            with contextlib.suppress(BaseException):
                self._serve(theirs, their_done)
            os._exit(1)
        self._pid, self._channel, self._done, self._left = pid, channel, done, _SAMPLES
        theirs.close()
        os.close(their_done)
        self._channel.settimeout(_START_SECONDS)
        with self._channel.makefile("rb") as messages:
            self._spent = json.loads(messages.readline())["cpu"]
        self._channel.settimeout(None)

    def close(self) -> None:
        """End the process at once."""
        if self._channel is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
            self._gone()

    def files(self) -> tuple[int, ...]:
        """Return the descriptors that a child of the owner has to close."""
        return () if self._channel is None else (self._channel.fileno(), self._done)

    def _gone(self) -> None:
        if self._channel is not None:
            self._channel.close()
            os.close(self._done)
        self._channel, self._left = None, 0

    # -- the process itself -------------------------------------------------------------------

    def _serve(self, channel: socket.socket, done: int) -> None:
        # Imported here and not in the owner, whose memory every simulation's fork has to copy.
        from itertl_eval.grader.compile import Tools, prefilter, prepare

        prefilter.warm_up(self._cache)
        gc.collect()
        housekeeping.trim_memory()
        os.chdir(self.folder)
        null = os.open(os.devnull, os.O_RDWR)
        for target in (0, 1, 2):
            os.dup2(null, target)
        os.close(null)
        mapped = sandbox.mapped_bytes()
        sandbox.enter(self._ruleset)

        def compile_one(job: CompileJob, report: Send) -> bool:
            clear(self.folder)
            if not prepare(job, Tools(self._icarus, job.cpu), report):
                return False
            if "$" in job.source:
                design = Path(DESIGN)
                design.write_bytes(vvp.without_modules(design.read_bytes()))
            return True

        channel.sendall(dump(Message(cpu=_used())))
        for line in channel.makefile("rb"):
            job = load(CompileJob, line)
            began = _used()
            housekeeping.allow(cpu=job.cpu, memory=job.memory, file=job.file, mapped=mapped)
            last = Message()

            def report(message: Message, last: Message = last) -> None:
                """Hold back the message that ends a sample, to send its cost with it."""
                if message.keys() & {"failed", "broken"}:
                    last.update(message)
                else:
                    channel.sendall(dump(message))

            last["prepared"] = attempt(partial(compile_one, job, report), report)
            last["cpu"] = _used() - began
            channel.sendall(dump(last))
            os.write(done, b".")


def _used() -> float:
    """Return the CPU seconds of this process and its children."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)
