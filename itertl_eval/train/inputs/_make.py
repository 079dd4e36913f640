"""Make the corpus and the small model of a run, unless they exist."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from itertl_eval._util.progress import say
from itertl_eval._util.stopwatch import Stopwatch
from itertl_eval.errors import UsageError
from itertl_eval.train.config import DataArguments
from itertl_eval.train.data import Instruction, from_suite
from itertl_eval.train.models import Checkpoint
from itertl_eval.train.run import RunFolder, base_key, digest, ranks


def corpus_instructions(
    folder: Path, arguments: DataArguments, making: Stopwatch
) -> tuple[list[Instruction], list[Instruction]]:
    from itertl_eval.corpus import LEVELS, load_corpus, make_corpus

    settings: dict[str, Any] = {
        "seed": arguments.corpus_seed,
        "train": arguments.corpus_train,
        "heldout": arguments.corpus_heldout,
        "levels": list(arguments.corpus_levels or LEVELS),
        "families": sorted(arguments.corpus_families),
    }
    file = folder / "corpus.json"
    if file.exists():
        _check(file, settings, "corpus")
    elif ranks.is_main():
        say(f"making the corpus in {folder}")
        with making:
            make_corpus(folder, **settings)
    ranks.wait_until((folder / "corpus.json").exists)
    corpus = load_corpus(folder)
    return from_suite(corpus.train), from_suite(corpus.heldout)


def _check(card: Path, settings: Mapping[str, Any], what: str) -> None:
    """Refuse a corpus or model that was made with other settings.

    The version of the code is not compared: a run resumes with what it has.
    """
    found = json.loads(card.read_text(encoding="utf-8"))
    other = [f"{key} {found.get(key)}" for key in settings if found.get(key) != settings[key]]
    if other:
        text = f"{card.parent} has another {what} ({', '.join(other)}): choose another folder"
        raise UsageError(text)


def base_model(
    arguments: DataArguments, seed: int, run: RunFolder, corpus_folder: Path, making: Stopwatch
) -> Checkpoint:
    if arguments.model is not None:
        local = Path(arguments.model)
        path = str(local.resolve()) if local.is_dir() else arguments.model
        return Checkpoint(path, base_key(run.folder, path, arguments.model_revision))
    facts = {
        "size": arguments.model_size,
        "steps": arguments.model_steps,
        "levels": arguments.model_levels,
        "families": sorted(arguments.corpus_families),
        "seed": seed,
    }
    own = run.folder / "base" / "model"
    folder = Path(arguments.model_folder) if arguments.model_folder else own
    card = folder / "base_model.json"
    if card.exists():
        _check(card, facts, "model")
    elif ranks.is_main():
        from itertl_eval.corpus import load_corpus
        from itertl_eval.train.base_model import make_base_model

        say(f"making a small model ({arguments.model_size}, {arguments.model_steps} steps)")
        with making:
            make_base_model(
                folder,
                load_corpus(corpus_folder),
                size=arguments.model_size,
                steps=arguments.model_steps,
                levels=arguments.model_levels,
                families=arguments.corpus_families,
                seed=seed,
            )
    ranks.wait_until(folder.is_dir)
    return Checkpoint(str(folder.resolve()), digest(facts))
