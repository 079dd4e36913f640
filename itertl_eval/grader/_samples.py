"""Samples files: JSON lines of task_id and completion, as VerilogEval's own harness reads them."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from itertl_eval._util.paths import cache_folder
from itertl_eval.errors import UsageError
from itertl_eval.grader._item import Item, Protocol
from itertl_eval.problem import Suite


def read_samples(
    path: Path,
    suite: Suite,
    *,
    seed: int = 0,
    cache: bool = True,
    protocol: Protocol = "cocotb",
    partial: bool = True,
) -> Iterator[Item]:
    """Yield the rows of a samples file as Items, reading the file as they are needed.

    Several rows with one task_id are its samples, numbered from 0 unless a row has `sample`.

    Args:
        path: JSON lines of task_id and completion.
        suite: The problems.
        seed: See Item, as for the other arguments.
        cache: See Item.
        protocol: See Item.
        partial: See Item.

    Raises:
        UsageError: A row can't be used; the message names its line.
    """
    counts: dict[str, int] = {}
    try:
        file = path.open(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None
    with file:
        for number, line in enumerate(_lines(path, file), 1):
            if not line.strip():
                continue
            task_id, completion, sample = _row(f"{path}:{number}", line, suite)
            if sample is None:
                sample = counts.get(task_id, 0)
            counts[task_id] = max(counts.get(task_id, 0), sample + 1)
            yield Item(suite[task_id], completion, sample, seed, cache, protocol, partial)


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    try:
        yield from file
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text: {error}") from None


def _row(place: str, line: str, suite: Suite) -> tuple[str, str, int | None]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place}: not JSON: {error}") from None
    if not isinstance(row, dict):
        raise UsageError(f'{place}: expected {{"task_id": ..., "completion": ...}}')
    for key in ("task_id", "completion"):
        if not isinstance(row.get(key), str):
            raise UsageError(f"{place}: {key!r} must be a string")
    sample = row.get("sample")
    if sample is not None and (type(sample) is not int or sample < 0):
        raise UsageError(f"{place}: 'sample' must be an integer of at least 0")
    if row["task_id"] not in suite:
        raise UsageError(f"{place}: {suite.name} has no problem {row['task_id']!r}")
    return row["task_id"], row["completion"], sample


KEEP_DAYS = 30


def keep(items: Iterable[Item], name: str) -> Path:
    """Write completions to a samples file that `itertl-eval grade` reads; return its path.

    The file is in `completions` in the cache folder, one per run and process, or in a folder for
    temporary files if the cache can't be written. Files older than KEEP_DAYS are removed.

    Raises:
        OSError: There is no room in either folder.
    """
    rows = [
        {"task_id": item.problem.id, "completion": item.completion, "sample": item.sample}
        for item in items
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    date = time.strftime("%Y-%m-%dT%H-%M-%S")
    file = f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)}_{date}_{os.getpid()}.jsonl"
    try:
        return _written(_kept_folder() / file, text)
    except OSError:  # of another user, read-only or full
        return _written(Path(tempfile.mkdtemp(prefix="itertl-eval-")) / file, text)


def _kept_folder() -> Path:
    folder = cache_folder() / "completions"
    folder.mkdir(parents=True, exist_ok=True)
    oldest = time.time() - KEEP_DAYS * 86_400
    for earlier in folder.glob("*.jsonl"):
        if earlier.stat().st_mtime < oldest:
            earlier.unlink(missing_ok=True)
    return folder


def _written(path: Path, text: str) -> Path:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path
