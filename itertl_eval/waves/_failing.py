"""Which failing samples are worth a waveform."""

from __future__ import annotations

from collections.abc import Iterable

from itertl_eval.verdict import Verdict

TRIES = 4
"""So many different designs of a problem are run, at most, until one gives a picture."""


class Failing(dict[str, list[Verdict]]):
    """Of each problem, by task_id, the first few designs that failed in simulation.

    One is not always enough: a design that calls `$finish` at once has no failing check.
    """

    def __init__(self, verdicts: Iterable[Verdict] = ()) -> None:
        super().__init__()
        for verdict in verdicts:
            self.add(verdict)

    def add(self, verdict: Verdict) -> None:
        """Keep a verdict if its design is one more to try."""
        if verdict.status != "fail" or verdict.stage != "simulate" or verdict.code is None:
            return
        kept = self.setdefault(verdict.task_id, [])
        if len(kept) < TRIES and all(verdict.code != other.code for other in kept):
            kept.append(verdict)
