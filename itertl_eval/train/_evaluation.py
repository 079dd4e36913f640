"""_evaluation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from itertl_eval.train.scoring import GradingPhase


@dataclass
class Pending:
    """An evaluation whose last answers are being graded while something else is drawn."""

    grading: GradingPhase
    finish: Callable[[dict[str, Any] | None], None]
    times: dict[str, Any] | None = None
    """What the clock said when the next drawing began; None before that."""
