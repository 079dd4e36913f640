"""Processes that make testbenches, replaced when one takes too long or dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

SECONDS = 120.0
"""Wall time for one testbench."""
MAX_ANSWER = 64 << 20
"""Bytes of one answer."""


class Makers:
    """Processes of `_maker`, started when they are needed.

    Args:
        count: Testbenches at a time.
    """

    def __init__(self, count: int) -> None:
        self._slots = asyncio.Semaphore(count)
        self._idle: list[Process] = []
        self._running: set[Process] = set()

    async def make(self, pair: dict[str, str]) -> dict[str, Any]:
        """Return what becomes of a pair; see `_maker.answer`."""
        async with self._slots:
            process = self._living() or await self._start()
            try:
                found = await asyncio.wait_for(_ask(process, pair), SECONDS)
            except TimeoutError:
                found = {"broken": f"it was not made within {SECONDS:.0f} s", "slow": True}
            except (OSError, ValueError) as error:
                found = {"broken": f"the process that made it ended ({error})"}
            else:
                self._idle.append(process)
                return found
            finally:
                if process not in self._idle:
                    await self._end(process)
            return found

    def _living(self) -> Process | None:
        """Take a process that waits for work and was not killed meanwhile."""
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
            self._running.discard(process)
        return None

    async def _start(self) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "itertl_eval.serve._maker",
            stdin=PIPE,
            stdout=PIPE,
            limit=MAX_ANSWER,
            start_new_session=True,  # Ctrl-C ends what is accepted first
        )
        self._running.add(process)
        return process

    async def _end(self, process: Process) -> None:
        self._running.discard(process)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def close(self) -> None:
        """End all processes."""
        for process in list(self._running):
            await self._end(process)


async def _ask(process: Process, pair: dict[str, str]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{json.dumps(pair)}\n".encode())
    await process.stdin.drain()
    line = await process.stdout.readline()
    if not line:
        raise ValueError("without an answer")
    return dict(json.loads(line))
