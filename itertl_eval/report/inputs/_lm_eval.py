"""Read lm_eval's output: results_DATE.json and one samples_TASK_DATE.jsonl per task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.report._benchmark import Benchmark, verdict_of
from itertl_eval.report.inputs._jsonl import Row, document, flatten, rows

_NO_FACTS = {"metric_list", "fewshot_config", "process_results", "target_delimiter", "class"}
"""Configuration keys that are noise, or that the page shows elsewhere."""


def read_results(path: Path) -> list[Benchmark]:
    """Read the Verilog tasks of a results file, with their samples if logged."""
    results = document(path)
    if not isinstance(results.get("results"), dict) or not isinstance(results.get("configs"), dict):
        raise UsageError(
            f"{path} is neither lm_eval's results nor `itertl-eval grade --json`'s summary"
        )
    found = []
    for task, config in results["configs"].items():
        if not isinstance(config, dict) or not _is_ours(config, results["results"].get(task)):
            continue
        samples = samples_file(path, task)
        found.append(
            read_task(path, task, config, results)
            if samples is None
            else read_samples(samples, task=task, config=config, results=results)
        )
    return found


def read_task(path: Path, task: str, config: Row, results: Row) -> Benchmark:
    """Read a task that has only scores."""
    benchmark = Benchmark(_name(path, results), task, str(path), [])
    _describe(benchmark, config, results)
    benchmark.notes.append(
        f"There is no samples_{task}_*.jsonl beside {path.name}: only the scores are known. "
        "Run lm_eval with --log_samples to see verdicts."
    )
    return benchmark


def read_samples(
    path: Path, *, task: str = "", config: Row | None = None, results: Row | None = None
) -> Benchmark:
    """Read one samples file. Without its results the configuration is unknown."""
    task = task or path.name.removeprefix("samples_").rsplit("_", 1)[0].removesuffix(".jsonl")
    benchmark = Benchmark(_name(path, results or {}), task, str(path), [])
    for place, row in rows(path):
        doc = row.get("doc")
        if not isinstance(doc, dict) or "filtered_resps" not in row:
            raise UsageError(f"{place}: not a row that lm_eval --log_samples writes")
        if isinstance(doc.get("task_id"), str) and isinstance(doc.get("prompt"), str):
            benchmark.prompts[doc["task_id"]] = _prompt(row) or doc["prompt"]
        said = _flat(row.get("resps"))
        for number, text in enumerate(_flat(row["filtered_resps"])):
            verdict = verdict_of(_verdict_row(text, place), place, number)
            if verdict.code is None and number < len(said):
                benchmark.completions[len(benchmark.verdicts)] = said[number]
            benchmark.verdicts.append(verdict)
    if not benchmark.verdicts:
        raise UsageError(f"{path} is empty; run lm_eval again with --log_samples")
    if config is not None and results is not None:
        _describe(benchmark, config, results)
        _check(benchmark)
    else:
        benchmark.notes.append("Only the samples were given: the configuration is unknown.")
    return benchmark


def samples_file(path: Path, task: str) -> Path | None:
    """Return the samples file of `task` with the date of a results file, if any."""
    date = path.stem.rpartition("_")[2]
    name = f"samples_{task}_{date}.jsonl"
    return next((file for file in path.parent.iterdir() if file.name == name), None)


def _verdict_row(text: str, place: str) -> Row:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise UsageError(
            f"{place}: no verdict: the completions were not graded (--predict_only?), or the "
            "task is not one of this package. Write them as "
            '{"task_id": ..., "completion": ...} rows and run: itertl-eval grade FILE --task TASK'
        )
    return row


def _is_ours(config: Row, scores: Any) -> bool:
    """Return whether this package graded the task."""
    return config.get("process_results") == "graded" or (
        isinstance(scores, dict) and any(key.endswith(",graded") for key in scores)
    )


def _flat(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for entry in value for text in _flat(entry)]
    return [value] if isinstance(value, str) else []


def _prompt(row: Row) -> str:
    """Return what was really sent to the model: chat template and examples included."""
    arguments = row.get("arguments")
    while isinstance(arguments, dict | list) and arguments:
        arguments = next(iter(arguments.values() if isinstance(arguments, dict) else arguments))
    return _turns(arguments) if isinstance(arguments, str) else ""


def _turns(sent: str) -> str:
    """Format a list of chat messages for a reader; return other text unchanged."""
    try:
        messages = json.loads(sent)
        return "\n".join(f"[{turn['role']}]\n{turn['content']}" for turn in messages)
    except (ValueError, TypeError, KeyError, RecursionError):
        return sent


def _name(path: Path, results: Row) -> str:
    """Return the model's name, or the folder's, which lm-eval names after the model."""
    config = results.get("config")
    arguments = config.get("model_args") if isinstance(config, dict) else None
    if isinstance(arguments, str):
        arguments = dict(part.partition("=")[::2] for part in arguments.split(","))
    if isinstance(arguments, dict):
        for key in ("peft", "adapter_local_path", "pretrained", "model"):
            if isinstance(arguments.get(key), str):
                return str(arguments[key])
    model = config.get("model") if isinstance(config, dict) else None
    return model if isinstance(model, str) else path.resolve().parent.name


def _describe(benchmark: Benchmark, config: Row, results: Row) -> None:
    """Fill in the configuration, the harness's numbers and warnings."""
    task = benchmark.task
    metadata = config.get("metadata") if isinstance(config.get("metadata"), dict) else {}
    benchmark.suite = str((metadata or {}).get("suite", ""))
    shown = {key: value for key, value in config.items() if key not in _NO_FACTS}
    for part, value in (
        ("", {k: results[k] for k in ("card", "protocol_card") if k in results}),
        ("run", results.get("config")),
        ("task", shown),
        ("version", _of(results, "versions", task)),
        ("task_hash", _of(results, "task_hashes", task)),
        ("n-shot", _of(results, "n-shot", task)),
        ("lm_eval", results.get("lm_eval_version")),
        ("transformers", results.get("transformers_version")),
        ("git", results.get("git_hash")),
        ("chat_template_sha", results.get("chat_template_sha")),
        ("seconds", results.get("total_evaluation_time_seconds")),
    ):
        benchmark.facts.update(flatten(value, part))
    scores = results["results"].get(task) or {}
    for key, value in scores.items():
        name, _, rest = key.partition(",")
        if rest != "graded" or "_stderr" in name or not isinstance(value, int | float):
            continue
        if name.startswith("ended_"):
            benchmark.ended[name.removeprefix("ended_")] = float(value)
        else:
            error = scores.get(key.replace(",", "_stderr,"))
            number = float(error) if isinstance(error, int | float) else float("nan")
            benchmark.reported[name] = {"value": float(value), "stderr": number}
    warnings = (metadata or {}).get("warnings")
    benchmark.notes += (
        [w for w in warnings if isinstance(w, str)] if isinstance(warnings, list) else []
    )
    counts = _of(results, "n-samples", task)
    if isinstance(counts, dict) and counts.get("effective") != counts.get("original"):
        benchmark.notes.append(
            f"Only {counts.get('effective')} of the task's {counts.get('original')} problems "
            "were run (--limit): not a score to publish."
        )
    run = counts.get("effective") if isinstance(counts, dict) else None
    logged = len(benchmark.by_problem)
    if benchmark.verdicts and isinstance(run, int) and logged != run:
        benchmark.notes.append(
            f"{run} problems were run, but the samples file holds {logged}: it ended early, and "
            "what is counted here is only what it holds. The scores of all are in the results "
            "file; run lm_eval again to see every sample."
        )


def _of(results: Row, part: str, task: str) -> Any:
    values = results.get(part)
    return values.get(task) if isinstance(values, dict) else None


def _check(benchmark: Benchmark) -> None:
    """Add a note if the samples disagree with the scores in the results file."""
    ours = benchmark.summary.metrics()
    for name, reported in benchmark.reported.items():
        if name in ours and abs(ours[name]["value"] - reported["value"]) > 1e-9:
            benchmark.notes.append(
                f"The results file says {name} = {reported['value']:.4f}, its samples give "
                f"{ours[name]['value']:.4f}: they are not of the same run, or were edited."
            )
