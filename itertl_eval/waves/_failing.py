"""Select the failing samples that are worth a waveform."""

from __future__ import annotations

from collections.abc import Iterable

from itertl_eval.verdict import Verdict

TRIES = 4
"""At most this many different designs of a problem are run until one gives a picture."""


class Failing(dict[str, list[Verdict]]):
    """The first few designs of each problem that failed in simulation, by task_id.

    One may not be enough: a design that calls `$finish` at once has no failing check.
    """

    def __init__(self, verdicts: Iterable[Verdict] = ()) -> None:
        super().__init__()
        for verdict in verdicts:
            self.add(verdict)

    def add(self, verdict: Verdict) -> None:
        """Keep a verdict if its design is another one to try."""
        if verdict.status != "fail" or verdict.stage != "simulate" or verdict.code is None:
            return
        kept = self.setdefault(verdict.task_id, [])
        if len(kept) < TRIES and all(verdict.code != other.code for other in kept):
            kept.append(verdict)
