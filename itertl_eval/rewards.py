"""The grader as the reward of other trainers: TRL, verl and OpenRLHF. Imports nothing heavy.

Each function follows the contract of its trainer and asks `grade_many`. Which problem an
answer belongs to is said by the data set: a `suite` and a `task_id`, as columns (TRL), or in
the ground truth or label (verl, OpenRLHF), where they are one JSON object or "SUITE/TASK_ID".
A suite is a name or folder that `load_suite` takes, or the folder of a generated corpus.

The reward is `Verdict.score`: 1 for a design that passes every test, below 0.5 for any other.
When this machine fails, nothing is known of the design, and no reward is made up: TRL gets
None, which it leaves out; the other contracts have no such value, so InfrastructureError is
raised there.
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
    """For `GRPOTrainer(reward_funcs=trl_reward)`; the data set has columns suite and task_id.

    A completion is a string or a list of chat messages. None stands for an infrastructure
    error. Raises UsageError without the two columns.
    """
    del prompts, completion_ids
    for name in ("task_id", "suite"):
        if name not in columns:
            raise UsageError(f"trl_reward needs the column {name!r} in the data set")
    pairs = [
        (find(str(suite), str(task)), text_of(completion))
        for suite, task, completion in zip(
            columns["suite"], columns["task_id"], completions, strict=True
        )
    ]
    return [v.score if v.status != "infra_error" else None for v in _grade(pairs)]


def verl_reward(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    **_: Any,
) -> dict[str, Any]:
    """verl's `compute_score` for one answer: {"score", "passed", "stage"}.

    The problem is named by `ground_truth`, else by `extra_info`; `data_source` is the suite
    when neither says. Raises InfrastructureError when the answer could not be graded.
    """
    named = _named(ground_truth) or dict(extra_info or {})
    if "task_id" not in named:
        raise UsageError('verl_reward needs ground_truth {"suite": ..., "task_id": ...}')
    problem = find(str(named.get("suite") or data_source), str(named["task_id"]))
    verdict = _certain(_grade([(problem, solution_str)]))[0]
    return {"score": verdict.score, "passed": float(verdict.passed), "stage": verdict.stage}


compute_score = verl_reward
"""The name under which verl's `custom_reward_function.path` looks it up by default."""


def openrlhf_reward(
    queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any], **_: Any
) -> dict[str, Any]:
    """OpenRLHF's `reward_func`: queries are prompt and answer, labels name the problems.

    Returns {"rewards", "scores"}: float tensors [batch], and "extra_logs". Raises
    InfrastructureError when an answer could not be graded.
    """
    import torch  # OpenRLHF's own; its contract wants tensors

    pairs = []
    for query, prompt, label in zip(queries, prompts, labels, strict=True):
        named = _named(label)
        if "task_id" not in named or "suite" not in named:
            raise UsageError('openrlhf_reward needs labels {"suite": ..., "task_id": ...}')
        problem = find(str(named["suite"]), str(named["task_id"]))
        pairs.append((problem, query.removeprefix(prompt)))
    verdicts = _certain(_grade(pairs))
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
    """The text of a completion: itself, or the contents of its chat messages.

    A content is a string or, in the form that vision models brought, a list of typed parts.
    """
    if isinstance(completion, str):
        return completion
    contents = (message.get("content") or "" for message in completion)
    return "".join(
        content if isinstance(content, str) else "".join(part.get("text") or "" for part in content)
        for content in contents
    )


def _named(value: Any) -> dict[str, Any]:
    """The problem that a ground truth or a label names; empty when it names none."""
    if isinstance(value, Mapping):
        return dict(value)
    text = str(value or "").strip()
    if text.startswith("{"):
        try:
            return dict(json.loads(text))
        except ValueError as error:
            raise UsageError(f"not readable as JSON: {text[:80]!r} ({error})") from None
    suite, slash, task = text.rpartition("/")
    return {"suite": suite, "task_id": task} if slash and suite else {}


def problem_of_label(label: Any) -> tuple[str, str]:
    """Return the (suite, task_id) that a label names. Raises UsageError for any other label."""
    named = _named(label)
    if "task_id" not in named or "suite" not in named:
        raise UsageError('a label must be {"suite": ..., "task_id": ...} or "SUITE/TASK_ID"')
    return str(named["suite"]), str(named["task_id"])


def _grade(pairs: Sequence[tuple[Problem, str]]) -> list[Verdict]:
    return grade_many(pairs)


def _certain(verdicts: list[Verdict]) -> list[Verdict]:
    for verdict in verdicts:
        if verdict.status == "infra_error":
            raise InfrastructureError(f"{verdict.task_id} was not graded: {verdict.message}")
    return verdicts
