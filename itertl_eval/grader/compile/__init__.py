"""Compile a design: policy, pre-filter, Icarus Verilog, interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.grader.compile import prefilter, vvp
    from itertl_eval.grader.compile._compiler import Tools
    from itertl_eval.grader.compile._icarus import (
        KNOWN_FAULTS,
        RECOMMENDED,
        SUPPORTED,
        Icarus,
        find_icarus,
    )
    from itertl_eval.grader.compile._stages import prepare

__all__ = [
    "KNOWN_FAULTS",
    "RECOMMENDED",
    "SUPPORTED",
    "Icarus",
    "Tools",
    "find_icarus",
    "prefilter",
    "prepare",
    "vvp",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_compiler": ["Tools"],
            "_icarus": ["Icarus", "KNOWN_FAULTS", "RECOMMENDED", "SUPPORTED", "find_icarus"],
            "_stages": ["prepare"],
        },
    )
