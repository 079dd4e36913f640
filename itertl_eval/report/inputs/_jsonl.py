"""Read JSON and JSON lines, with errors that name file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from itertl_eval.errors import UsageError

Row = dict[str, Any]


def rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield (FILE:LINE, row) for each row. Raises UsageError at the first bad one."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"{path}:{number}", parse(line, f"{path}:{number}")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text: is it a JSON lines file?") from None


def document(path: Path) -> Row:
    """Return the object in a JSON file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text: is it a JSON file?") from None
    return parse(text, str(path))


def parse(text: str, place: str) -> Row:
    """Parse a JSON object. Raises UsageError that names `place`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = "the file may have been cut off; remove the line or make the file again"
        raise UsageError(f"{place}: not JSON: {error} ({hint})") from None
    if not isinstance(value, dict):
        raise UsageError(f"{place}: expected a JSON object, not {type(value).__name__}")
    return value


def flatten(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted name, text) for each non-empty leaf of nested JSON objects."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from flatten(entry, f"{name}.{key}" if name else str(key))
    elif value not in (None, "", []):
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
