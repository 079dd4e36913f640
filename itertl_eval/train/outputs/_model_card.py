"""The model card: how a trained model was made, and its results."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from itertl_eval import __version__
from itertl_eval._util.printable import counted
from itertl_eval.train.config import Recipe
from itertl_eval.train.data import digest_all, is_ports_only
from itertl_eval.train.inputs import Data
from itertl_eval.train.outputs.metrics import table

_PATHS = ("model", "model_folder", "corpus")
_SOURCES = ("train_data", "heldout_data", "contamination")


def card(
    recipe: Recipe,
    data: Data,
    records: Sequence[Mapping[str, Any]],
    remarks: Sequence[str],
    source: str,
) -> str:
    """Return the README.md of a trained model: Markdown with front matter for model hubs.

    Local files are named without their folders and with the SHA-256 of their content.

    Args:
        recipe: The run's recipe.
        data: What the run started from.
        records: The rows of metrics.jsonl.
        remarks: How the model was chosen and compares with the base.
        source: The stage that the model is from.
    """
    base = recipe.data.model
    hub_name = base is not None and not Path(base).exists()
    front: dict[str, Any] = {
        "tags": ["verilog", "rtl", "itertl-eval"],
        "pipeline_tag": "text-generation",
        "library_name": "transformers" if recipe.trainer.tuning == "full" else "peft",
    }
    if hub_name:
        front["base_model"] = base
    return "\n".join(
        [
            f"---\n{yaml.safe_dump(front, sort_keys=False)}---",
            f"# {Path(recipe.loop.run_dir).name}",
            f"Made by itertl-eval {__version__} (`python -m itertl_eval.train`): completions are "
            "sampled from the model, graded by simulation, and trained on, round after round "
            f"(ITERTL, arXiv 2407.12022). This is the model after `{source}`.",
            "## Base model",
            _base(recipe, hub_name),
            "## Data",
            *_data(recipe, data),
            "## Results",
            "pass@k on the held-out problems above, with standard errors:",
            f"```\n{table(records)}\n```",
            *remarks,
            "## Recipe",
            f"```yaml\n{yaml.safe_dump(_shown(recipe), sort_keys=False)}```",
            "## Limits",
            *_limits(recipe, data),
            "",
        ]
    )


def _base(recipe: Recipe, hub_name: bool) -> str:
    arguments = recipe.data
    if arguments.model is None:
        return (
            f"A model of size `{arguments.model_size}` that itertl-eval trained on its own corpus "
            f"for {arguments.model_steps} steps. It has no other pretraining."
        )
    if hub_name:
        revision = arguments.model_revision
        return f"`{arguments.model}`" + (f" at revision `{revision}`" if revision else "")
    return f"A local folder, `{Path(arguments.model).name}`."


def _data(recipe: Recipe, data: Data) -> list[str]:
    references = sum(i.reference is not None for i in data.train)
    untested = sum(is_ports_only(i.problem) for i in data.train)
    lines = [
        f"- {counted(len(data.train), 'instruction')}, {references} with a reference shown to "
        f"training, {untested} without a testbench; SHA-256 `{digest_all(data.train)}`",
        f"- {counted(len(data.heldout), 'held-out problem')}; SHA-256 `{digest_all(data.heldout)}`",
    ]
    if recipe.data.train_data:
        lines += [f"- trained on {source_line(name)}" for name in recipe.data.train_data]
    else:
        heldout = "" if recipe.data.heldout_data else f" + {recipe.data.corpus_heldout}"
        lines.append(
            f"- from itertl-eval's generated corpus, seed {recipe.data.corpus_seed}, "
            f"{recipe.data.corpus_train}{heldout} problems"
        )
    lines += [f"- held out: {source_line(name)}" for name in recipe.data.heldout_data]
    return lines + [f"- left out: {count} ({reason})" for reason, count in data.removed.items()]


def source_line(name: str) -> str:
    """Return a data source: a file by its name and SHA-256, anything else by its name."""
    path = Path(name)
    if path.is_file():
        return f"`{path.name}`, SHA-256 `{hashlib.sha256(path.read_bytes()).hexdigest()}`"
    return f"`{path.name if path.exists() else name}`"


def _shown(recipe: Recipe) -> dict[str, Any]:
    flat = {**recipe.fixed(), "iterations": recipe.loop.iterations}
    for key in _PATHS:
        if flat[key] is not None:
            flat[key] = _name(flat[key])
    for key in _SOURCES:
        flat[key] = [_name(entry) for entry in flat[key]]
    return flat


def _name(value: str) -> str:
    return Path(value).name if Path(value).exists() else value


def _limits(recipe: Recipe, data: Data) -> list[str]:
    checked = ", ".join(_name(name) for name in recipe.data.contamination)
    lines = [
        "- It writes hardware descriptions that pass a testbench in simulation. Nothing was "
        "synthesised, timed or proved: review and verify its designs before use.",
        "- The numbers are for the held-out problems above, which are like the training problems. "
        "They are not a benchmark score.",
        f"- Training data too close to a problem of {checked} was removed (normalised syntax tree, "
        "13-grams, Rouge-L); other benchmarks were not compared."
        if checked
        else "- The training data was not compared with any benchmark; a benchmark score of this "
        "model may be contaminated.",
        "- The licences of the base model and of the data also apply to this model; this card "
        "does not know them.",
    ]
    if any(is_ports_only(i.problem) for i in data.train):
        lines.append(
            "- Instructions without a testbench were graded up to elaboration and by similarity "
            "to their reference: for those, wrong behaviour was not detected."
        )
    return lines
