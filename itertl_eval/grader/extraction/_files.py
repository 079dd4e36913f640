"""Find the files that a completion writes, for problems that ask for files instead of a module."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from itertl_eval.grader.extraction._encodings import decoded, plain_characters
from itertl_eval.grader.extraction._extract import MAX_LENGTH, Extraction, extract
from itertl_eval.grader.extraction._places import FENCE
from itertl_eval.grader.extraction._thoughts import without_thoughts
from itertl_eval.grader.extraction._units import units_of

_LABEL_CHARACTERS = 200
"""How far before a fence its file may be named."""


def extract_files(
    completion: str, modules: Mapping[str, Sequence[str]], known: Collection[str] = ()
) -> Extraction:
    """Return the files in a completion.

    A JSON object with the files wins. Otherwise each file is what `extract` finds for its module:
    the last place that defines it. Where no module tells, the place that is labelled with the
    file's name. A module is in one file only; of several in one place each goes to its own.

    Args:
        completion: What the model wrote.
        modules: For each file that is asked for, by path, the names that its module may have.
        known: Modules that other files of the problem define, so that a completion that repeats
            them in another place does not define them again.
    """
    if len(completion) > MAX_LENGTH:
        return extract(completion, "")
    text, _ = without_thoughts(plain_characters(completion))
    given = _from_json(text, list(modules))
    found: dict[str, tuple[str, str]] = {}
    reasons: list[str] = []
    for path, names in modules.items():
        if path in given:
            found[path] = names[0], _bare(given[path])
            continue
        others = {name for other, its in modules.items() if other != path for name in its}
        for name in names:
            one = extract(completion, name, known={*others, *known} - {name})
            if one.code is not None:
                found[path] = name, one.code
                break
            reasons.append(one.problem)
        else:
            if (labelled := _labelled(text, path)) is not None:
                found[path] = names[0], labelled
    if not found:
        return Extraction(None, reasons[0] if reasons else "the completion has no file")
    files = _apart(found)
    if len(modules) == 1:
        return Extraction(next(iter(files.values())), files=files)
    joined = "".join(f"// {path}\n{code.strip()}\n" for path, code in files.items())
    return Extraction(joined, files=files)


def _from_json(text: str, paths: Sequence[str]) -> dict[str, str]:
    """Return the files in the JSON form that CVDP asks for: {"code": [{"rtl/a.sv": "..."}]}."""
    start, end = text.find("{"), text.rfind("}")
    try:
        value: Any = json.loads(text[start : end + 1], strict=False)
    except (ValueError, RecursionError):
        return {}
    entries = value.get("code") if isinstance(value, dict) else None
    entries = entries if isinstance(entries, list) else [value]
    found: dict[str, str] = {}
    for entry in entries:
        for name, code in entry.items() if isinstance(entry, dict) else ():
            path = _named(str(name), paths)
            if path is not None and isinstance(code, str):
                found[path] = code
    return found


def _named(name: str, paths: Sequence[str]) -> str | None:
    """Return the path that a name means: itself, or the one with this last part."""
    if name in paths:
        return name
    last = name.rpartition("/")[2]
    return next((path for path in paths if path.rpartition("/")[2] == last), None)


def _bare(code: str) -> str:
    """Return a text without the fence around it, if it has one."""
    fences = list(FENCE.finditer(code))
    if len(fences) < 2:
        return code
    return code[fences[0].end() : fences[-1].start()].removeprefix("\n")


def _labelled(text: str, path: str) -> str | None:
    """Return the last fence that has a file's name before it or in its first line."""
    name = re.escape(path.rpartition("/")[2])
    fences = list(FENCE.finditer(text))
    last, best = 0, None
    for start, end in zip(fences[::2], fences[1::2], strict=False):
        body = text[start.end() : end.start()].removeprefix("\n")
        label = text[max(last, start.start() - _LABEL_CHARACTERS) : start.end()]
        label += body.partition("\n")[0]
        last = end.end()
        if re.search(rf"(?<![\w.]){name}\b", label):
            best = decoded(body)
    return best


def _apart(found: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Leave each unit in one file: in its own, or else in the first that has it."""
    own = {name: path for path, (name, _) in found.items()}
    files: dict[str, str] = {}
    for path, (_, code) in found.items():
        pieces, position = [], 0
        for unit in units_of(code) if len(found) > 1 else ():
            if own.setdefault(unit.name, path) != path:
                pieces.append(code[position : unit.start])
                position = unit.end
        files[path] = "".join([*pieces, code[position:]])
    return files
