"""Choose the final model by one half of the held-out problems, and report it on the other.

The largest of several measured pass rates is too high on average, because it was chosen for its
luck too. The half that did not take part in the choice has no such bias.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from itertl_eval.results import mean_and_error
from itertl_eval.train.models import Checkpoint

Rates = Mapping[str, float]
"""Pass rate in 0..1 by problem id."""


@dataclass(frozen=True)
class Evaluated:
    """A model with its pass rates on the held-out problems."""

    stage: str
    model: Checkpoint
    rates: Rates


class Selection:
    """Compares the models of a run with one another and with the base model.

    Attributes:
        best: The trained model with the highest pass@1 on the choosing half; among equals the
            earliest. A model that could not be graded is never better than one that was.
        rounds_without_gain: Number of iterations since `best` was found.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.choosing, self.reporting = _halves(problems)
        self.base: Evaluated | None = None
        self.best: Evaluated | None = None
        self.rounds_without_gain = 0

    def add(self, candidate: Evaluated, *, trained: bool, iteration: bool) -> None:
        """Take a model into account.

        Args:
            candidate: The model.
            trained: False for the base model, which is never chosen.
            iteration: Whether it counts as an iteration without gain if it is not the best.
        """
        if not trained and self.base is None:
            self.base = candidate
        better = self.best is None or self._rate(candidate) > self._rate(self.best)
        if trained and better:
            self.best, self.rounds_without_gain = candidate, 0
        elif iteration:
            self.rounds_without_gain += 1

    def columns(self, rates: Rates) -> dict[str, float]:
        """Return pass@1 of both halves as columns of metrics.jsonl."""
        found = {"choosing_pass@1": round(_mean(rates, self.choosing), 6)}
        if self.reporting:
            mean, error = mean_and_error(_values(rates, self.reporting))
            found |= {"reporting_pass@1": round(mean, 6), "reporting_pass@1_se": round(error, 6)}
        return found

    @property
    def better_than_base(self) -> bool | None:
        """Return whether the best model beats the base on the choosing half; None if unknown."""
        if self.base is None or self.best is None:
            return None
        return self._rate(self.best) > self._rate(self.base)

    def summary(self) -> list[str]:
        """Return sentences for the model card and the terminal; none if nothing was evaluated."""
        if self.best is None or not self.choosing:
            return []
        lines = []
        if self.better_than_base is False:
            lines.append(
                "WARNING: no model of this run is better than the base model, which passes "
                f"{self._shown(self.base, self.choosing)} where the best one, `{self.best.stage}`, "
                f"passes {self._shown(self.best, self.choosing)}."
            )
        if not self.reporting:
            lines.append(
                "The model was chosen by the numbers that are shown, so the highest pass@1 is a "
                "maximum and too high on average."
            )
        else:
            lines.append(
                f"`{self.best.stage}` was chosen by its pass@1 on {len(self.choosing)} of the "
                f"held-out problems: {self._shown(self.best, self.choosing)}. On the other "
                f"{len(self.reporting)}, which the choice did not see, it passes "
                f"{self._shown(self.best, self.reporting)}{self._gain()}. The rows above are over "
                "all problems: the highest of them is a maximum and too high on average."
            )
        if self.base is None:
            lines.append(
                "The base model was not evaluated (evaluate_base: false), so whether training "
                "helped is unknown."
            )
        return lines

    def _gain(self) -> str:
        """Return the comparison with the base on the reporting half, paired by problem."""
        if self.base is None or self.best is None:
            return ""
        base, best = self.base.rates, self.best.rates
        shared = [name for name in self.reporting if name in base and name in best]
        mean, error = mean_and_error([best[name] - base[name] for name in shared])
        return f" (base {self._shown(self.base, self.reporting)}; gain {mean:+.3f} ± {error:.3f})"

    def _rate(self, one: Evaluated) -> float:
        rate = _mean(one.rates, self.choosing)
        return -math.inf if math.isnan(rate) else rate

    def _shown(self, one: Evaluated | None, problems: Iterable[str]) -> str:
        return "nothing" if one is None else f"{_mean(one.rates, problems):.3f}"


def _halves(problems: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split problems by their hashes. A single problem can only choose."""
    ordered = sorted(problems, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return ordered[::2], ordered[1::2]


def _values(rates: Rates, problems: Iterable[str]) -> list[float]:
    return [rates[name] for name in problems if name in rates]


def _mean(rates: Rates, problems: Iterable[str]) -> float:
    values = _values(rates, problems)
    return sum(values) / len(values) if values else math.nan
