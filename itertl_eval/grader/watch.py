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
from typing import Any


class Watch:
    """Collect what the child says, end it when it must."""

    def __init__(self, pid: int, channel: socket.socket, job: dict) -> None:
        self.pid = pid
        self.channel = channel
        self.wall = job["wall"]
        self.cpu = job["cpu"]

    def run(self, master: socket.socket | None = None) -> dict:
        """Wait for the child's end. Raises EOFError when the master has gone away.

        The answer says "again" when something outside of the sample ended it.
        """
        watched = [self.channel] if master is None else [self.channel, master]
        started = time.monotonic()
        result: dict = {"cases": [], "timeout": False}
        pending = b""
        while True:
            left = started + self.wall - time.monotonic()
            ready, _, _ = select.select(watched, [], [], max(left, 0))
            if master is not None and master in ready and not master.recv(1, socket.MSG_PEEK):
                self.kill()
                raise EOFError
            if self.channel in ready:
                data = self.channel.recv(1 << 16)
                if not data:
                    break
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    message = json.loads(line)
                    case = message.pop("case", None)
                    result.update(message)
                    if case is not None:
                        result["cases"].append(case)
                if "finished" in result or "failed" in result or "broken" in result:
                    break
            elif left <= 0:
                result["timeout"] = True
                break
        status, usage = self.kill()
        result["signal"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        result["cpu"] = usage.ru_utime + usage.ru_stime
        result["seconds"] = time.monotonic() - started
        if not result.keys() & {"finished", "failed", "broken"}:
            result.update(self._from_outside(result))
        return result

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
