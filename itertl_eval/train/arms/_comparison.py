"""Compare finished runs of several arms and seeds: tables and a picture."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.report import Chart, Series, line_chart, sheet
from itertl_eval.results import pass_at_k
from itertl_eval.train.run import Rows

START = "start"
"""Name of the supervised start among the arms."""
RESAMPLES = 10_000
STAGES = (
    ("pass@1", "pass@1", 3),
    ("pass@10", "pass@10", 3),
    ("train_passed", "passed", 3),
    ("train_unique", "unique", 2),
    ("train_behaviours", "behaviours", 2),
    ("fit_sampler_gap_last", "gap", 3),
    ("overhead_share", "overhead", 2),
)
"""Key in metrics.jsonl, heading, digits."""
CHARTS = (
    ("pass@1", "pass@1"),
    ("pass@10", "pass@10"),
    ("train_behaviours", "behaviours"),
    ("fit_sampler_gap_last", "gap on the training set, nats per token"),
)


@dataclass(frozen=True)
class ArmRun:
    """One arm with one seed.

    Attributes:
        arm: Its name.
        seed: Its seed.
        records: The rows of metrics.jsonl.
        outcomes: Each held-out problem's pass rate at the end.
        graded: How many samples that is the rate of; empty if it is not known.
        answered: Number of training instructions with a passing sample in any round.
    """

    arm: str
    seed: int
    records: list[dict[str, Any]]
    outcomes: dict[str, float]
    graded: dict[str, int] = field(default_factory=dict)
    answered: int = 0

    @property
    def samples(self) -> int:
        """Return the number of training samples."""
        return sum(row.get("train_samples") or 0 for row in self.records)

    @property
    def within_ten(self) -> dict[str, float]:
        """Return pass@10 of each held-out problem with at least ten graded samples."""
        return {
            name: pass_at_k(n, round(self.outcomes[name] * n), 10)
            for name, n in self.graded.items()
            if n >= 10
        }

    @property
    def updates(self) -> int:
        """Return the number of optimizer updates."""
        return sum(row.get("fit_updates") or 0 for row in self.records)


def read_arm(folder: Path, arm: str, seed: int) -> ArmRun:
    """Return a finished run. The model after all updates counts, not the luckiest one."""
    records = Rows(folder / "metrics.jsonl").read()
    if not records:
        raise UsageError(f"{folder} has no metrics")
    found = json.loads((folder / records[-1]["stage"] / "heldout.json").read_text())
    outcomes, graded = _heldout(found, records[-1])
    verdicts = (
        row for path in folder.glob("iteration-*/grade/verdicts.jsonl") for row in Rows(path)
    )
    answered = {row["task"] for row in verdicts if row["passed"] and row.get("tested", True)}
    return ArmRun(arm, seed, records, outcomes, graded, len(answered))


def _heldout(
    found: Mapping[str, Any], record: Mapping[str, Any]
) -> tuple[dict[str, float], dict[str, int]]:
    """Return pass rates and numbers of graded samples, by problem, from a heldout.json.

    Up to 0.2 the file had rates alone. The numbers are then known if all samples were graded.
    """
    if all(isinstance(one, dict) for one in found.values()):
        graded = {name: one["graded"] for name, one in found.items()}
        return {name: one["passed"] / one["graded"] for name, one in found.items()}, graded
    n = max((int(key[5:]) for key in record if key[5:].isdigit()), default=0)
    known = not record.get("infra_errors")
    return dict(found), dict.fromkeys(found, n) if known else {}


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Return the mean and its 95 % bootstrap interval (percentiles of RESAMPLES resamples)."""
    if not values:
        return math.nan, math.nan, math.nan
    rng = random.Random(seed)
    count = len(values)
    means = sorted(sum(rng.choices(values, k=count)) / count for _ in range(RESAMPLES))
    return (
        sum(values) / count,
        means[int(0.025 * RESAMPLES)],
        means[int(0.975 * RESAMPLES) - 1],
    )


def compare(runs: Sequence[ArmRun], against: str) -> list[dict[str, Any]]:
    """Return one row per arm: pass@1, pass@10, and the difference of pass@1 to `against`.

    Differences are paired by seed and problem. The intervals resample problems, each with its
    mean over the seeds: seeds share problems, so they are not independent observations.
    """
    rates: dict[str, dict[int, dict[str, float]]] = {}
    tens: dict[str, dict[int, dict[str, float]]] = {}
    for run in runs:
        rates.setdefault(run.arm, {})[run.seed] = run.outcomes
        tens.setdefault(run.arm, {})[run.seed] = run.within_ten
    rows = []
    for arm, by_seed in rates.items():
        mean, low, high = interval(_by_problem(by_seed))
        ten, ten_low, ten_high = interval(_by_problem(tens[arm]))
        row: dict[str, Any] = {
            "arm": arm,
            "seeds": len(by_seed),
            "samples": round(_mean(run.samples for run in runs if run.arm == arm)),
            "updates": round(_mean(run.updates for run in runs if run.arm == arm)),
            "answered": _mean(run.answered for run in runs if run.arm == arm),
            "pass@1": mean,
            "low": low,
            "high": high,
            "pass@10": ten,
            "pass@10_low": ten_low,
            "pass@10_high": ten_high,
        }
        if arm != against and against in rates:
            shared = sorted(set(by_seed) & set(rates[against]))
            paired = {
                seed: {
                    name: rate - rates[against][seed][name]
                    for name, rate in by_seed[seed].items()
                    if name in rates[against][seed]
                }
                for seed in shared
            }
            gain, least, most = interval(_by_problem(paired))
            base = sum(_by_problem(rates[against])) / max(1, len(_by_problem(rates[against])))
            row |= {
                "gain": gain,
                "gain_low": least,
                "gain_high": most,
                "relative": gain / base if base else math.nan,
                "gain_by_seed": {seed: _mean(paired[seed].values()) for seed in shared},
            }
        rows.append(row)
    return rows


def unequal(runs: Sequence[ArmRun]) -> list[str]:
    """Return a warning for each seed whose arms differ in training samples or in updates.

    `supervised` has no samples by design; the supervised start is no arm.
    """
    warnings = []
    arms = [run for run in runs if run.arm != START]
    sampling = [run for run in arms if run.arm != "supervised"]
    for seed in dict.fromkeys(run.seed for run in arms):
        for what, compared in (("samples", sampling), ("updates", arms)):
            found = {run.arm: getattr(run, what) for run in compared if run.seed == seed}
            if len(set(found.values())) > 1:
                each = ", ".join(f"{arm} {count}" for arm, count in found.items())
                warnings.append(
                    f"warning: the arms of seed {seed} differ in {what} ({each}), so this is no "
                    "comparison at equal cost"
                )
    return warnings


def _by_problem(by_seed: Mapping[int, Mapping[str, float]]) -> list[float]:
    gathered: dict[str, list[float]] = {}
    for rates in by_seed.values():
        for name, rate in rates.items():
            gathered.setdefault(name, []).append(rate)
    return [sum(values) / len(values) for values in gathered.values()]


def _mean(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else math.nan


def stages(runs: Sequence[ArmRun]) -> list[dict[str, Any]]:
    """Return the STAGES columns of each arm after each round, as means over its seeds."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for run in runs:
        for record in run.records:
            found.setdefault((run.arm, record["stage"]), []).append(record)
    return [
        {"arm": arm, "stage": stage}
        | {key: _mean(record.get(key) for record in records) for key, _, _ in STAGES}
        for (arm, stage), records in found.items()
    ]


def table(rows: Sequence[Mapping[str, Any]], against: str) -> str:
    """Return the rows of `compare` as text."""

    def number(value: float, form: str) -> str:
        return "-" if math.isnan(value) else format(value, form)

    lines = [
        f"{'arm':12} seeds  samples  updates  answered  pass@1  95 % interval   "
        f"pass@10  95 % interval   against {against}"
    ]
    for row in rows:
        text = f"{row['arm']:12} {row['seeds']:5}  {row['samples']:7}  {row['updates']:7}  "
        text += f"{row['answered']:8.1f}  "
        text += f"{row['pass@1']:.3f}   {row['low']:.3f} .. {row['high']:.3f}    "
        text += f"{number(row['pass@10'], '.3f'):5}    "
        text += f"{number(row['pass@10_low'], '.3f'):5} .. {number(row['pass@10_high'], '.3f'):5}"
        if "gain" in row:
            text += f"  {row['gain']:+.3f} ({row['gain_low']:+.3f} .. {row['gain_high']:+.3f})"
            text += f", {number(100 * row['relative'], '+.1f')} %"
        lines.append(text)
    for row in rows:
        if "gain_by_seed" in row:
            each = ", ".join(f"{seed}: {gain:+.3f}" for seed, gain in row["gain_by_seed"].items())
            lines.append(f"{row['arm']} against {against} by seed: {each}")
    return "\n".join(lines)


def stage_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows of `stages` as text."""
    heads = "".join(f"{heading:>12}" for _, heading, _ in STAGES)
    lines = [f"{'arm':12} {'stage':14}{heads}"]
    for row in rows:
        cells = "".join(
            f"{'-' if math.isnan(row[key]) else f'{row[key]:.{digits}f}':>12}"
            for key, _, digits in STAGES
        )
        lines.append(f"{row['arm']:12} {row['stage']:14}{cells}")
    return "\n".join(lines)


def picture(rows: Sequence[Mapping[str, Any]], rounds: int) -> str:
    """Return the arms of `stages` over the rounds, as SVG.

    An arm with a single fit has its point where the others have their last round. The supervised
    start has its point before the first round.
    """
    charts = []
    for key, heading in CHARTS:
        series = []
        for arm in dict.fromkeys(row["arm"] for row in rows):
            values: list[float | None] = [None] * (rounds + 1)
            mine = [row for row in rows if row["arm"] == arm]
            later = any(row["stage"] == "iteration-02" for row in mine)
            one_fit = arm != START and not later
            for row in mine:
                _, _, number = row["stage"].partition("-")
                at = int(number) if number else 0
                last = one_fit and row is mine[-1]
                if not math.isnan(row[key]):
                    values[rounds if last else at] = row[key]
            series.append(Series(arm, values))
        labels = ["first", *(str(number) for number in range(1, rounds + 1))]
        svg = line_chart(labels, series, heading, share=key.startswith("pass"))
        if svg:
            names = [
                f"{mark} {one.name}"
                for mark, one in zip(cycle("●■◆"), series, strict=False)
                if any(value is not None for value in one.values)
            ]
            charts.append(Chart(heading, svg, names))
    return sheet("arms", charts)
