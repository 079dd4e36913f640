"""What a design may not even say: the few constructs that reach outside of the design.

Comments, strings and escaped names are blanked first, so that a word in them never counts. The
list is short on purpose; everything else is stopped by the sandbox instead of by its spelling.
"""

from __future__ import annotations

import re

from itertl_eval.verilog import blank

MAX_CHARACTERS = 400_000
_FORBIDDEN = [
    (re.compile(r"`\s*include\b"), "`include: an answer must stand alone"),
    (re.compile(r"`\s*line\b"), "`line: source positions belong to the compiler"),
    (re.compile(r"\$(system|sdf_annotate)\b"), "a system task that reaches outside of the design"),
    (re.compile(r"\bbind\s+\w"), "bind: a design may not attach itself to other modules"),
]


def violation(text: str) -> str | None:
    """The first rule that `text` breaks, with its line, or None."""
    if len(text) > MAX_CHARACTERS:
        return f"the design is longer than {MAX_CHARACTERS} characters"
    code = blank(text)
    for pattern, rule in _FORBIDDEN:
        found = pattern.search(code)
        if found:
            return f"line {code.count(chr(10), 0, found.start()) + 1}: {rule}"
    return None
