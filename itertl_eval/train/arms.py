"""Arms for science: the same recipe with one thing changed, over several seeds, compared.

    python -m itertl_eval.train.arms --config RECIPE.yaml [--arms supervised,once,iterative]
        [--seeds 0,1,2] [--against once] [--any_field value]

Every arm has the same references, draws the same number of samples and makes the same number
of updates, as far as it draws any:

    supervised  likelihood of the references alone, all updates in one fit
    once        all samples from the first model, one fit: the non-iterative control
    stale       the iterations' own schedule of fits, but all samples from the first model
    iterative   the recipe as it is
    restart     the recipe, but each fit starts again from the first model

Corpus, small model and supervised start are the same for all arms of a seed. Each run is a
folder below run_dir and goes on after a kill; finished ones are not run again.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from itertl_eval.errors import UsageError, command
from itertl_eval.train.config import Recipe, make_recipe, parse
from itertl_eval.train.state import Rows, write_atomic

ARMS = ("supervised", "once", "stale", "iterative", "restart")
DEFAULT = "supervised,once,iterative"
RESAMPLES = 10_000


def arm_recipe(recipe: Recipe, arm: str, seed: int) -> Recipe:
    """The recipe of one arm and seed. Raises UsageError for an unknown arm."""
    if arm not in ARMS:
        raise UsageError(f"no arm {arm!r}; there are {', '.join(ARMS)}")
    flat = recipe.flat()
    root = Path(flat["run_dir"])
    rounds = flat["iterations"]
    if not flat["updates"]:
        raise UsageError("arms need `updates`, so that all of them make the same number")
    shared = root / f"seed-{seed}"
    changes: dict[str, Any] = {"run_dir": str(shared / arm), "seed": seed, "dry_run": False}
    if not flat["train_data"] and not flat["corpus"]:
        changes["corpus"] = str(shared / "corpus")
    if flat["model"] is None:
        changes["model_folder"] = str(shared / "model")
    if arm == "supervised":
        start = flat["sft_updates"] if flat["sft"] else 0
        if flat["sft"] and not start:
            raise UsageError("arms need `sft_updates`, so that all of them make the same number")
        changes |= {"iterations": 0, "sft": True, "sft_updates": start + rounds * flat["updates"]}
    elif arm == "once":
        drawn = flat["instructions_per_iteration"]
        samples = flat["samples_per_instruction"]
        if drawn * rounds > flat["corpus_train"] and not flat["train_data"]:
            raise UsageError(
                f"{rounds} rounds of {drawn} instructions come back to some of the "
                f"{flat['corpus_train']}; the arm `once` needs corpus_train: {drawn * rounds}"
            )
        changes |= {
            "iterations": 1,
            # Dealt out, no instruction comes twice: one draw for all that the rounds would see.
            "instructions_per_iteration": drawn * rounds,
            "samples_per_instruction": samples if drawn else samples * rounds,
            # The groups have the size that they have in the other arms.
            "max_group": min(flat["max_group"], samples),
            "updates": flat["updates"] * rounds,
        }
    elif arm == "stale":
        changes["sample_from"] = "first"
    elif arm == "restart":
        changes["restart_from_base"] = True
    return make_recipe(**{**flat, **changes})


def outcomes(run: Path, stage: str) -> dict[str, float]:
    """Held-out task -> pass rate of its samples at one stage of a run."""
    return json.loads((run / stage / "heldout.json").read_text())


def last_stage(run: Path) -> dict[str, Any]:
    """The last record of a run: the model after all of its updates, not the luckiest one."""
    rows = Rows(run / "metrics.jsonl").read()
    if not rows:
        raise UsageError(f"{run} has no metrics")
    return rows[-1]


def spent(run: Path) -> dict[str, int]:
    """What a run has used up: samples drawn to learn from, and updates made."""
    rows = Rows(run / "metrics.jsonl").read()
    return {
        "samples": sum(row.get("train_samples") or 0 for row in rows),
        "updates": sum(row.get("fit_updates") or 0 for row in rows),
    }


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Mean and its 95 % bootstrap interval (percentiles of RESAMPLES resamples)."""
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


def compare(
    rates: Mapping[str, Mapping[int, Mapping[str, float]]], against: str
) -> list[dict[str, Any]]:
    """One row per arm: pass@1, and its difference to `against`, paired by seed and problem.

    `rates` is arm -> seed -> task -> pass rate. The intervals resample problems, each with
    its mean over the seeds: seeds share problems, so they are no independent observations.
    """
    rows = []
    for arm, by_seed in rates.items():
        mean, low, high = interval(_by_task(by_seed))
        row: dict[str, Any] = {
            "arm": arm, "seeds": len(by_seed), "pass@1": mean, "low": low, "high": high,
        }  # fmt: skip
        if arm != against and against in rates:
            shared = sorted(set(by_seed) & set(rates[against]))
            paired = {
                seed: {
                    task: rate - rates[against][seed][task]
                    for task, rate in by_seed[seed].items()
                    if task in rates[against][seed]
                }
                for seed in shared
            }
            gain, least, most = interval(_by_task(paired))
            base = sum(_by_task(rates[against])) / max(1, len(_by_task(rates[against])))
            row |= {"gain": gain, "gain_low": least, "gain_high": most,
                    "relative": gain / base if base else math.nan}  # fmt: skip
        rows.append(row)
    return rows


def _by_task(by_seed: Mapping[int, Mapping[str, float]]) -> list[float]:
    gathered: dict[str, list[float]] = {}
    for tasks in by_seed.values():
        for task, rate in tasks.items():
            gathered.setdefault(task, []).append(rate)
    return [sum(values) / len(values) for values in gathered.values()]


def table(rows: Sequence[Mapping[str, Any]], against: str) -> str:
    lines = [f"{'arm':12} seeds  samples  updates  pass@1  95 % interval     against {against}"]
    for row in rows:
        text = f"{row['arm']:12} {row['seeds']:5}  {row['samples']:7}  {row['updates']:7}  "
        text += f"{row['pass@1']:.3f}   "
        text += f"{row['low']:.3f} .. {row['high']:.3f}"
        if "gain" in row:
            text += f"    {row['gain']:+.3f} ({row['gain_low']:+.3f} .. {row['gain_high']:+.3f})"
            text += f", {100 * row['relative']:+.1f} %"
        lines.append(text)
    return "\n".join(lines)


def run_arms(recipe: Recipe, arms: Sequence[str], seeds: Sequence[int], against: str) -> str:
    """Run what has not been run and return the comparison; also in run_dir/arms.json."""
    recipes = {(arm, seed): arm_recipe(recipe, arm, seed) for seed in seeds for arm in arms}
    from itertl_eval.train.loop import run

    rates: dict[str, dict[int, dict[str, float]]] = {arm: {} for arm in arms}
    records = []
    for (arm, seed), one in recipes.items():
        print(f"== {arm}, seed {seed}", file=sys.stderr)
        run(one)
        folder = Path(one.loop.run_dir)
        last = last_stage(folder)
        rates[arm][seed] = outcomes(folder, last["stage"])
        records.append({"arm": arm, "seed": seed, **last, **spent(folder)})
    rows = compare(rates, against)
    for row in rows:
        mine = [record for record in records if record["arm"] == row["arm"]]
        row |= {key: round(sum(record[key] for record in mine) / len(mine))
                for key in ("samples", "updates")}  # fmt: skip
    drawn = {row["samples"] for row in rows if row["arm"] != "supervised"}
    if len(drawn) > 1:
        print("warning: the arms did not draw the same number of samples", file=sys.stderr)
    facts = {"recipe": dataclasses.asdict(recipe), "comparison": rows, "runs": records}
    write_atomic(Path(recipe.loop.run_dir) / "arms.json", json.dumps(facts, indent=1) + "\n")
    return table(rows, against)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m itertl_eval.train.arms", add_help=False)
    parser.add_argument("--arms", default=DEFAULT)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--against", default="once")
    options, rest = parser.parse_known_args(arguments)
    if "--help" in rest or "-h" in rest:
        print(__doc__)
        return 0
    try:
        seeds = [int(seed) for seed in options.seeds.split(",")]
    except ValueError:
        raise UsageError("--seeds takes numbers with commas between them") from None
    print(run_arms(parse(rest), options.arms.split(","), seeds, options.against))
    return 0


if __name__ == "__main__":
    sys.exit(main())
