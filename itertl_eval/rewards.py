"""The grader as the reward of other trainers: TRL, verl and OpenRLHF. Imports nothing heavy.

Each function follows the contract of its trainer and calls `grade_many`. The data set names the
problem of each completion by `suite` and `task_id`: as columns (TRL), or in the ground truth or
label (verl, OpenRLHF) as one JSON object or "SUITE/TASK_ID". A suite is a name or folder that
`load_suite` accepts, or the folder of a generated corpus.

The reward is `Verdict.score`: 1 for a design that passes every test, below 0.5 for any other.
If this machine fails, nothing is known about the design and there is no reward. TRL gets None,
which it leaves out; the other contracts have no such value, so they raise InfrastructureError.
A machine that can't grade at all raises it with the first batch, in all three; call
`itertl_eval.grader.preflight()` before a model is loaded to know earlier.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader import grade_many
from itertl_eval.problem import Problem
from itertl_eval.suites import load_problem
from itertl_eval.verdict import Verdict


def trl_reward(
    prompts: Sequence[Any],
    completions: Sequence[Any],
    completion_ids: Sequence[Any] | None = None,
    **columns: Any,
) -> list[float | None]:
    """Reward function for `GRPOTrainer(reward_funcs=trl_reward)`.

    Args:
        prompts: Not used.
        completions: Strings, or lists of chat messages.
        completion_ids: Not used.
        **columns: The data set's columns, of which `suite` and `task_id` name the problems.

    Returns:
        One reward in 0..1 per completion; None for an infrastructure error.

    Raises:
        UsageError: A column is missing, or there is no such problem.
    """
    del prompts, completion_ids
    for name in ("task_id", "suite"):
        if name not in columns:
            raise UsageError(f"trl_reward needs the column {name!r} in the data set")
    pairs = [
        (find(str(suite), str(task_id)), text_of(completion))
        for suite, task_id, completion in zip(
            columns["suite"], columns["task_id"], completions, strict=True
        )
    ]
    return [v.score if v.status != "infra_error" else None for v in grade_many(pairs)]


def verl_reward(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    **_: Any,
) -> dict[str, Any]:
    """Reward of one completion for verl's `compute_score`.

    Args:
        data_source: The suite, if neither of the following names it.
        solution_str: The completion.
        ground_truth: Names the problem.
        extra_info: Names the problem if `ground_truth` does not.

    Returns:
        {"score" in 0..1, "passed" 0.0 or 1.0, "stage"}.

    Raises:
        UsageError: No problem is named, or there is none of that name.
        InfrastructureError: The completion could not be graded.
    """
    named = _named(ground_truth) or dict(extra_info or {})
    if "task_id" not in named:
        raise UsageError('verl_reward needs ground_truth {"suite": ..., "task_id": ...}')
    problem = find(str(named.get("suite") or data_source), str(named["task_id"]))
    verdict = _require_graded(grade_many([(problem, solution_str)]))[0]
    return {"score": verdict.score, "passed": float(verdict.passed), "stage": verdict.stage}


compute_score = verl_reward
"""verl's default name for a function in `custom_reward_function.path`."""


def openrlhf_reward(
    queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any], **_: Any
) -> dict[str, Any]:
    """Rewards of a batch for OpenRLHF's `reward_func`.

    Args:
        queries: Prompts followed by completions.
        prompts: The prompts alone.
        labels: Name the problems.

    Returns:
        {"rewards", "scores"}: float tensors [batch], and "extra_logs".

    Raises:
        UsageError: No problem is named, or there is none of that name.
        InfrastructureError: A completion could not be graded.
    """
    import torch  # the contract requires tensors

    pairs = []
    for query, prompt, label in zip(queries, prompts, labels, strict=True):
        named = _named(label)
        if "task_id" not in named or "suite" not in named:
            raise UsageError('openrlhf_reward needs labels {"suite": ..., "task_id": ...}')
        problem = find(str(named["suite"]), str(named["task_id"]))
        pairs.append((problem, query.removeprefix(prompt)))
    verdicts = _require_graded(grade_many(pairs))
    rewards = torch.tensor([verdict.score for verdict in verdicts], dtype=torch.float)
    passed = torch.tensor([float(verdict.passed) for verdict in verdicts])
    return {"rewards": rewards, "scores": passed, "extra_logs": {"passed": passed}}


reward_func = openrlhf_reward
"""The name that OpenRLHF's `--reward.remote_url FILE.py` imports."""


@cache
def find(suite: str, task_id: str) -> Problem:
    """Return a problem. Raises UsageError if there is none of that name."""
    return load_problem(f"{suite}/{task_id}")


def text_of(completion: Any) -> str:
    """Return the text of a completion: a string, or a list of chat messages.

    The content of a message is a string or a list of typed parts.
    """
    if isinstance(completion, str):
        return completion
    contents = (message.get("content") or "" for message in completion)
    return "".join(
        content if isinstance(content, str) else "".join(part.get("text") or "" for part in content)
        for content in contents
    )


def _named(value: Any) -> dict[str, Any]:
    """Return the problem that a ground truth or a label names; empty if it names none."""
    if isinstance(value, Mapping):
        return dict(value)
    text = str(value or "").strip()
    if text.startswith("{"):
        try:
            return dict(json.loads(text))
        except ValueError as error:
            raise UsageError(f"not valid JSON: {text[:80]!r} ({error})") from None
    suite, slash, task_id = text.rpartition("/")
    return {"suite": suite, "task_id": task_id} if slash and suite else {}


def problem_of_label(label: Any) -> tuple[str, str]:
    """Return the (suite, task_id) that a label names. Raises UsageError for any other label."""
    named = _named(label)
    if "task_id" not in named or "suite" not in named:
        raise UsageError('a label must be {"suite": ..., "task_id": ...} or "SUITE/TASK_ID"')
    return str(named["suite"]), str(named["task_id"])


def _require_graded(verdicts: list[Verdict]) -> list[Verdict]:
    for verdict in verdicts:
        if verdict.status == "infra_error":
            raise InfrastructureError(f"{verdict.task_id} was not graded: {verdict.message}")
    return verdicts
