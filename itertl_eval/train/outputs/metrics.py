"""The numbers of a run: pass@k on held-out problems, and facts about samples and fits."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from itertl_eval._util.output_files import write_whole
from itertl_eval.report import Report, plot, read_run, render
from itertl_eval.results import mean_and_error, pass_at_k, report_ks
from itertl_eval.train.sampling import Sample
from itertl_eval.train.scoring import ScoredSample, Scores

METRICS = "metrics.jsonl"
_HEADINGS = (
    ("stage", "stage", "{}"),
    ("pass@1", "pass@1", "{:.3f}"),
    ("pass@1_se", "±", "{:.3f}"),
    ("train_passed", "samples passed", "{:.3f}"),
    ("train_unique", "unique", "{:.2f}"),
    ("fit_reference_logprob_last", "log p(ref)", "{:.3f}"),
    ("fit_loss_last", "loss", "{:.3f}"),
    ("seconds", "seconds", "{:.0f}"),
)


def pass_rates(scored: Iterable[ScoredSample], n: int) -> dict[str, Any]:
    """Return pass@k for k = 1, 5, 10, n with standard errors over problems.

    Infrastructure errors don't count as samples. pass@k of a problem with fewer than k graded
    samples is not estimated; `heldout` counts the problems that pass@1 is the mean of.
    """
    by_problem: dict[str, list[ScoredSample]] = defaultdict(list)
    for one in scored:
        by_problem[one.problem_id].append(one)
    result: dict[str, Any] = {}
    for k in report_ks(n):
        values = []
        for rows in by_problem.values():
            valid = [row for row in rows if row.counts]
            if len(valid) >= k:
                values.append(pass_at_k(len(valid), sum(row.passed for row in valid), k))
        mean, error = mean_and_error(values)
        result[f"pass@{k}"], result[f"pass@{k}_se"] = round(mean, 6), round(error, 6)
        if k == 1:
            result["heldout"] = len(values)
    result["stages"] = dict(Counter(row.ended for rows in by_problem.values() for row in rows))
    result["infra_errors"] = sum(not row.counts for rows in by_problem.values() for row in rows)
    return result


def problem_counts(scored: Iterable[ScoredSample]) -> dict[str, dict[str, int]]:
    """Return problem id -> how many of its samples passed and were graded; none without any."""
    by_problem: dict[str, list[bool]] = defaultdict(list)
    for one in scored:
        if one.counts:
            by_problem[one.problem_id].append(one.passed)
    return {name: {"passed": sum(v), "graded": len(v)} for name, v in by_problem.items()}


def sample_facts(samples: Sequence[Sample], scores: Scores) -> dict[str, Any]:
    """Return the columns of metrics.jsonl about the training samples of an iteration."""
    verdicts = [scores[s.key] for s in samples]
    valid = [v for v in verdicts if v.counts]
    lengths = sorted(len(s.ids) for s in samples if s.ids is not None)
    problems = {v.problem_id for v in verdicts if v.tested}
    tested = [v for v in valid if v.tested]
    solved = {v.problem_id for v in tested if v.passed}
    texts = {(s.problem_id, s.text) for s in samples}
    passing = {(s.problem_id, s.text) for s, v in zip(samples, verdicts, strict=True) if v.verified}
    return {
        "train_samples": len(samples),
        "train_passed": round(sum(v.passed for v in tested) / max(1, len(tested)), 6),
        "train_solved": round(len(solved) / max(1, len(problems)), 6),
        "train_unique": round(len(texts) / max(1, len(samples)), 6),
        "train_unique_passing": len(passing),
        "train_behaviours": round(behaviours(valid), 6),
        "train_stages": dict(Counter(v.ended for v in verdicts)),
        "train_infra_errors": len(verdicts) - len(valid),
        "train_untested": len(valid) - len(tested),
        "train_truncated": sum(s.finish == "length" for s in samples),
        "score_histogram": histogram([v.reward for v in valid if v.reward is not None]),
        "tokens_median": lengths[len(lengths) // 2] if lengths else None,
        "tokens_max": lengths[-1] if lengths else None,
    }


def behaviours(scored: Iterable[ScoredSample]) -> float:
    """Return the mean number of different verdicts per instruction: how much is explored.

    Completions behave alike if stage, score and first failing check are equal; all passing ones
    do. The number of truly different behaviours may be larger.
    """
    found: dict[str, set[tuple[str, float, str]]] = defaultdict(set)
    for one in scored:
        found[one.problem_id].add((one.stage, one.score, "" if one.passed else one.message))
    return sum(len(seen) for seen in found.values()) / max(1, len(found))


def histogram(values: Iterable[float], bins: int = 10) -> list[int]:
    """Return the counts of values in 0..1 in equal bins; 1.0 falls into the last one."""
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(value * bins))] += 1
    return counts


def write(folder: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Rewrite metrics.jsonl: one row per evaluated model."""
    text = "".join(json.dumps(dict(record)) + "\n" for record in records)
    write_whole(folder / METRICS, text)


def show(folder: Path) -> None:
    """Write report.html and plot.svg from the metrics in a run's folder."""
    found = read_run(folder)
    write_whole(folder / "report.html", render(Report([], [found]), f"Training: {found.name}"))
    write_whole(folder / "plot.svg", plot(found))


def table(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the records as a short table with fixed-width columns."""
    columns = [entry for entry in _HEADINGS if any(r.get(entry[0]) is not None for r in records)]
    lines = [
        [heading for _, heading, _ in columns],
        *(
            ["-" if record.get(k) is None else form.format(record[k]) for k, _, form in columns]
            for record in records
        ),
    ]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
