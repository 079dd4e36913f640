"""Pretrain a small model on the generated corpus.

python -m itertl_eval.train.base_model --out DIR --size tiny --steps 600
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.base_model._pretrain import make_base_model

__all__ = [
    "make_base_model",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_pretrain": ["make_base_model"],
        },
    )
