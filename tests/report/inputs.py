"""Inputs for the tests: verdict rows, lm-eval folders and training runs, made by hand."""

from __future__ import annotations

import json
from pathlib import Path

HOSTILE = (
    "module m; // </pre></details></script><script>alert(1)</script><img src=x onerror=alert(2)>"
    "<!--<script> \"'{{ 7*7 }}{% raw %} \x00\x1b[31m\u202e\ud800 ]]>\nendmodule"
)


def row(task_id, sample=0, stage="pass", **more):
    """A verdict row; it passes in stage `pass` only."""
    passed = stage == "pass"
    return {
        "task_id": task_id,
        "sample": sample,
        "status": "pass" if passed else "fail",
        "stage": stage,
        "passed": passed,
        "score": float(passed),
        "cases_passed": 1,
        "cases_total": 2,
        "message": "" if passed else f"ended in {stage}",
        "seconds": 0.25,
        "cached": False,
        "seed": 7,
        "simulator": "Icarus Verilog 12.0",
        "pyverilog": None,
        **more,
    }


def rows_of(stages):
    """Rows from {"task": "stage stage ..."}."""
    return [
        row(task_id, at, stage, code=f"module {task_id}; // {stage}\nendmodule")
        for task_id, text in stages.items()
        for at, stage in enumerate(text.split())
    ]


def write_lines(path: Path, rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_lm_eval(
    folder: Path,
    rows,
    *,
    task="rtl_core",
    model="some/model",
    date="2026-01-02T03-04-05.678",
    scores=None,
    prompt="Write a module.",
    said="what the model said",
    logged=True,
    **metadata,
) -> Path:
    """A folder as lm_eval 0.4.13 leaves it; returns the results file."""
    folder.mkdir(parents=True, exist_ok=True)
    results = folder / f"results_{date}.json"
    config = {
        "task": task,
        "process_results": "graded",
        "metric_list": [],
        "metadata": {"suite": task, "version": 1.0, **metadata},
    }
    results.write_text(
        json.dumps(
            {
                "results": {task: {"alias": task, **(scores or {})}},
                "configs": {task: config},
                "versions": {task: 1.0},
                "n-samples": {task: {"original": 2, "effective": 2}},
                "config": {"model": "hf", "model_args": f"pretrained={model},dtype=auto"},
                "lm_eval_version": "0.4.13",
            }
        )
    )
    by_task: dict = {}
    for one in rows:
        by_task.setdefault(one["task_id"], []).append(one)
    samples = [
        {
            "doc_id": at,
            "doc": {"task_id": task_id, "prompt": prompt},
            "arguments": {"gen_args_0": {"arg_0": prompt, "arg_1": {}}},
            "resps": [[said] * len(mine)],
            "filtered_resps": [[json.dumps(one) for one in mine]],
            "filter": "graded",
        }
        for at, (task_id, mine) in enumerate(by_task.items())
    ]
    if logged:
        write_lines(folder / f"samples_{task}_{date}.jsonl", samples)
    return results


def records():
    """Three rows of a metrics.jsonl."""
    base = {
        "stage": "base",
        "iteration": 0,
        "pass@1": 0.25,
        "pass@1_se": 0.05,
        "pass@5": 0.5,
        "pass@5_se": 0.06,
        "heldout": 20,
        "stages": {"syntax": 15, "pass": 5},
        "infra_errors": 0,
    }
    trained = {
        **base,
        "stage": "iteration-01",
        "iteration": 1,
        "pass@1": 0.375,
        "train_samples": 24,
        "train_passed": 0.5,
        "train_unique": 0.9,
        "train_stages": {"simulate": 12, "pass": 12},
        "score_histogram": [0, 0, 12, 0, 0, 0, 0, 0, 0, 12],
        "tokens_median": 90,
        "fit_reference_logprob_last": -1.5,
        "fit_loss_last": float("nan"),
        "seconds": 61.5,
    }
    return [base, trained, {**trained, "stage": "iteration-02", "iteration": 2, "seconds": 70.0}]


def write_run(folder: Path, rows=None, recipe=None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(folder / "metrics.jsonl", records() if rows is None else rows)
    (folder / "recipe.json").write_text(json.dumps(recipe or {"learning_rate": 0.001}))
    return folder
