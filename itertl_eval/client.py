"""Grade on another machine: a client of `itertl-eval serve`, for rewards.

reward = Client("http://grader:8770", token="...").trl_reward
GRPOTrainer(reward_funcs=reward, ...)
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import Url, parse_url

from itertl_eval.errors import InfrastructureError, UsageError

SAMPLES = 1000
"""Most samples in one request, so that it fits into the service's queue."""
WAIT = 5
"""Most seconds between two tries, unless the service asks for more."""
RETRIED = 429, 502, 503, 504
"""The service is full, broken or restarting, perhaps behind a proxy."""
KEEP_ALIVE = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)] + [
    (socket.IPPROTO_TCP, getattr(socket, name), seconds)
    for name, seconds in {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}.items()
    if hasattr(socket, name)
]
"""Notice within two minutes that the other machine has vanished: a batch may take hours."""


class Client:
    """A client of a grading service.

    Args:
        url: Address of the service, for example "http://127.0.0.1:8770".
        token: Bearer token of the service, if it has one. It may also be the password of the
            address, as in "http://:TOKEN@grader:8770".
        patience: Seconds, roughly, to keep trying while the service is full, restarting or
            unreachable.

    Raises:
        UsageError: `url` is not an address.
    """

    def __init__(self, url: str, token: str = "", patience: float = 600.0) -> None:
        parts = _address(url)
        token = token or unquote((parts.auth or "").partition(":")[2])
        self.url = parts._replace(auth=None).url.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._retries = Retry(
            total=int(patience / WAIT),
            status_forcelist=RETRIED,
            allowed_methods=None,
            backoff_factor=1,
            backoff_max=WAIT,
            raise_on_status=False,
        )

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
            UsageError: The service rejects the request for good, or is not `itertl-eval serve`.
            InfrastructureError: The service did not grade within `patience`.
        """
        answer = self._post({"items": [*items], **settings}) if len(items) <= SAMPLES else None
        if len(items) > 1 and (answer is None or answer.status == 413):
            half = len(items) // 2
            return self.grade(items[:half], **settings) + self.grade(items[half:], **settings)
        assert answer is not None
        said = answer.data[:2000].decode(errors="replace")
        if answer.status in RETRIED:
            raise InfrastructureError(f"{self.url} did not grade: {answer.status} {said}")
        if answer.status != 200:
            raise UsageError(f"{self.url} refuses: {answer.status} {said}")
        try:
            rows: list[dict[str, Any]] = json.loads(answer.data)["verdicts"]
            if len(rows) == len(items):
                return rows
        except (ValueError, TypeError, KeyError):
            pass
        raise UsageError(f"{self.url} does not answer as itertl-eval serve does: {said[:200]}")

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

    def _post(self, request: Mapping[str, Any]) -> BaseHTTPResponse:
        # No redirects: the token would go along. A new connection each time: processes that a
        # trainer forks must not share one.
        body = json.dumps(request)
        options: dict[str, Any] = {"retries": self._retries, "redirect": False}
        try:
            with PoolManager(
                headers=self._headers, timeout=Timeout(connect=WAIT), socket_options=KEEP_ALIVE
            ) as pool:
                return pool.request("POST", f"{self.url}/grade", body=body, **options)
        except HTTPError as error:
            raise InfrastructureError(f"{self.url} did not grade: {error}") from None


def _address(url: str) -> Url:
    """Return the parts of an HTTP address. Raises UsageError for anything else."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        parts = Url()
    if parts.scheme in ("http", "https") and parts.host:
        return parts
    shown = url.rpartition("@")[2]  # without a token
    raise UsageError(f"{shown!r} is not an address: write it as in http://grader:8770")
