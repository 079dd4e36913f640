"""Prove designs equivalent or refute them, with Yosys (the extra `formal`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.formal._equivalence import SECONDS, Equivalence, prove_equivalent
    from itertl_eval.formal._hazards import forgotten_input
    from itertl_eval.formal._replay import Counterexample
    from itertl_eval.formal._yosys import HINT, available

__all__ = [
    "HINT",
    "SECONDS",
    "Counterexample",
    "Equivalence",
    "available",
    "forgotten_input",
    "prove_equivalent",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_equivalence": ["SECONDS", "Equivalence", "prove_equivalent"],
            "_hazards": ["forgotten_input"],
            "_replay": ["Counterexample"],
            "_yosys": ["HINT", "available"],
        },
    )
