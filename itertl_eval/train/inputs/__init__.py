"""Load or make what a run starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.inputs._prepare import Data, load_all, prepare

__all__ = [
    "Data",
    "load_all",
    "prepare",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_prepare": ["Data", "load_all", "prepare"],
        },
    )
