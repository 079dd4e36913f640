"""--dry_run: what a recipe comes to, in counts and tokens, before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from itertl_eval.train.config import Recipe
from itertl_eval.train.fit import updates_of
from itertl_eval.train.state import Rows


def counts(recipe: Recipe, instructions: int, references: int, heldout: int) -> dict[str, int]:
    """How much of everything a whole run does."""
    loop, sampling, trainer = recipe.loop, recipe.sampling, recipe.trainer
    drawn = min(instructions, sampling.instructions_per_iteration or instructions)
    per_round = drawn * sampling.samples_per_instruction
    evaluations = int(loop.evaluate_base) + int(loop.sft and references > 0) + loop.iterations
    updates = updates_of(drawn, trainer.batch_size, trainer.updates, trainer.epochs)
    first = (
        updates_of(references, trainer.batch_size, loop.sft_updates, loop.sft_epochs)
        if loop.sft and references
        else 0
    )
    training = per_round * loop.iterations
    evaluation = heldout * loop.eval_samples * evaluations
    return {
        "instructions": instructions,
        "references": references,
        "held-out problems": heldout,
        "samples drawn for training": training,
        "samples drawn for evaluation": evaluation,
        "designs graded at most": training + evaluation + references,
        "tokens generated at most": (training + evaluation) * sampling.max_new_tokens,
        "updates": first + updates * loop.iterations,
        "candidates trained on at most": (
            first * trainer.batch_size
            + updates * loop.iterations * trainer.batch_size
            * (1 + min(sampling.samples_per_instruction + recipe.objective.replay,
                       recipe.objective.max_group))
        ),
    }  # fmt: skip


def estimate(recipe: Recipe) -> str:
    """The counts as text, with hours by this machine's measured speeds where a run left some."""
    found = counts(recipe, *sizes(recipe))
    width = max(len(name) for name in found)
    lines = [f"{name:{width}}  {value:>14,}" for name, value in found.items()]
    speeds = measured(Path(recipe.loop.run_dir))
    if speeds:
        sampled = found["samples drawn for training"] + found["samples drawn for evaluation"]
        seconds = sampled / speeds["samples_per_second"]
        lines.append(
            f"at the {speeds['samples_per_second']:.1f} samples a second of the run in "
            f"{recipe.loop.run_dir}: about {seconds / 60:.0f} minutes for all phases"
        )
    else:
        lines.append("time: unknown until one iteration has run in run_dir; then ask again")
    return "\n".join(lines)


def sizes(recipe: Recipe) -> tuple[int, int, int]:
    """(instructions, references, held-out problems); an existing data file is really read."""
    data = recipe.data
    if not data.train_data:
        instructions, heldout = data.corpus_train, data.corpus_heldout
        having = instructions
    else:
        from itertl_eval.train.data import load_all

        removed: dict[str, int] = {}
        train = load_all(data.train_data, data, removed)
        instructions = len(train)
        having = sum(i.reference is not None for i in train)
        heldout = len(load_all(data.heldout_data, data, removed))
    if data.max_instructions:
        instructions = min(instructions, data.max_instructions)
    return instructions, round(min(having, instructions) * data.references), heldout


def measured(folder: Path) -> dict[str, Any]:
    """Speeds of the iterations that an earlier run in this folder has finished."""
    rows = [row for row in Rows(folder / "metrics.jsonl") if row.get("train_samples")]
    seconds = sum(row.get("seconds") or 0 for row in rows)
    samples = sum(row["train_samples"] + sum(row.get("stages", {}).values()) for row in rows)
    return {"samples_per_second": samples / seconds} if seconds > 0 else {}
