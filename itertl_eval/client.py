"""Client of `itertl-eval serve`: rewards for a trainer on another machine."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError, LocationValueError

from itertl_eval.errors import InfrastructureError, UsageError

WAIT = Timeout(connect=5)  # seconds; grading takes as long as it takes
BUSY = 429, 502, 503, 504  # the service is full or restarting, perhaps behind a proxy
ALIVE = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
if hasattr(socket, "TCP_KEEPIDLE"):  # macOS has another name for it
    ALIVE.append((socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60))
RETRIES = Retry(
    redirect=False,  # it would take the token along
    allowed_methods=None,
    status_forcelist=BUSY,
    raise_on_status=False,
    backoff_factor=1,
    backoff_max=5,  # seconds
)


class Client:
    """A client of a grading service.

    Args:
        url: Address of the service, such as "http://grader:8770".
        token: Bearer token of the service, if it has one.
        patience: Seconds, roughly, to keep trying while the service is full, restarting or
            unreachable.
    """

    def __init__(self, url: str, token: str = "", patience: float = 600.0) -> None:
        self.url = url.rstrip("/")
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        self._retries = RETRIES.new(total=int(patience / RETRIES.backoff_max))

    def grade(self, items: Sequence[Mapping[str, Any]], **settings: Any) -> list[dict[str, Any]]:
        """Grade a batch of completions.

        Args:
            items: {"suite", "task_id", "completion"} or {"problem", "completion"}, where the
                problem is {"instruction", "reference"}.
            **settings: `seed` and `cache`.

        Returns:
            One verdict row per item, in order. A row of status "infra_error" says nothing about
            the design.

        Raises:
            UsageError: The service rejects the request, or is not `itertl-eval serve`.
            InfrastructureError: The service could not grade.
        """
        body = json.dumps({"items": [*items], **settings})
        try:  # with a new connection: processes that a trainer forks must not share one
            with PoolManager(headers=self._headers, timeout=WAIT, socket_options=ALIVE) as pool:
                answer = pool.request("POST", f"{self.url}/grade", body, retries=self._retries)
        except LocationValueError as error:
            raise UsageError(f"{self.url!r} is not like http://grader:8770: {error}") from None
        except HTTPError as error:
            raise InfrastructureError(f"{self.url} did not grade: {error}") from None
        if answer.status == 413 and (half := len(items) // 2):
            return self.grade(items[:half], **settings) + self.grade(items[half:], **settings)
        said = f"{answer.status} {answer.data[:2000].decode(errors='replace')}"
        if answer.status in BUSY:
            raise InfrastructureError(f"{self.url} did not grade: {said}")
        with suppress(ValueError, TypeError, KeyError):  # of what else may answer there
            rows = answer.json()["verdicts"]
            if answer.status == 200 and isinstance(rows, list) and len(rows) == len(items):
                return rows
        raise UsageError(f"{self.url} rejects this or is not `itertl-eval serve`: {said}")

    def trl_reward(self, completions: Sequence[Any], **columns: Any) -> list[float | None]:
        """Reward completions by TRL's contract, as `itertl_eval.rewards.trl_reward` does.

        Args:
            completions: Texts or chats, as TRL passes them.
            **columns: The data set's columns `suite` and `task_id`, or `instruction` and
                `reference`.

        Returns:
            One score per completion; None where the service could not grade.

        Raises:
            UsageError: A column is missing; or as `grade` and `itertl_eval.rewards.as_trl`.
            InfrastructureError: As `grade`.
        """
        from itertl_eval.rewards import as_trl, text_of  # not at the top: it imports the grader

        pairs = zip(_problems(columns), completions, strict=True)
        items = [{**named, "completion": text_of(answer)} for named, answer in pairs]
        return as_trl(self.grade(items))


def _problems(columns: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what names or holds the problem of each row. Raises UsageError without a column."""
    inline = "reference" in columns
    names = ("instruction", "reference") if inline else ("suite", "task_id")
    for name in names:
        if name not in columns:
            raise UsageError(f"trl_reward needs the column {name!r} in the data set")
    for values in zip(*(columns[name] for name in names), strict=True):
        named = dict(zip(names, values, strict=True))
        yield {"problem": named} if inline else named
