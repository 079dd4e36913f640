"""Read the records of a training run, one per evaluated model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.report.inputs._jsonl import Row, document, flatten, rows

METRICS, RECIPE = "metrics.jsonl", "recipe.json"


@dataclass
class TrainingRun:
    """The records of metrics.jsonl in order; `facts` is the recipe."""

    name: str
    source: str
    records: list[Row]
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """Short names of the evaluated models: base, sft, 1, 2, ..."""
        return [
            str(r["iteration"]) if str(r["stage"]).startswith("iteration-") else str(r["stage"])
            for r in self.records
        ]

    def column(self, key: str) -> list[float | None]:
        """A number of each record; None where it is missing."""
        return [number(record.get(key)) for record in self.records]

    def any(self, *keys: str) -> list[str]:
        """Return the keys for which at least one record has a number."""
        return [key for key in keys if any(v is not None for v in self.column(key))]

    def largest_k(self) -> str | None:
        """The name of the pass@k with the largest k above 1."""
        ks = {
            int(key.removeprefix("pass@"))
            for record in self.records
            for key in record
            if key.startswith("pass@") and key.removeprefix("pass@").isdigit()
        }
        return f"pass@{max(ks)}" if ks and max(ks) > 1 else None

    def shares(self, key: str) -> list[dict[str, int]]:
        """Stage -> count of each record, for `stages` or `train_stages`."""
        return [_counts(record.get(key)) for record in self.records]

    def histograms(self) -> list[tuple[str, list[int]]]:
        """(label, counts in equal bins of the score) of the records that have one."""
        return [
            (label, [int(v) for v in record["score_histogram"]])
            for label, record in zip(self.labels, self.records, strict=True)
            if _is_counts(record.get("score_histogram"))
        ]

    def phases(self) -> list[dict[str, float]]:
        """Seconds of each record by phase, from `phase_seconds`."""
        found = []
        for record in self.records:
            parts = record.get("phase_seconds")
            named = parts.items() if isinstance(parts, dict) else ()
            numbers = {str(name): number(value) for name, value in named}
            found.append({name: value for name, value in numbers.items() if value is not None})
        return found


def read_run(path: Path) -> TrainingRun:
    """Read a run folder, or its metrics.jsonl."""
    file = path / METRICS if path.is_dir() else path
    records = []
    for place, row in rows(file):
        if not isinstance(row.get("stage"), str) or number(row.get("iteration")) is None:
            raise UsageError(f"{place}: not a record of itertl_eval.train: no stage or iteration")
        records.append(row)
    if not records:
        raise UsageError(f"{file} is empty: no model has been evaluated yet")
    folder = file.resolve().parent
    recipe = folder / RECIPE
    facts = dict(flatten(document(recipe))) if recipe.exists() else {}
    made = records[0].get("testbenches")
    facts |= {f"testbenches: {outcome}": str(n) for outcome, n in _counts(made).items()}
    return TrainingRun(folder.name, str(path), records, facts)


def number(value: Any) -> float | None:
    """Return a finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < float("inf") else None


def _counts(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    return {str(k): int(v) for k, v in value.items() if number(v) is not None}


def _is_counts(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and all(number(v) is not None for v in value)
    )
