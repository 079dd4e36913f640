"""Iterative fine-tuning with the grader as the reward (ITERTL, arXiv 2407.12022).

    python -m itertl_eval.train --config training/demo.yaml [--any_field value]
    python -m itertl_eval.train.filter PAIRS.jsonl -o KEPT.jsonl
    python -m itertl_eval.train.arms --config training/demo.yaml

`_loop.py` is the algorithm: sample, grade, fit, evaluate. The packages below are its parts. The
grading itself is `itertl_eval.grader`. Importing this package imports nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.outputs import RunSample, run_samples

__all__ = ["RunSample", "run_samples"]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(__name__, {"outputs": ["RunSample", "run_samples"]})
