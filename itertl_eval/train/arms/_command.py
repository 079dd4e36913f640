"""Ablations: run a recipe with one factor changed, over several seeds, and compare the arms.

    python -m itertl_eval.train.arms --config RECIPE.yaml [--arms supervised,once,iterative]
        [--seeds 0,1,2] [--against once] [--any_field value]

Every arm has the same references, the same number of samples (except `supervised`, which has
none) and the same number of updates. `patience` and `push_to_hub` are off: the first would end some
arms early, and all of them would be uploaded to one repository.

    supervised  likelihood of the references alone, all updates in one fit
    once        all samples from the first model, one fit: the non-iterative control
    stale       the same schedule of fits, but all samples from the first model
    iterative   the recipe as it is
    restart     the recipe, but each fit starts again from the first model
    grpo        TRL's GRPO with the same reward

Corpus, small model and supervised start are made once for all arms of a seed; the start, with
`sft`, is a run of its own, and a row of the comparison. Without `model`, a small model is trained
for each seed; `model_folder` is refused. Each run is a folder below run_dir. After a kill the same
command resumes; finished runs are not repeated.
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
from itertl_eval._util.output_files import write_whole
from itertl_eval.errors import UsageError
from itertl_eval.train.arms._comparison import (
    START,
    compare,
    picture,
    read_arm,
    stage_table,
    stages,
    table,
    unequal,
)
from itertl_eval.train.config import Recipe, make_recipe, parse

ARMS = ("supervised", "once", "stale", "iterative", "restart", "grpo")
DEFAULT = "supervised,once,iterative"


def arm_recipe(recipe: Recipe, arm: str, seed: int) -> Recipe:
    """Return the recipe of one arm and seed. Raises UsageError for an unknown arm."""
    if arm not in ARMS:
        raise UsageError(f"no arm {arm!r}; the arms are {', '.join(ARMS)}")
    flat = recipe.flat()
    rounds = flat["iterations"]
    if not flat["updates"]:
        raise UsageError("arms need `updates`, so that all of them make the same number")
    if not rounds:
        raise UsageError("arms need `iterations`: without rounds there is nothing to compare")
    changes = _shared(flat, arm, seed)
    if flat["sft"]:  # the start has done it, and has evaluated the base
        changes |= {"model": _started(flat, seed), "model_folder": None, "model_revision": None}
        changes |= {"sft": False, "evaluate_base": False}
    if arm == "supervised":
        changes |= {"iterations": 0, "sft": True, "sft_updates": rounds * flat["updates"]}
        changes["sft_learning_rate"] = 0.0  # that of the other arms' rounds
    elif arm == "once":
        per_round = flat["instructions_per_iteration"]
        samples = flat["samples_per_instruction"]
        # What the checks leave of them is known only later: `unequal` warns of that.
        corpus = {} if flat["train_data"] else {"corpus_train": flat["corpus_train"]}
        for name, limit in {**corpus, "max_instructions": flat["max_instructions"]}.items():
            if limit and per_round * rounds > limit:
                raise UsageError(
                    f"{rounds} rounds of {per_round} instructions use some of the {limit} twice; "
                    f"the arm `once` needs {name}: {per_round * rounds}"
                )
        changes |= {
            "iterations": 1,
            # No instruction comes twice: one round samples for all that the rounds would see.
            "instructions_per_iteration": per_round * rounds,
            "samples_per_instruction": samples if per_round else samples * rounds,
            # The groups are as large as in the other arms.
            "max_group": min(flat["max_group"], samples),
            "updates": flat["updates"] * rounds,
        }
    elif arm == "stale":
        changes["sample_from"] = "first"
    elif arm == "restart":
        changes["restart_from_base"] = True
    elif arm == "grpo":
        changes["objective"] = "grpo"
    return make_recipe(**{**flat, **changes})


def start_recipe(recipe: Recipe, seed: int) -> Recipe:
    """Return the recipe of the supervised start that the arms of a seed share."""
    flat = recipe.flat()
    if not (flat["sft_updates"] or flat["sft_epochs"]):
        raise UsageError("arms with `sft` need `sft_updates` or `sft_epochs`")
    changes = {**_shared(flat, START, seed), "iterations": 0, "merge": flat["tuning"] != "full"}
    return make_recipe(**{**flat, **changes})


def _shared(flat: dict[str, Any], name: str, seed: int) -> dict[str, Any]:
    """Return what the start and the arms of a seed have in common, for the run `name`."""
    shared = Path(flat["run_dir"]) / f"seed-{seed}"
    changes: dict[str, Any] = {"run_dir": str(shared / name), "seed": seed, "dry_run": False}
    changes |= {"patience": 0, "push_to_hub": None}
    if not flat["train_data"] and not flat["corpus"]:
        changes["corpus"] = str(shared / "corpus")
    if flat["model"] is None:
        if flat["model_folder"]:  # each seed has its own small model, which can't share a folder
            raise UsageError(
                f"model_folder: {flat['model_folder']}: arms train a small model for each seed, in "
                "run_dir. Remove it, or start all seeds from one existing model with `model`"
            )
        changes["model_folder"] = str(shared / "model")
    return changes


def _started(flat: dict[str, Any], seed: int) -> str:
    """Return the folder of the model after the supervised start."""
    final = Path(flat["run_dir"]) / f"seed-{seed}" / START / "final"
    return str(final / ("model" if flat["tuning"] == "full" else "merged"))


def run_arms(recipe: Recipe, arms: Sequence[str], seeds: Sequence[int], against: str) -> str:
    """Run the arms that are not finished, and return the comparison as text.

    Also writes run_dir/arms.json and the picture run_dir/arms.svg.
    """
    if against not in arms:
        raise UsageError(
            f"--against {against}: not one of the arms that are run ({', '.join(arms)}). Name one "
            "of them, or add it to --arms"
        )
    if recipe.data.train_data and not recipe.data.heldout_data:
        raise UsageError("arms are compared on held-out problems: heldout_data is missing")
    recipes: dict[tuple[str, int], Recipe] = {}
    for seed in seeds:
        if recipe.loop.sft:
            recipes[START, seed] = start_recipe(recipe, seed)
        recipes |= {(arm, seed): arm_recipe(recipe, arm, seed) for arm in arms}
    from itertl_eval.train._loop import run

    runs = []
    for (arm, seed), one in recipes.items():
        print(f"== {arm}, seed {seed}", file=sys.stderr)
        run(one)
        runs.append(read_arm(Path(one.loop.run_dir), arm, seed))
    rows, rounds, warnings = compare(runs, against), stages(runs), unequal(runs)
    folder = Path(recipe.loop.run_dir)
    facts = {
        "recipe": dataclasses.asdict(recipe),
        "comparison": rows,
        "stages": rounds,
        "warnings": warnings,
        "runs": [{"arm": r.arm, "seed": r.seed, **r.records[-1]} for r in runs],
    }
    facts = json.loads(json.dumps(facts), parse_constant=lambda _: None)  # NaN is not JSON
    write_whole(folder / "arms.json", json.dumps(facts, indent=1) + "\n")
    write_whole(folder / "arms.svg", picture(rounds, recipe.loop.iterations))
    return "\n".join([stage_table(rounds), "", table(rows, against), *warnings])


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code."""
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
        raise UsageError("--seeds takes numbers separated by commas") from None
    print(run_arms(parse(rest), options.arms.split(","), seeds, options.against))
    return 0
