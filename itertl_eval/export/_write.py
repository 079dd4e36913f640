"""Write the folder of an export."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from itertl_eval.errors import UsageError
from itertl_eval.export._forms import dpo_rows, sft_rows
from itertl_eval.export._graded import GradedSample

Form = Literal["datasets", "sft", "dpo"]
FORMS: tuple[Form, ...] = ("datasets", "sft", "dpo")

_TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "system_tag": "system",
}
_DPO = {"chosen": "chosen", "rejected": "rejected"}
_COLUMNS: dict[str, dict[str, str]] = {"sft": {}, "dpo": _DPO}
"""LLaMA-Factory's names of the columns besides `messages`."""


def write(
    samples: Sequence[GradedSample], folder: Path, forms: Collection[Form] = FORMS
) -> dict[str, int]:
    """Write graded samples into a folder; return how many rows each form has.

    `datasets` is a folder for `datasets.load_from_disk` with one row per sample; `sft.jsonl` and
    `dpo.jsonl` have chat messages, and `dataset_info.json` describes them to LLaMA-Factory.

    Raises:
        UsageError: The folder is not empty, or `datasets` is not installed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty; choose another folder")
    except OSError as error:
        raise UsageError(
            f"{folder} can't be written: {error.strerror}; choose another folder"
        ) from None
    counts: dict[str, int] = {}
    if "datasets" in forms:
        _save_to_disk(samples, folder / "datasets")
        counts["datasets"] = len(samples)
    makers: dict[str, Callable[[Iterable[GradedSample]], Iterator[dict[str, Any]]]] = {
        "sft": sft_rows,
        "dpo": dpo_rows,
    }
    chosen = {name: make for name, make in makers.items() if name in forms}
    for name, make in chosen.items():
        rows = [json.dumps(row, ensure_ascii=False) + "\n" for row in make(samples)]
        (folder / f"{name}.jsonl").write_text("".join(rows), encoding="utf-8")
        counts[name] = len(rows)
    if chosen:
        facts = {f"itertl_{name}": _described(name) for name in chosen}
        (folder / "dataset_info.json").write_text(f"{json.dumps(facts, indent=2)}\n")
    return counts


def _save_to_disk(samples: Sequence[GradedSample], folder: Path) -> None:
    try:
        from datasets import Dataset
    except ModuleNotFoundError:
        raise UsageError(
            "the form `datasets` needs: pip install 'itertl-eval[train]'; or leave it out"
        ) from None
    Dataset.from_list([asdict(sample) for sample in samples]).save_to_disk(str(folder))


def _described(name: str) -> dict[str, Any]:
    """LLaMA-Factory's description of a file, for its dataset_info.json."""
    ranking = {"ranking": True} if name == "dpo" else {}
    return {
        "file_name": f"{name}.jsonl",
        "formatting": "sharegpt",
        **ranking,
        "columns": {"messages": "messages", **_COLUMNS[name]},
        "tags": _TAGS,
    }
