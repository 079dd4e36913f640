"""The parent's side of a sample's process.

It ends the child's whole process group at the time limit and notices how a child ended that
never answered. It trusts only what comes through a socket pair that exists between it and that
child alone; a socket, unlike a pipe or a file, can't be opened again by name under /proc.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from pathlib import Path
from resource import struct_rusage

from itertl_eval.grader._outcome import Outcome

_AT_ONCE = 16
_MOST_FILES = 1000
_ROOM = 4
"""All files of a sample together may hold this many times what one file may."""
_PEEK_SECONDS = 0.1
"""How often the child's messages are read while it runs; a long report would fill the socket."""


def _ending(pid: int) -> int | None:
    """Open a descriptor that becomes readable when the child ends.

    None where there is no such thing (Linux before 5.3, macOS, pid 0). Waking up once is cheaper
    than waking up for each message.
    """
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def crowded(folder: Path, room: int) -> bool:
    """Return whether the folder holds more than `room` bytes, or too many files."""
    held = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            with contextlib.suppress(FileNotFoundError):
                held += entry.stat(follow_symlinks=False).st_size
            if held > room or count >= _MOST_FILES:
                return True
    return False


def group_cpu(group: int) -> tuple[float, bool]:
    """Return what the processes of a group have had of the CPU.

    Returns:
        CPU seconds, with those of the children that they have reaped, and whether one of them
        could go on if it were given more, or a disk answered.
    """
    ticks, waiting = 0, False
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                ticks += sum(map(int, fields[11:15]))
                waiting |= fields[0] in ("R", "D")
    return ticks / os.sysconf("SC_CLK_TCK"), waiting


class Watch:
    """Collect the messages of a child process and end it when its time is up.

    Args:
        pid: The child, which leads a process group.
        channel: Where its messages arrive.
        wall: Seconds of wall time until it is ended.
        cpu: Seconds of CPU time that the sample may use.
        memory: MiB of memory that the sample may use.
        baseline: MiB that the child has before it starts on the sample, roughly. Default: what
            this process has, which a fork inherits.
        folder: Where the child may write without a limit on the total.
        file: Limit of each file there, in MiB.
    """

    def __init__(
        self,
        pid: int,
        channel: socket.socket,
        *,
        wall: float,
        cpu: float,
        memory: float,
        baseline: float | None = None,
        folder: Path | None = None,
        file: int = 0,
    ) -> None:
        self.pid = pid
        self.channel = channel
        self.wall = wall
        self.cpu = cpu
        self._much_memory = memory / 2
        self._baseline = baseline
        # Each look costs as much as a small compile step. Without a baseline this process is a
        # fork server, whose memory is the same at the end.
        self._own_memory = None if baseline is None else _resident(os.getpid())
        self._seen_memory = 0.0
        self._folder = folder
        self._room = _ROOM * file << 20
        self._pending = b""

    def run(self, outcome: Outcome, master: socket.socket | None = None) -> None:
        """Wait for the end of the child and note in the outcome what became of it.

        `outcome.retry` is set if an external cause ended it. Raises EOFError if the master has
        hung up.
        """
        self.listen(outcome, master)
        self.finish(outcome)

    def listen(
        self, outcome: Outcome, master: socket.socket | None = None, *, done: int | None = None
    ) -> None:
        """Collect messages until the child ends, reports its last one, or is out of time.

        Args:
            outcome: Gets the messages.
            master: Whoever waits for the outcome.
            done: A descriptor that becomes readable after the last message of a child that lives
                on, and when it ends.
        """
        started = time.monotonic()
        ending = _ending(self.pid) if done is None else None
        last = done if done is not None else self.channel if ending is None else ending
        watched = [last, master] if master else [last]
        try:
            while True:
                left = started + self.wall - time.monotonic()
                ready, _, _ = select.select(watched, [], [], max(0, min(left, _PEEK_SECONDS)))
                if master is not None and master in ready and not master.recv(1, socket.MSG_PEEK):
                    self.kill()
                    raise EOFError
                if self._hear(outcome) or ending in ready:
                    break
                if left <= 0:
                    outcome.timeout = True
                    break
                if not ready:
                    self._seen_memory = max(self._seen_memory, _resident(self.pid))
                if self._folder and not ready and crowded(self._folder, self._room):
                    outcome.failed = "stopped for the files that it wrote"
                    with contextlib.suppress(ProcessLookupError):  # now, not after a grace
                        os.killpg(self.pid, signal.SIGKILL)
                    break
        finally:
            if ending is not None:
                os.close(ending)
        outcome.seconds = time.monotonic() - started

    def finish(self, outcome: Outcome, before: float = 0.0) -> None:
        """End the child and note how it ended.

        Args:
            outcome: What the child has reported; signal and CPU time are added.
            before: CPU seconds that the child had used before this sample.
        """
        # What its children have used is in no count of its own as long as they run.
        running = group_cpu(self.pid)[0] if outcome.timeout else 0.0
        status, usage = self.kill()
        outcome.signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        outcome.cpu = max(usage.ru_utime + usage.ru_stime, running) - before
        # Only of a process that a signal has ended does anybody ask for its memory.
        taken = self._taken_memory(usage.ru_maxrss / 1024) if outcome.signal else 0.0
        outcome.exhausted = taken > self._much_memory
        if not outcome.ended:
            self._explain(outcome, taken)

    def _taken_memory(self, peak: float) -> float:
        """Return the MiB that the child took for the sample, at least.

        Args:
            peak: The kernel's count of its peak, which begins with the memory of this process even
                if the child has long replaced it by another program.
        """
        own = _resident(os.getpid()) if self._own_memory is None else self._own_memory
        baseline = own if self._baseline is None else self._baseline
        return max(self._seen_memory - baseline, min(peak - own, peak - baseline))

    def _hear(self, outcome: Outcome) -> bool:
        """Add the messages that have arrived; return whether no more will come."""
        try:
            for _ in range(_AT_ONCE):  # or a flood would hide the time limit
                if not (data := self.channel.recv(1 << 16, socket.MSG_DONTWAIT)):
                    return True
                *lines, self._pending = (self._pending + data).split(b"\n")
                for line in lines:
                    outcome.update(json.loads(line))
        except BlockingIOError:
            pass
        except ConnectionError:  # it ended before it had read everything
            return True
        except ValueError as error:  # or WireError
            outcome.broken = f"a message of the sample's process can't be read: {error}"
        return outcome.ended

    def _explain(self, outcome: Outcome, taken: float) -> None:
        """Note what ended the child, if no limit of ours did; it had taken so many MiB."""
        if outcome.timeout:
            if outcome.cpu >= min(self.cpu, self.wall) / 2:
                return
            outcome.broken = (
                f"in {self.wall:g} s this machine gave it {outcome.cpu:.1f} s of CPU time"
            )
            outcome.retry = True
        elif outcome.signal == signal.SIGKILL:  # no limit of ours ends a process this way
            if outcome.exhausted:
                outcome.failed = f"out of memory: stopped by the system at {taken:.0f} MiB"
                outcome.crashed = True
                return
            outcome.broken = "killed from outside, perhaps for lack of memory"
            outcome.retry = True

    def kill(self) -> tuple[int, struct_rusage]:
        """End the child's process group and reap the child; return its status and usage."""
        deadline = time.monotonic() + 0.2
        while time.monotonic() < deadline:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                return status, usage
            time.sleep(0.0005)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        _, status, usage = os.wait4(self.pid, 0)
        return status, usage


def _resident(pid: int) -> float:
    """Return the MiB of memory that a process has now; 0 where that is not known."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
