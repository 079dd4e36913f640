"""Persistent verdict cache: a content-addressed SQLite file shared by all processes.

A key covers everything that a verdict depends on, so an entry never goes stale; deleting the
file is always safe.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import time
import warnings
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from itertl_eval._util.paths import cache_folder
from itertl_eval.grader.isolation import sandbox

BUSY_SECONDS = 30.0


def key_of(*facts: object) -> str:
    """Return the content address of a list of facts."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


class VerdictCache:
    """A persistent mapping from key to verdict row. Safe for many threads and processes.

    A damaged file is set aside with a warning and a new one started; a file that can't be opened
    at all switches the cache off. Losing the cache never loses a verdict. Each value has a
    checksum, because SQLite has none; a value that does not match counts as missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._broken = False

    def get(self, key: str) -> dict[str, Any] | None:
        rows = self._run("SELECT value FROM verdicts WHERE key = ?", (key,))
        seal, _, text = str(rows[0][0]).partition(" ") if rows else ("", "", "")
        return json.loads(text) if seal == key_of(key, text) else None

    def put(self, key: str, value: dict[str, Any]) -> None:
        text = json.dumps(value)
        sealed = f"{key_of(key, text)} {text}"
        self._run("INSERT OR REPLACE INTO verdicts VALUES (?, ?)", (key, sealed))

    def _run(self, statement: str, values: tuple[str, ...]) -> list[tuple[str]]:
        for _ in range(2):
            if self._broken:
                return []
            try:
                connection = self._connection()
                with connection:
                    return connection.execute(statement, values).fetchall()
            except sqlite3.OperationalError as error:
                # Locked for half a minute, read-only, no room: continue without.
                self._broken = True
                warnings.warn(f"the verdict cache {self.path} is off: {error}", stacklevel=3)
            except sqlite3.DatabaseError as error:
                self._set_aside(error)
        return []

    def _connection(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise sqlite3.OperationalError(str(error)) from None
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
            )
            self._local.connection = connection
        return connection

    def _set_aside(self, error: Exception) -> None:
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
        self._local = threading.local()
        damaged = self.path.with_suffix(f".damaged-{time.time_ns()}")
        with contextlib.suppress(FileNotFoundError):
            self.path.replace(damaged)
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        warnings.warn(
            f"the verdict cache was damaged ({error}); it was moved to {damaged.name}",
            stacklevel=4,
        )


def verdict_cache() -> VerdictCache:
    """Return the user's cache: verdicts.sqlite in the cache folder (ITERTL_EVAL_CACHE).

    Without a sandbox it is another file, because a design may have passed by reading the
    reference.
    """
    return _open("verdicts-without-sandbox" if sandbox.unsafe() else "verdicts")


@cache
def _open(name: str) -> VerdictCache:
    return VerdictCache(cache_folder() / f"{name}.sqlite")


@cache
def grader_digest() -> str:
    """Return the version of the grader: a hash of its source and of the bench library's."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for room in ("bench", "grader", "verilog"):
        for file in sorted((package / room).rglob("*.py")):
            digest.update(str(file.relative_to(package)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@cache
def tool_versions() -> dict[str, str]:
    """Return the versions of the packages that a verdict depends on."""
    return {name: version(name) for name in ("cocotb", "pyverilog", "pyslang")}


_flights: dict[str, tuple[threading.Lock, int]] = {}
_flights_lock = threading.Lock()


@contextlib.contextmanager
def flight(key: str) -> Iterator[threading.Lock]:
    """Give the lock of a design: who has it grades, the others find it in the cache afterwards."""
    with _flights_lock:
        lock, users = _flights.get(key, (threading.Lock(), 0))
        _flights[key] = (lock, users + 1)
    try:
        yield lock
    finally:
        with _flights_lock:
            _, users = _flights.pop(key)
            if users > 1:
                _flights[key] = (lock, users - 1)


@contextlib.contextmanager
def single_flight(key: str) -> Iterator[None]:
    """Let one thread at a time do something, so that the others find it done."""
    with flight(key) as lock, lock:
        yield
