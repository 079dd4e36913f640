"""The grader as the reward of other trainers: TRL, verl and OpenRLHF. Imports nothing heavy.

Each function follows the contract of its trainer. The data set names the problem of each
completion by `suite` and `task_id`: as columns (TRL), or in the ground truth or label (verl,
OpenRLHF) as one JSON object or "SUITE/TASK_ID". A suite is a name or folder that `load_suite`
accepts, or the folder of a generated corpus.

All functions may be called in any number of threads and event loops at once: the calls of a
process share its workers, which live as long as the process. Those that end in `_async` don't
block an event loop; `verl_reward_batch` is for verl's batch manager.

The reward is `Verdict.score`: 1 for a design that passes every test, below 0.5 for any other.
If this machine fails, nothing is known about the design and there is no reward. TRL gets None,
which it leaves out; the other contracts have no such value, so they raise InfrastructureError.
A machine that can't grade at all raises it with the first batch, in all three; call
`itertl_eval.grader.preflight()` before a model is loaded to know earlier.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from typing import Any

from itertl_eval._reward_pool import submit
from itertl_eval.errors import InfrastructureError, UsageError
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
        UsageError: A column is missing, or there is no such problem; or a reward is None, which
            TRL before 1.6 takes for 0.
    """
    del prompts, completion_ids
    return as_trl(map(vars, _verdicts(_pairs_of_trl(completions, columns))))


async def trl_reward_async(
    prompts: Sequence[Any],
    completions: Sequence[Any],
    completion_ids: Sequence[Any] | None = None,
    **columns: Any,
) -> list[float | None]:
    """As `trl_reward`, for a trainer that awaits several reward functions at a time."""
    del prompts, completion_ids
    return as_trl(map(vars, await _verdicts_async(_pairs_of_trl(completions, columns))))


def _pairs_of_trl(
    completions: Sequence[Any], columns: Mapping[str, Any]
) -> list[tuple[Problem, str]]:
    for name in ("task_id", "suite"):
        if name not in columns:
            raise UsageError(f"trl_reward needs the column {name!r} in the data set")
    return [
        (find(str(suite), str(task_id)), text_of(completion))
        for suite, task_id, completion in zip(
            columns["suite"], columns["task_id"], completions, strict=True
        )
    ]


def as_trl(rows: Iterable[Mapping[str, Any]]) -> list[float | None]:
    """Return the rewards of verdict rows by TRL's contract.

    Args:
        rows: Verdicts as mappings.

    Returns:
        The score of each; None for an infrastructure error.

    Raises:
        UsageError: There is a None, and the installed TRL takes it for 0.
    """
    rewards = [row["score"] if row["status"] != "infra_error" else None for row in rows]
    if None in rewards:
        _require_trl_with_none()
    return rewards


def _require_trl_with_none() -> None:
    try:
        found = metadata.version("trl")
    except metadata.PackageNotFoundError:
        return  # another trainer with the same contract
    parts = re.match(r"(\d+)\.(\d+)", found)
    if parts and (int(parts[1]), int(parts[2])) < (1, 6):
        raise UsageError(
            "a completion was not graded, so its reward is None, "
            f"which TRL {found} takes for 0: pip install 'trl>=1.6'"
        )


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
    problem = _problem_of_verl(data_source, ground_truth, extra_info)
    return _as_verl(_verdicts([(problem, solution_str)])[0])


async def verl_reward_async(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    **_: Any,
) -> dict[str, Any]:
    """As `verl_reward`, for verl's reward loop, which awaits many completions at a time."""
    problem = _problem_of_verl(data_source, ground_truth, extra_info)
    return _as_verl((await _verdicts_async([(problem, solution_str)]))[0])


def verl_reward_batch(
    data_sources: Sequence[str],
    solution_strs: Sequence[str],
    ground_truths: Sequence[Any],
    extra_infos: Sequence[Mapping[str, Any] | None] | None = None,
    **_: Any,
) -> list[dict[str, Any]]:
    """As `verl_reward`, for verl's batch reward manager: a result per completion."""
    infos = [None] * len(solution_strs) if extra_infos is None else extra_infos
    pairs = [
        (_problem_of_verl(str(source), truth, info), completion)
        for source, completion, truth, info in zip(
            data_sources, solution_strs, ground_truths, infos, strict=True
        )
    ]
    return [_as_verl(verdict) for verdict in _verdicts(pairs)]


def _problem_of_verl(
    data_source: str, ground_truth: Any, extra_info: Mapping[str, Any] | None
) -> Problem:
    named = _named(ground_truth) or dict(extra_info or {})
    if "task_id" not in named:
        raise UsageError('verl_reward needs ground_truth {"suite": ..., "task_id": ...}')
    return find(str(named.get("suite") or data_source), str(named["task_id"]))


def _as_verl(verdict: Verdict) -> dict[str, Any]:
    _require_graded([verdict])
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
    return _as_openrlhf(_verdicts(_pairs_of_openrlhf(queries, prompts, labels)))


async def openrlhf_reward_async(
    queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any], **_: Any
) -> dict[str, Any]:
    """As `openrlhf_reward`, for agents, which are coroutines."""
    return _as_openrlhf(await _verdicts_async(_pairs_of_openrlhf(queries, prompts, labels)))


def _pairs_of_openrlhf(
    queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any]
) -> list[tuple[Problem, str]]:
    pairs = []
    for query, prompt, label in zip(queries, prompts, labels, strict=True):
        named = _named(label)
        if "task_id" not in named or "suite" not in named:
            raise UsageError('openrlhf_reward needs labels {"suite": ..., "task_id": ...}')
        problem = find(str(named["suite"]), str(named["task_id"]))
        pairs.append((problem, query.removeprefix(prompt)))
    return pairs


def _as_openrlhf(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    _require_graded(verdicts)
    import torch  # the contract requires tensors

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


def _verdicts(pairs: Iterable[tuple[Problem, str]]) -> list[Verdict]:
    return [answer.result() for answer in submit(pairs)]


async def _verdicts_async(pairs: Iterable[tuple[Problem, str]]) -> list[Verdict]:
    return list(await asyncio.gather(*map(asyncio.wrap_future, submit(pairs))))


def _require_graded(verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        if verdict.status == "infra_error":
            raise InfrastructureError(f"{verdict.task_id} was not graded: {verdict.message}")
