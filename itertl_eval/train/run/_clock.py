"""Clock: the wall time of a run by phase, and the share of it that the loop itself costs."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from itertl_eval.train.run._folder import Phase

NAMES = {"references": "grade", "heldout-sample": "evaluate", "heldout-grade": "evaluate"}
"""Folder of a phase -> name of its time in the records; other folders keep their own name."""
OTHER = "other"


class Clock:
    """Seconds by phase, record after record.

    A phase that an earlier start has finished counts with the seconds it took then, so that a
    resumed run reports whole times. Overhead is all time in which the model neither samples nor
    is trained: start-up, loading, grading, files. Making the corpus and the small model is not
    part of the loop, so it is left out of the share.

    Args:
        began: Monotonic time of the start.
        made: Seconds spent on corpus and small model.
    """

    def __init__(self, began: float, made: float = 0.0) -> None:
        self.mark = time.monotonic()
        self.waiting: list[Phase] = []
        self.parts = {"start-up": self.mark - began - made}
        self.total = self.model = 0.0

    def add(self, phase: Phase) -> None:
        """Count a phase that is finished, in this start or an earlier one."""
        self.waiting.append(phase)

    def lap(self) -> dict[str, Any]:
        """Return the time since the last lap, and start the next one.

        Returns:
            {"seconds", "phase_seconds" (seconds by name), "overhead_share" (of the whole run so
            far, in 0..1)}.
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
