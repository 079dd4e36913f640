"""Read rows from JSON lines, a JSON list, Parquet, a `datasets` folder or a hub data set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itertl_eval.errors import InfrastructureError, UsageError

FILES = (".jsonl", ".json", ".parquet")
SAVED = ("dataset_info.json", "dataset_dict.json")
"""Files that `Dataset.save_to_disk` and `DatasetDict.save_to_disk` write."""
SPLIT = "train"


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used: its place and what is wrong with it."""

    source: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.why}"


def holds_rows(source: str) -> bool:
    """Return True for a file of pairs, a `datasets` folder or a hub name."""
    path = Path(source)
    if path.is_dir():
        return bool(_form(path))
    if path.suffix in FILES:
        return True
    return not path.exists() and source.count("/") == 1 and not source.startswith((".", "/"))


def _form(folder: Path) -> str:
    """Return the form of a `datasets` folder (saved, parquet, json); "" for any other folder."""
    if any((folder / name).exists() for name in SAVED):
        return "saved"
    if any(folder.rglob("*.parquet")):
        return "parquet"
    ours = ("problem.yaml", "*/problem.yaml", "corpus.json")  # tasks, a generated corpus
    if any(any(folder.glob(name)) for name in ours):
        return ""
    return "json" if any(folder.rglob("*.jsonl")) else ""


def name_of(source: str) -> str:
    """Return a short name: that of the file, the folder or the hub repository."""
    path = Path(source)
    return path.stem if path.suffix in FILES else path.name.partition("@")[0]


def read_rows(source: str, bad: list[BadRow]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, row) of a JSON lines file, (number, row) of anything else, both from 1.

    Args:
        source: A file, a `datasets` folder, or ORG/NAME[@REVISION]. Of several splits `train`
            is read.
        bad: Receives the lines that are not JSON objects.

    Raises:
        UsageError: The source cannot be read at all.
        InfrastructureError: A hub data set cannot be loaded.
    """
    for number, row, _ in read_lines(source, bad):
        yield number, row


def read_lines(source: str, bad: list[BadRow]) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Yield as `read_rows`, followed by the row's line; "" if a row is not a line of text."""
    path = Path(source)
    if path.is_dir() or path.suffix not in (".jsonl", ".json"):
        for number, row in enumerate(_data_set(source), 1):
            yield number, dict(row), ""
        return
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors write a byte order mark
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    for number, entry, line, why in _entries(path, text):
        if isinstance(entry, dict):
            yield number, entry, line
        else:
            bad.append(BadRow(source, number, why or "not an object"))


def _entries(path: Path, text: str) -> Iterator[tuple[int, Any, str, str]]:
    """Yield (number, value, line, fault) of a JSON list or JSON lines, whatever the file name."""
    if text.lstrip().startswith("["):
        try:
            rows = json.loads(text)
        except ValueError as error:
            raise UsageError(f"{path} is not a JSON list: {error}") from None
        for number, entry in enumerate(rows, 1):
            yield number, entry, "", ""
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line), line, ""
            except ValueError as error:
                yield number, None, line, f"not JSON: {error}"


def _data_set(source: str) -> Any:
    import datasets

    path = Path(source)
    try:
        if path.suffix == ".parquet":
            found = datasets.load_dataset("parquet", data_files=source)
        elif path.is_dir() and (form := _form(path)) == "saved":
            found = datasets.load_from_disk(source)
        elif path.is_dir():
            found = datasets.load_dataset(form, data_dir=source)
        else:
            name, _, revision = source.partition("@")
            found = datasets.load_dataset(name, revision=revision or None)
    except (ConnectionError, OSError) as error:
        if path.exists():
            raise UsageError(f"{source} cannot be read: {error}") from None
        raise InfrastructureError(
            f"{source} is not a local file or folder, and cannot be loaded from the hub: {error}\n"
            "Correct the name, or download the data set and give its folder."
        ) from None
    except ValueError as error:
        raise UsageError(f"{source} cannot be read: {error}") from None
    if not isinstance(found, datasets.DatasetDict):
        return found
    if SPLIT in found:
        return found[SPLIT]
    if len(found) > 1:
        raise UsageError(
            f"{source} has the splits {', '.join(found)} but no {SPLIT!r}: save the one to use"
        )
    return next(iter(found.values()))
