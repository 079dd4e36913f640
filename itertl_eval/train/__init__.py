"""Iterative fine-tuning with the grader as the reward (ITERTL, arXiv 2407.12022).

    python -m itertl_eval.train --config training/demo.yaml [--any_field value]
    python -m itertl_eval.train.filter PAIRS.jsonl -o KEPT.jsonl
    python -m itertl_eval.train.arms --config training/demo.yaml

`loop` says what happens in which order; every other module holds one noun of it. Nothing here
judges a design: `itertl_eval.grading` does. Importing this package imports nothing heavy.
"""
