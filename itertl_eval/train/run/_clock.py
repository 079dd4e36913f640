"""Clock: where the wall time of a run went, and how much of it the loop itself cost."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from itertl_eval.train.run._folder import Phase

NAMES = {"references": "grade", "heldout-sample": "evaluate", "heldout-grade": "evaluate"}
"""Folder of a phase -> the name that its time goes by; others keep their own."""
OTHER = "other"


class Clock:
    """Seconds by phase, record after record.

    A phase that an earlier start has finished counts with the seconds it took then, so that a
    run that went on after a kill reports whole times. Overhead is all time in which the model
    neither sampled nor was trained: start-up, loading, grading, files. Making the corpus and
    the small model is no part of the loop and is left out of the share.
    """

    def __init__(self, began: float, made: float = 0.0) -> None:
        """`began`: monotonic time of the start; `made`: seconds spent on corpus and small model."""
        self.mark = time.monotonic()
        self.waiting: list[Phase] = []
        self.parts = {"start-up": self.mark - began - made}
        self.total = self.model = 0.0

    def add(self, phase: Phase) -> None:
        """A phase that is finished, now or before."""
        self.waiting.append(phase)

    def lap(self) -> dict[str, Any]:
        """The time since the last lap: {"seconds", "phase_seconds", "overhead_share"}.

        The share is that of the whole run so far, in 0..1.
        """
        now = time.monotonic()
        parts: dict[str, float] = defaultdict(float, self.parts)
        here = 0.0
        for phase in self.waiting:
            seconds = phase.seconds
            parts[NAMES.get(phase.folder.name, phase.folder.name)] += seconds["wall"]
            self.model += seconds["model"]
            if phase.ran:
                here += seconds["wall"]
        parts[OTHER] += max(0.0, now - self.mark - here)
        self.mark, self.waiting, self.parts = now, [], {}
        self.total += sum(parts.values())
        return {
            "seconds": round(sum(parts.values()), 3),
            "phase_seconds": {name: round(value, 3) for name, value in parts.items()},
            "overhead_share": round(1 - self.model / self.total, 4),
        }
