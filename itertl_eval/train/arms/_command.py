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

Corpus, small model and supervised start are the same for all arms of a seed. Without `model` each
seed makes a small model of its own; `model_folder` is refused. Each run is a folder below run_dir
and goes on after a kill; finished ones are not run again.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from itertl_eval._util.command import command
from itertl_eval.errors import UsageError
from itertl_eval.train.arms._comparison import (
    compare,
    picture,
    read_arm,
    stage_table,
    stages,
    table,
)
from itertl_eval.train.config import Recipe, make_recipe, parse
from itertl_eval.train.run import write_atomic

ARMS = ("supervised", "once", "stale", "iterative", "restart")
DEFAULT = "supervised,once,iterative"


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
        if flat["model_folder"]:  # a small model belongs to its seed: one folder can't hold them
            raise UsageError(
                f"model_folder: {flat['model_folder']}: arms make a small model for each seed, in "
                "run_dir; leave it out, or start all seeds with one ready model by `model`"
            )
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


def run_arms(recipe: Recipe, arms: Sequence[str], seeds: Sequence[int], against: str) -> str:
    """Run what has not been run and return the comparison as text.

    It is in run_dir/arms.json too, and its picture in run_dir/arms.svg.
    """
    if against not in ARMS:
        raise UsageError(f"--against {against}: it is none of the arms {', '.join(ARMS)}")
    if recipe.data.train_data and not recipe.data.heldout_data:
        raise UsageError("arms are compared on held-out problems: heldout_data is missing")
    recipes = {(arm, seed): arm_recipe(recipe, arm, seed) for seed in seeds for arm in arms}
    from itertl_eval.train._loop import run

    runs = []
    for (arm, seed), one in recipes.items():
        print(f"== {arm}, seed {seed}", file=sys.stderr)
        run(one)
        runs.append(read_arm(Path(one.loop.run_dir), arm, seed))
    rows, rounds = compare(runs, against), stages(runs)
    if len({row["samples"] for row in rows if row["arm"] != "supervised"}) > 1:
        print("warning: the arms did not draw the same number of samples", file=sys.stderr)
    folder = Path(recipe.loop.run_dir)
    facts = {
        "recipe": dataclasses.asdict(recipe), "comparison": rows, "stages": rounds,
        "runs": [{"arm": r.arm, "seed": r.seed, **r.records[-1]} for r in runs],
    }  # fmt: skip
    facts = json.loads(json.dumps(facts), parse_constant=lambda _: None)  # NaN is no JSON
    write_atomic(folder / "arms.json", json.dumps(facts, indent=1) + "\n")
    write_atomic(folder / "arms.svg", picture(rounds, recipe.loop.iterations))
    return f"{stage_table(rounds)}\n\n{table(rows, against)}"


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
