"""Find the message for people in what Icarus Verilog prints."""

from __future__ import annotations

import re

from itertl_eval.verilog import slang

MOST_CHARACTERS = 500
_WHERE = re.compile(rf"^(?:\S*/)?{re.escape(slang.FILE)}:(\d+):")
_PLACE = re.compile(r"^[^\s:]+:\d+: ")
_COUNT = re.compile(r"^\d+ error\(s\) during elaboration\.?$|^Elaboration failed$|^I give up\.$")
_HARMLESS = re.compile(
    r"warning:|\(all bits will be included\)|\(the process will be sensitive to all "
    r"|^[^\s:]+:\d+: +: "
)


def first_error(said: str) -> str:
    """Return the compiler's first error, with the line in the completion; "" if there is none.

    Neither warnings nor the number of errors are errors, and what only continues another line
    is left out.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    lines = [line for line in lines if not _COUNT.match(line) and not _HARMLESS.search(line)]
    named = (line for line in lines if "sorry:" in line or "error" in line.lower())
    placed = (line for line in lines if _PLACE.match(line))
    first = min(
        (line for line in (next(named, None), next(placed, None)) if line is not None),
        key=lines.index,
        default=lines[0] if lines else "",
    )
    return _WHERE.sub(r"line \1:", first)[:MOST_CHARACTERS]
