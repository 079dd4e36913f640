"""Hold many conversations at once, and keep each as soon as it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import fields
from pathlib import Path
from typing import Any, TextIO

from itertl_eval.errors import UsageError
from itertl_eval.grader import default_jobs, grade
from itertl_eval.problem import Problem
from itertl_eval.solve._conversation import Conversation, Message, Turn, converse
from itertl_eval.verdict import Verdict

_FIELDS = {field.name for field in fields(Verdict)}


def solve(
    problems: Iterable[Problem],
    ask: Callable[[Sequence[Message]], str],
    *,
    turns: int,
    samples: int = 1,
    requests: int = 8,
    jobs: int | None = None,
    done: Iterable[Conversation] = (),
) -> Iterator[Conversation]:
    """Hold `samples` conversations about each problem; yield each when it ends.

    Args:
        problems: What to solve.
        ask: Returns a model's completion for a list of messages; called from many threads.
        turns: How many completions the model may write in one conversation.
        samples: Conversations about each problem.
        requests: Conversations at a time.
        jobs: Grading workers; default: the cores that this process may use.
        done: Conversations of an earlier run, which are not held again.

    Raises:
        InfrastructureError: The model or the grader is out of reach.
    """
    known = {(each.task_id, each.sample) for each in done if not each.ungraded}
    open_ones = [
        (problem, sample)
        for sample in range(samples)
        for problem in problems
        if (problem.id, sample) not in known
    ]
    with (
        ThreadPoolExecutor(jobs or default_jobs(), thread_name_prefix="grade") as graders,
        ThreadPoolExecutor(requests, thread_name_prefix="ask") as askers,
    ):

        def graded(problem: Problem, text: str) -> Verdict:
            return graders.submit(grade, problem, text).result()

        running = [
            askers.submit(converse, problem, sample, turns, ask, graded)
            for problem, sample in open_ones
        ]
        try:
            for future in as_completed(running):
                yield future.result()
        finally:
            for future in running:
                future.cancel()


def read_conversations(path: Path, sampling: Mapping[str, Any] | None = None) -> list[Conversation]:
    """Read a file that `itertl-eval solve --output` wrote, without a last line that is torn.

    Of two conversations about one sample the later one is kept: it was held because the earlier
    one was not complete.

    Args:
        sampling: What the conversations were held with; those of anything else are refused.

    Raises:
        UsageError: The file holds something else.
    """
    found = dict[tuple[str, int], Conversation]()
    for number, line in enumerate(_whole_lines(path.read_text(encoding="utf-8")), 1):
        try:
            row = json.loads(line)
            turns = [Turn(turn["completion"], _verdict(turn["verdict"])) for turn in row["turns"]]
            held = row.get("sampling", sampling)
            found[row["task_id"], row["sample"]] = Conversation(
                row["task_id"], row["sample"], turns
            )
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{path}:{number}: not a conversation ({error!r}); choose another --output"
            ) from None
        if sampling is not None and held != sampling:
            raise UsageError(
                f"{path}:{number} was sampled with {json.dumps(held)}, and now it would be "
                f"{json.dumps(sampling)}; choose another --output"
            )
    return [*found.values()]


def mend_end(file: TextIO, path: Path) -> None:
    """Make what is appended to a file begin on a line of its own: cut off a torn last line."""
    text = path.read_text(encoding="utf-8")
    whole = "".join(f"{line}\n" for line in _whole_lines(text))
    if whole.startswith(text):
        file.write(whole[len(text) :])
    else:
        file.truncate(len(text[: text.rfind("\n") + 1].encode()))
    file.flush()


def _whole_lines(text: str) -> list[str]:
    """The lines without the last one if the run was killed while it wrote that."""
    *lines, last = text.split("\n")
    try:
        json.loads(last)
    except ValueError:
        return lines
    return [*lines, last]


def _verdict(row: dict[str, object]) -> Verdict:
    return Verdict(**{name: value for name, value in row.items() if name in _FIELDS})  # type: ignore[arg-type]
