"""Read Verilog text: ports, syntax errors and module names, with slang."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.verilog import slang
    from itertl_eval.verilog._assertions import without_assertions
    from itertl_eval.verilog._identifiers import identifiers, is_assignment, targets
    from itertl_eval.verilog._ports import compare, expected_ports
    from itertl_eval.verilog._text import blank, without_comments
    from itertl_eval.verilog.slang import root_of

__all__ = [
    "blank",
    "compare",
    "expected_ports",
    "identifiers",
    "is_assignment",
    "root_of",
    "slang",
    "targets",
    "without_assertions",
    "without_comments",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_assertions": ["without_assertions"],
            "_identifiers": ["identifiers", "is_assignment", "targets"],
            "_ports": ["compare", "expected_ports"],
            "_text": ["blank", "without_comments"],
            "slang": ["root_of"],
        },
    )
