"""The parent's side of a sample's process.

It ends the child's whole process group at the time limit and notices how a child ended that
never answered. It trusts nothing but what came through a socket pair that exists only between
it and that child; a socket, unlike a pipe or a file, can't be opened again by name under /proc.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_LAST_WORDS = ("finished", "failed", "broken", "prepared")
_AT_ONCE = 16
_MOST_FILES = 1000
_ROOM = 4
"""All files of a sample together may hold so many times what one may."""
_PEEK_SECONDS = 0.1
"""How often the child is listened to while it runs, or a long report would fill the socket."""


@contextlib.contextmanager
def _ending(pid: int) -> Iterator[int | None]:
    """A descriptor that becomes readable when the child ends; None where there is none (Linux
    before 5.3, macOS, pid 0). To be woken once is cheaper than to be woken by each message."""
    try:
        ending = os.pidfd_open(pid)
    except (AttributeError, OSError):
        yield None
        return
    try:
        yield ending
    finally:
        os.close(ending)


def crowded(folder: Path, room: int) -> bool:
    """True when more than `room` bytes lie in the folder, or too many files."""
    held = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            with contextlib.suppress(FileNotFoundError):
                held += entry.stat(follow_symlinks=False).st_size
            if held > room or count >= _MOST_FILES:
                return True
    return False


class Watch:
    """Collect what the child says, end it when it must."""

    def __init__(
        self, pid: int, channel: socket.socket, job: dict, folder: Path | None = None
    ) -> None:
        """`folder` is where the child may write, for one that could do so without end."""
        self.pid = pid
        self.channel = channel
        self.wall = job["wall"]
        self.cpu = job["cpu"]
        self._folder = folder
        self._room = _ROOM * job.get("file", 0) << 20
        self._pending = b""

    def run(self, master: socket.socket | None = None) -> dict:
        """Wait for the child's end. Raises EOFError when the master has gone away.

        The answer says "again" when something outside of the sample ended it.
        """
        return self.finish(self.listen(master))

    def listen(self, master: socket.socket | None = None, *, resident: bool = False) -> dict:
        """What the child says until it ends, says its last word or has used up its time. One
        that is `resident` lives on after that word."""
        started = time.monotonic()
        result: dict = {"cases": [], "timeout": False, "signal": 0}
        with _ending(0 if resident else self.pid) as ending:
            watched = [self.channel if ending is None else ending, *([master] if master else [])]
            while True:
                left = started + self.wall - time.monotonic()
                ready, _, _ = select.select(watched, [], [], max(0, min(left, _PEEK_SECONDS)))
                if master in ready and not master.recv(1, socket.MSG_PEEK):
                    self.kill()
                    raise EOFError
                if self._hear(result) or ending in ready:
                    break
                if left <= 0:
                    result["timeout"] = True
                    break
                if self._folder and not ready and crowded(self._folder, self._room):
                    result["failed"] = "stopped for the files that it wrote"
                    with contextlib.suppress(ProcessLookupError):  # now, not after a grace
                        os.killpg(self.pid, signal.SIGKILL)
                    break
        result["seconds"] = time.monotonic() - started
        return result

    def finish(self, result: dict, before: float = 0.0) -> dict:
        """End the child and say how it ended. `before` is processor time that was not the
        sample's."""
        status, usage = self.kill()
        result["signal"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        result["cpu"] = usage.ru_utime + usage.ru_stime - before
        if result.keys().isdisjoint(_LAST_WORDS):
            result.update(self._from_outside(result))
        return result

    def _hear(self, result: dict) -> bool:
        """Put what the child has said into the answer; True when it will say no more."""
        try:
            for _ in range(_AT_ONCE):  # or a flood would hide the time limit
                if not (data := self.channel.recv(1 << 16, socket.MSG_DONTWAIT)):
                    return True
                *lines, self._pending = (self._pending + data).split(b"\n")
                for line in lines:
                    message = json.loads(line)
                    case = message.pop("case", None)
                    result.update(message)
                    if case is not None:
                        result["cases"].append(case)
        except BlockingIOError:
            pass
        except ConnectionError:  # it ended before it had read everything
            return True
        return not result.keys().isdisjoint(_LAST_WORDS)

    def _from_outside(self, result: dict) -> dict:
        """What to add to an answer that neither the design nor its limits have ended."""
        if result["timeout"]:
            if result["cpu"] >= self.cpu / 2:
                return {}
            broken = f"in {self.wall:g} s this machine gave it {result['cpu']:.1f} s of processor"
        elif result["signal"] == signal.SIGKILL:  # no limit of ours ends a process this way
            broken = "killed from outside, perhaps for want of memory"
        else:
            return {}
        return {"broken": broken, "again": True}

    def kill(self) -> tuple[int, Any]:
        """End the child's process group and reap the child."""
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
