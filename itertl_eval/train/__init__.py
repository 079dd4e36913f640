"""Iterative fine-tuning with the grader as the reward (ITERTL, arXiv 2407.12022).

    python -m itertl_eval.train --config training/demo.yaml [--any_field value]
    python -m itertl_eval.train.filter PAIRS.jsonl -o KEPT.jsonl
    python -m itertl_eval.train.arms --config training/demo.yaml

`_loop.py` is the algorithm: sample, grade, fit, evaluate. The packages below are its parts. The
grading itself is `itertl_eval.grader`. Importing this package imports nothing heavy.
"""
