"""Grade on another machine: a client of `itertl-eval serve`, for rewards. Needs only Python.

reward = Client("http://grader:8770", token="...").trl_reward
GRPOTrainer(reward_funcs=reward, ...)
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from itertl_eval.errors import InfrastructureError, UsageError


class Client:
    """A connection to a grading service.

    Args:
        url: Where the service listens, for example "http://127.0.0.1:8770".
        token: The service's bearer token, if it has one.
        patience: Seconds to go on trying while the service is full, restarting or unreachable.
    """

    def __init__(self, url: str, token: str = "", patience: float = 600.0) -> None:
        self.url = url.rstrip("/")
        self.patience = patience
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
            UsageError: The service refuses the request for good.
            InfrastructureError: It could not be reached within `patience`.
        """
        body = json.dumps({"items": list(items), **settings}).encode()
        return list(self._post("/grade", body)["verdicts"])

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
                with urllib.request.urlopen(request) as response:
                    return dict(json.load(response))
            except urllib.error.HTTPError as error:
                said, seconds = error.read(2000).decode(errors="replace"), 5.0
                if error.code not in (429, 503):
                    raise UsageError(f"{self.url} refuses: {error.code} {said}") from None
                seconds = float(error.headers.get("Retry-After") or seconds)
                why = f"{error.code} {said}"
            except OSError as error:
                seconds, why = 1.0, str(error)
            if time.monotonic() + seconds > deadline:
                raise InfrastructureError(f"{self.url} did not grade: {why}")
            time.sleep(seconds)
