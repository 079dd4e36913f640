"""Grade on another machine: a client of `itertl-eval serve`, for rewards. Needs only Python.

reward = Client("http://grader:8770", token="...").trl_reward
GRPOTrainer(reward_funcs=reward, ...)
"""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from itertl_eval.errors import InfrastructureError, UsageError

SAMPLES, CHARACTERS = 1000, 16 << 20
"""What one request asks for at most, so that it fits into the service's queue and limits."""
AGAIN = 429, 502, 503, 504
"""The service is full, broken or restarting, perhaps behind a proxy."""


class Client:
    """A connection to a grading service.

    Args:
        url: Where the service listens, for example "http://127.0.0.1:8770".
        token: The service's bearer token, if it has one. It may also be the password of the
            address, as in "http://:TOKEN@grader:8770".
        patience: Seconds to go on trying while the service is full, restarting or unreachable.

    Raises:
        UsageError: `url` is not an address.
    """

    def __init__(self, url: str, token: str = "", patience: float = 600.0) -> None:
        self.url, password = _address(url)
        self.patience = patience
        token = token or password
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def grade(self, items: Sequence[Mapping[str, Any]], **settings: Any) -> list[dict[str, Any]]:
        """Grade {"suite", "task_id", "completion"} items, or {"problem", "completion"} items.

        Args:
            items: A `problem` is {"instruction", "reference"}: the service makes a testbench from
                the reference.
            **settings: `seed` and `cache`.

        Returns:
            One verdict row per item, in the same order. A row of status "infra_error" says
            nothing about the design.

        Raises:
            UsageError: The service refuses the request for good, or is not `itertl-eval serve`.
            InfrastructureError: It could not be reached within `patience`.
        """
        rows = []
        for batch in _batches(items):
            rows += self._grade(batch, settings)
        return rows

    def _grade(
        self, batch: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        body = json.dumps({"items": batch, **settings}).encode()
        try:
            rows = self._post("/grade", body).get("verdicts")
        except _TooLarge:  # for this service's queue or limits
            half = len(batch) // 2
            if not half:
                raise
            return self._grade(batch[:half], settings) + self._grade(batch[half:], settings)
        if not isinstance(rows, list) or len(rows) != len(batch):
            raise UsageError(f"{self.url} does not answer as itertl-eval serve does")
        return rows

    def trl_reward(self, completions: Sequence[Any], **columns: Any) -> list[float | None]:
        """TRL's reward contract, as in `itertl_eval.rewards.trl_reward`.

        Instead of `suite` and `task_id` the data set may have the columns `reference` and, if the
        instruction decides what is right, `instruction`.
        """
        from itertl_eval.rewards import text_of

        items: list[dict[str, Any]] = [{"completion": text_of(each)} for each in completions]
        if "reference" in columns:
            instructions = columns.get("instruction") or [""] * len(items)
            for item, i, r in zip(items, instructions, columns["reference"], strict=True):
                item["problem"] = {"instruction": i, "reference": r}
        else:
            for item, s, t in zip(items, columns["suite"], columns["task_id"], strict=True):
                item |= {"suite": s, "task_id": t}
        rows = self.grade(items)
        return [row["score"] if row["status"] != "infra_error" else None for row in rows]

    def _post(self, path: str, body: bytes) -> dict[str, Any]:
        request = urllib.request.Request(self.url + path, body, self._headers)
        deadline = time.monotonic() + self.patience
        while True:
            try:
                with _opener.open(request) as response:
                    said = response.read()
                return _mapping(said, self.url)
            except urllib.error.HTTPError as error:
                said = error.read(2000).decode(errors="replace")
                if error.code not in AGAIN:
                    kind = _TooLarge if error.code == 413 else UsageError
                    raise kind(f"{self.url} refuses: {error.code} {said}") from None
                after = error.headers.get("Retry-After") or ""
                seconds = float(after) if after.isdigit() else 5.0
                why = f"{error.code} {said}"
            except (OSError, HTTPException) as error:
                seconds, why = 1.0, str(error)
            if time.monotonic() + seconds > deadline:
                raise InfrastructureError(f"{self.url} did not grade: {why}")
            time.sleep(seconds)


class _TooLarge(UsageError):
    """The request as a whole; its parts may not be."""


def _address(url: str) -> tuple[str, str]:
    """Return an address without its password, and the password."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and url.isascii()
        usable = usable and parts.port != 0  # raises ValueError for what is no number
    except ValueError:
        usable = False
    if not usable:
        shown = url.rpartition("@")[2]
        raise UsageError(f"{shown!r} is not an address: write it as in http://grader:8770")
    userinfo, _, host = parts.netloc.rpartition("@")
    bare = urlunsplit(parts._replace(netloc=host))
    return bare.rstrip("/"), unquote(userinfo.partition(":")[2])


def _mapping(said: bytes, url: str) -> dict[str, Any]:
    try:
        return dict(json.loads(said))
    except (ValueError, TypeError):
        shown = said[:200].decode(errors="replace")
        raise UsageError(f"{url} does not answer as itertl-eval serve does: {shown}") from None


def _batches(items: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    size = 0
    for item in items:
        characters = len(json.dumps(item))
        if batch and (len(batch) == SAMPLES or size + characters > CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += characters
    if batch:
        yield batch


class _KeptAlive:
    """A connection that notices within two minutes that the other machine has vanished.

    A batch may take hours, so there is no time limit for an answer.
    """

    sock: socket.socket

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        options = ("KEEPIDLE", 60), ("KEEPINTVL", 10), ("KEEPCNT", 6)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in options:
            if hasattr(socket, f"TCP_{name}"):  # not on every system
                self.sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_{name}"), value)


class _Http(_KeptAlive, HTTPConnection): ...


class _Https(_KeptAlive, HTTPSConnection): ...


class _HttpHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Http, req)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Https, req)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Refuse to go elsewhere: the token would go along."""

    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(_HttpHandler, _HttpsHandler, _NoRedirects)
