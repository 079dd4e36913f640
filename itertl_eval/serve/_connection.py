"""Connections that end when their client neither asks, nor sends, nor reads.

uvicorn waits for ever for the rest of a request and for a client that reads nothing, so strangers
could hold every file descriptor that grading needs, and a stop would never end.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import struct

from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS = 120.0
"""How long a client may take over a request, and go on without reading; at most twice as long."""


class Connection(H11Protocol):
    """uvicorn's connection with limits; `uvicorn.run(..., http=Connection)`."""

    _look: asyncio.TimerHandle | None = None
    _resumed = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2:
            self._abort()
            return
        self._check(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        self._resumed += 1
        super().resume_writing()

    def _check(self, before: object) -> None:
        """End the connection if its client owes what it owed at the last look."""
        owed = self._owed()
        if owed is not None and owed == before:
            self._abort()
            return
        self._look = self.loop.call_later(SECONDS, self._check, owed)

    def _abort(self) -> None:
        """Close the connection by a reset.

        Otherwise the kernel keeps megabytes of answers for a client that reads nothing, and the
        client may never learn that the connection has ended.
        """
        at_once = struct.pack("ii", 1, 0)  # linger for 0 seconds
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.transport.abort()

    def _owed(self) -> object:
        """Return what the service waits for; None if it is at work on a whole request."""
        if self.flow.write_paused:
            return "reading", self._resumed, self.transport.get_write_buffer_size()
        if self.cycle is None or self.cycle.response_complete or self.cycle.more_body:
            return "request", self.cycle
        return None
