"""--dry_run: the size of a recipe in counts, tokens and time, before anything is trained."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from itertl_eval.errors import ItertlError, UsageError
from itertl_eval.train.config import Recipe
from itertl_eval.train.fitting import updates_of
from itertl_eval.train.run import Rows

TRIAL = 16
"""How many completions are sampled to measure the speed."""


def counts(recipe: Recipe, instructions: int, references: int, heldout: int) -> dict[str, int]:
    """Return how much of everything a whole run does."""
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
    later = updates * loop.iterations
    group = 1 + min(
        sampling.samples_per_instruction + recipe.objective.replay, recipe.objective.max_group
    )
    return {
        "instructions": instructions,
        "references": references,
        "held-out problems": heldout,
        "samples for training": training,
        "samples for evaluation": evaluation,
        "designs graded at most": training + evaluation + references,
        "tokens generated at most": (training + evaluation) * sampling.max_new_tokens,
        "updates": first + later,
        "candidates trained on at most": (first + later * group) * trainer.batch_size,
    }


def estimate(recipe: Recipe) -> str:
    """Return the counts as text, with the time from a run in the same folder or from a trial."""
    found = counts(recipe, *sizes(recipe))
    width = max(len(name) for name in found)
    lines = [f"{name:{width}}  {value:>14,}" for name, value in found.items()]
    lines += testbenches(recipe)
    lines.append("before anything is left out: prompts that are too long, filter, contamination")
    sampled = found["samples for training"] + found["samples for evaluation"]
    speeds = measured(Path(recipe.loop.run_dir))
    if speeds:
        lines.append(
            f"at the {speeds['samples_per_second']:.1f} samples a second of the run in "
            f"{recipe.loop.run_dir}: {_minutes(sampled, speeds)} for all phases"
        )
        return "\n".join(lines)
    try:
        speeds = trial(recipe)
    except (ItertlError, OSError) as error:
        lines.append(f"time: unknown, because the model can't be tried: {error}")
        return "\n".join(lines)
    if speeds:
        rate, drawn = speeds["samples_per_second"], speeds["drawn"]
        lines.append(
            f"at the {rate:.1f} samples a second of a trial with {drawn:.0f}, "
            f"{speeds['tokens']:.0f} tokens each: {_minutes(sampled, speeds)} to sample all; "
            "grading and training are not included"
        )
    else:
        lines.append("time: unknown until the small model is made in run_dir")
    return "\n".join(lines)


def _minutes(samples: int, speeds: dict[str, Any]) -> str:
    seconds = samples / speeds["samples_per_second"]
    return f"about {seconds / 60:.0f} minutes" if seconds >= 90 else f"about {seconds:.0f} seconds"


def trial(recipe: Recipe) -> dict[str, float]:
    """Measure the speed of the recipe's sampler with one small batch.

    Returns:
        {"samples_per_second", "drawn" (samples), "tokens" (mean length)}; {} without a model.

    Raises:
        UsageError, InfrastructureError: The model can't be loaded.
    """
    from itertl_eval.train.models import Checkpoint, Encoder
    from itertl_eval.train.sampling import Engines, SamplingParams, SamplingPlan

    data, sampling = recipe.data, recipe.sampling
    made = Path(data.model_folder or Path(recipe.loop.run_dir, "base", "model"))
    if data.model is None and not made.exists():
        return {}
    model = Checkpoint(data.model or str(made), "")
    encoder = Encoder.load(
        model.path,
        data.model_revision,
        chat=data.chat_template,
        template=json.loads(data.chat_template_arguments),
    )
    settings = SamplingParams(sampling.temperature, sampling.top_p, sampling.max_new_tokens, TRIAL)
    instructions = list(islice(_instructions(recipe), TRIAL))
    if not instructions:
        raise UsageError("there is no instruction to sample for")
    plan = SamplingPlan(
        "trial", instructions, 1, recipe.loop.seed, settings, sampling.stop_at_endmodule
    )
    engines = Engines(sampling, recipe.trainer, encoder, model.path, data.model_revision)
    sampler = engines.get(model, settings)
    began = time.monotonic()
    samples = [s for part in sampler.sample(plan.requests(encoder)) for s in part]
    seconds = time.monotonic() - began
    engines.release()
    tokens = sum(len(encoder.tokenizer(s.text)["input_ids"]) for s in samples) / len(samples)
    return {"samples_per_second": len(samples) / seconds, "drawn": len(samples), "tokens": tokens}


def _instructions(recipe: Recipe) -> Iterator[Any]:
    """Yield instructions like those of the recipe, without writing any to disk."""
    from itertl_eval.train.data import Instruction

    data = recipe.data
    if data.train_data:
        from itertl_eval.train.inputs import load_all

        yield from load_all(data.train_data, data, {})
        return
    from itertl_eval.corpus import LEVELS, problem_of, rows

    levels = data.corpus_levels or LEVELS
    generated = rows(
        "train", TRIAL, seed=data.corpus_seed, levels=levels, families=data.corpus_families
    )
    for row, _ in generated:
        yield Instruction(problem_of(row, Path(), "corpus_train"), None)


def sizes(recipe: Recipe) -> tuple[int, int, int]:
    """Return (instructions, references, held-out problems). Existing data files are read."""
    from itertl_eval.train.inputs import load_all

    data = recipe.data
    instructions, having, heldout = data.corpus_train, data.corpus_train, data.corpus_heldout
    if data.train_data:
        train = load_all(data.train_data, data, {})
        instructions, heldout = len(train), 0
        having = sum(i.reference is not None for i in train)
    if data.heldout_data:
        heldout = len(load_all(data.heldout_data, data, {}, heldout=True))
    if data.max_instructions:
        instructions = min(instructions, data.max_instructions)
    return instructions, round(min(having, instructions) * data.references), heldout


def testbenches(recipe: Recipe) -> list[str]:
    """Return a line on the testbenches that the recipe makes from references, if any."""
    data = recipe.data
    if not data.train_data or data.testbench != "from-reference":
        return []
    from itertl_eval.train._functional import estimate as estimate_testbenches
    from itertl_eval.train.inputs import load_all

    with tempfile.TemporaryDirectory(prefix="itertl-dry-run-") as trial_folder:
        train = load_all(data.train_data, data, {})
        folder, seed = Path(recipe.loop.run_dir), recipe.loop.seed
        trial = Path(trial_folder)
        return estimate_testbenches(train, folder, seed, trial, data.prove_testbenches)


def measured(folder: Path) -> dict[str, Any]:
    """Return the speed of the iterations that a run in this folder has finished, or {}."""
    rows = [row for row in Rows(folder / "metrics.jsonl") if row.get("train_samples")]
    seconds = sum(row.get("seconds") or 0 for row in rows)
    samples = sum(row["train_samples"] + sum(row.get("stages", {}).values()) for row in rows)
    return {"samples_per_second": samples / seconds} if seconds > 0 else {}
