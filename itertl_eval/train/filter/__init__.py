"""Filter training pairs: self-contained, compiling, not contaminated.

python -m itertl_eval.train.filter PAIRS.jsonl -o KEPT.jsonl
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.filter._contamination import Benchmarks
    from itertl_eval.train.filter._self_contained import faults_of

__all__ = [
    "Benchmarks",
    "faults_of",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_contamination": ["Benchmarks"],
            "_self_contained": ["faults_of"],
        },
    )
