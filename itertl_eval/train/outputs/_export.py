"""Write final/: the best model of a run with its card, merged and uploaded on request."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from itertl_eval._util.output_files import write_whole
from itertl_eval._util.progress import say
from itertl_eval.train.config import Recipe
from itertl_eval.train.inputs import Data
from itertl_eval.train.models import Checkpoint, checkpoints
from itertl_eval.train.outputs._model_card import card
from itertl_eval.train.run import Phase

CARD = "README.md"


def write_final(
    run: Path,
    model: Checkpoint,
    recipe: Recipe,
    data: Data,
    records: Sequence[Mapping[str, Any]],
    remarks: Sequence[str],
) -> None:
    """Copy a model to final/adapter or final/model, unless it is there already.

    Args:
        run: The run's folder.
        model: The model.
        recipe: The run's recipe.
        data: What the run started from.
        records: The rows of metrics.jsonl.
        remarks: How the model was chosen and compares with the base, for the card.
    """
    final = run / "final"
    phase = Phase(final, {"model": model.key})
    adapter = (Path(model.path) / checkpoints.ADAPTER).exists()
    target = final / ("adapter" if adapter else "model")
    if phase.stale or not phase.done:  # after more iterations another model may be the best
        shutil.rmtree(final, ignore_errors=True)
        final.mkdir()
        shutil.copytree(model.path, target)
        write_whole(final / "source.txt", f"{model.path}\n")
        phase.finish(source=model.path)
    text = card(recipe, data, records, remarks, Path(model.path).parent.parent.name)
    write_whole(target / CARD, text)
    if recipe.report.merge and adapter:
        merged = final / "merged"
        if not merged.is_dir():
            checkpoints.merge(str(target), merged, recipe.trainer.dtype, data.base.path)
        whole = text.replace("library_name: peft", "library_name: transformers")
        write_whole(merged / CARD, whole)
    say(f"the best model is in {target}")
    if recipe.report.push_to_hub:
        push(target, recipe.report.push_to_hub)


def push(folder: Path, repository: str) -> None:
    """Upload a model's folder to a hub repository, which is created if it is missing."""
    from huggingface_hub import HfApi

    api = HfApi()
    api.create_repo(repository, exist_ok=True)
    api.upload_folder(repo_id=repository, folder_path=folder)
    say(f"uploaded to {repository}")
