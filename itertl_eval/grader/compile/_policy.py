"""Reject the few constructs that reach outside the design.

Comments, strings and escaped names are blanked first, so a word in them never counts. The list
is short on purpose: the sandbox stops everything else, whatever its spelling.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from itertl_eval.verilog import blank

MAX_CHARACTERS = 400_000
MAX_WITH_GIVEN = 4_000_000
"""The same for a text that also holds files of the problem."""
_INCLUDE = re.compile(r"`\s*include\b")
_GIVEN_FILE = re.compile(r'`include[ \t]*"([^"\n]*)"')
_FORBIDDEN = [
    (re.compile(r"`\s*line\b"), "`line: source positions belong to the compiler"),
    (re.compile(r"\$(system|sdf_annotate)\b"), "a system task that reaches outside the design"),
    (re.compile(r"\bbind\s+\w"), "bind: a design may not attach itself to other modules"),
]


_ALONE = "a design must be self-contained"


def violation(text: str, includes: Collection[str] = (), most: int = MAX_CHARACTERS) -> str | None:
    """Return the first rule that a text breaks, with its line, or None.

    Args:
        text: The design.
        includes: Names of the files that it may include.
        most: How many characters it may have.
    """
    if len(text) > most:
        return f"the design is longer than {most} characters"
    code = blank(text)
    for directive in _INCLUDE.finditer(code):
        file = _GIVEN_FILE.match(text, directive.start())
        if file is None or file[1] not in includes:
            line = code.count("\n", 0, directive.start()) + 1
            may = f"it may include {', '.join(sorted(includes))}" if includes else _ALONE
            return f"line {line}: `include: {may}"
    for pattern, rule in _FORBIDDEN:
        found = pattern.search(code)
        if found:
            return f"line {code.count(chr(10), 0, found.start()) + 1}: {rule}"
    return None
