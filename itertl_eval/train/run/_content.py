"""Bind a run to the content of its base model, wherever the model and the run are."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from itertl_eval._util.output_files import write_whole
from itertl_eval.errors import UsageError
from itertl_eval.train.run import ranks
from itertl_eval.train.run._folder import digest

FILE = "base.json"
SUFFIXES = (".safetensors", ".bin", ".json", ".model", ".txt", ".jinja")


def base_key(run: Path, model: str, revision: str | None) -> str:
    """Return the key of a base model in a run: a hash that its phases depend on.

    The first start records the hash of each file of a local model, or the commit of a hub model.
    Later starts compare: the model may have moved, but not changed. A file is hashed again only
    if its size or its time has changed.

    Args:
        run: The run's folder.
        model: A folder (as an absolute path) or hub name.
        revision: Revision of a hub model.

    Raises:
        UsageError: The model is not the one that the run was started with.
    """
    record = run / FILE
    if not ranks.is_main():
        ranks.wait_until(record.exists)
        return str(json.loads(record.read_text())["key"])
    before: dict[str, Any] = json.loads(record.read_text()) if record.exists() else {}
    files = _files(Path(model), before.get("files", {}))
    commit = None if files else _commit(model, revision)
    changed = [
        name
        for name, facts in files.items()
        if before and before["files"].get(name, {}).get("sha256") != facts["sha256"]
    ]
    if before and before["commit"] and commit and before["commit"] != commit:
        changed.append(f"commit {before['commit']} -> {commit}")
    if changed:
        raise UsageError(
            f"model: {model} has changed since {run} was started: {', '.join(changed)}. "
            "Restore it to resume this run, or choose another --run_dir."
        )
    key = before.get("key") or digest([model, revision])
    write_whole(record, json.dumps({"key": key, "commit": commit, "files": files}, indent=1))
    return str(key)


def _files(folder: Path, known: dict[str, Any]) -> dict[str, Any]:
    """Return size, time and SHA-256 of each file that makes the model; none for a hub name."""
    found = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix not in SUFFIXES or not path.is_file():
            continue
        facts: dict[str, Any] = {
            "size": path.stat().st_size,
            "time": path.stat().st_mtime_ns,
        }
        before = known.get(path.name, {})
        if all(before.get(name) == value for name, value in facts.items()):
            facts["sha256"] = before["sha256"]
        else:
            with path.open("rb") as file:
                facts["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        found[path.name] = facts
    return found


def _commit(name: str, revision: str | None) -> str | None:
    """Return the commit of a hub model in the local cache, None before its first download."""
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(name, "config.json", revision=revision)
    return Path(cached).parent.name if isinstance(cached, str) else None
