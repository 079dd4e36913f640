"""The endpoints: requests in, verdict rows or rewards out."""

from __future__ import annotations

import asyncio
import json
import platform
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Annotated, Any, TypeVar
from weakref import WeakValueDictionary

from fastapi import HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from itertl_eval import __version__
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader import Item, find_icarus, grader_digest, sandbox_in_use
from itertl_eval.problem import Problem, Suite
from itertl_eval.results import package_versions, protocol_card
from itertl_eval.serve._meters import Meters
from itertl_eval.serve._pairs import Pair
from itertl_eval.serve._queue import GradingQueue, PairItem
from itertl_eval.serve._requests import (
    MAX_COMPLETION,
    GradeItem,
    GradeRequest,
    RewardRequest,
    VerifyRequest,
)
from itertl_eval.suites import CHAT_TASKS, load_suite, suite_names
from itertl_eval.verdict import Verdict

STREAM = "application/x-ndjson"
Found = TypeVar("Found")


class Service:
    """The endpoints, around one queue."""

    queue: GradingQueue

    def __init__(self, capacity: int) -> None:
        self.meters = Meters(lambda: self.queue.waiting, capacity)
        self._loading = WeakValueDictionary[str, asyncio.Lock]()  # by the name of a suite
        self._cards: dict[str, tuple[Suite, dict[str, Any]]] = {}

    async def grade(self, body: GradeRequest, request: Request) -> Response:
        """Grade a batch; the verdicts come in the order of the items.

        With `Accept: application/x-ndjson` each verdict is sent as a line with its `index`, as soon
        as it is ready. An error before the first one is a status; a later one is `infra_error` in
        the line of its item.
        """
        suites = (each.suite for each in body.items)
        items = await self._find(suites, lambda: [_item(each, body) for each in body.items])
        streamed = STREAM in request.headers.get("accept", "")
        verdicts = self._counted(self._submit(items, streamed))

        def row(index: int, verdict: Verdict) -> dict[str, Any]:
            task_id = body.items[index].task_id or verdict.task_id
            return {**verdict.as_row(), "task_id": task_id}

        if streamed:
            lines = (
                json.dumps({"index": index, **row(index, verdict)}) + "\n"
                async for index, verdict in verdicts
            )
            first = await anext(lines, "")  # an error after the headers could change no status
            return StreamingResponse(_chain(first, lines), media_type=STREAM)
        rows = {index: row(index, verdict) async for index, verdict in verdicts}
        return JSONResponse({"verdicts": [rows[index] for index in range(len(items))]})

    async def verify(self, body: VerifyRequest) -> JSONResponse:
        """Return the request with `reward` in 0..1, `passed`, `stage` and `message`."""
        try:
            sent = body.model_dump()
        except ValueError:
            raise UsageError("the request is nested too deeply") from None
        named = {**(body.verifier_metadata or {}), **{k: v for k, v in sent.items() if v}}
        suite, task_id = str(named.get("suite", "")), str(named.get("task_id", ""))
        if not (suite and task_id):
            raise UsageError("name the problem by `suite` and `task_id`, or in `verifier_metadata`")
        problem = await self._find([suite], lambda: _problem(suite, task_id))
        (verdict,) = await self._certain([(problem, _text_of(body.response))])
        facts = {"reward": verdict.score, "passed": verdict.passed}
        return JSONResponse({**sent, **facts, "stage": verdict.stage, "message": verdict.message})

    async def reward(self, body: RewardRequest) -> dict[str, Any]:
        """Return {"rewards", "scores", "extra_logs"} for OpenRLHF's `--remote_rm_url`.

        Labels name the problems: {"suite", "task_id"}, the same as JSON, or "SUITE/TASK_ID".
        """
        from itertl_eval.rewards import problem_of_label

        if not len(body.query) == len(body.prompts) == len(body.labels):
            raise UsageError("query, prompts and labels must have the same length")
        names = [problem_of_label(label) for label in body.labels]
        problems = await self._find(
            (suite for suite, _ in names), lambda: [_problem(*name) for name in names]
        )
        texts = (q.removeprefix(p) for q, p in zip(body.query, body.prompts, strict=True))
        verdicts = await self._certain(list(zip(problems, texts, strict=True)))
        rewards = [verdict.score for verdict in verdicts]
        passed = [float(verdict.passed) for verdict in verdicts]
        return {"rewards": rewards, "scores": passed, "extra_logs": {"passed": passed}}

    async def _certain(self, pairs: Sequence[tuple[Problem, str]]) -> list[Verdict]:
        """Grade for a contract without a place for infrastructure errors: they are status 503."""
        for _, completion in pairs:
            if len(completion) > MAX_COMPLETION:
                raise HTTPException(413, f"a completion has over {MAX_COMPLETION} characters")
        items = [Item(problem, completion) for problem, completion in pairs]
        verdicts = self._counted(self._submit(items))
        found = {index: verdict async for index, verdict in verdicts}
        for verdict in found.values():
            if verdict.status == "infra_error":
                message = f"{verdict.task_id} was not graded: {verdict.message}"
                raise InfrastructureError(message)
        return [found[index] for index in range(len(items))]

    async def _find(self, suites: Iterable[str], find: Callable[[], Found]) -> Found:
        """Look problems up in a thread: the first one may read or fetch a whole benchmark.

        It is read once, and requests for other suites don't wait for it.
        """
        async with AsyncExitStack() as locks:
            for name in sorted({*suites}):  # in one order, so no two requests block each other
                lock = self._loading.setdefault(name, asyncio.Lock())
                await locks.enter_async_context(lock)
            return await run_in_threadpool(find)

    def _submit(
        self, items: Sequence[Item | PairItem], streamed: bool = False
    ) -> AsyncIterator[tuple[int, Verdict]]:
        if len(items) > self.queue.capacity:
            detail = f"a request may have {self.queue.capacity} samples (--queue); send several"
            raise HTTPException(413, detail)
        return self.queue.submit(items, streamed=streamed)

    async def _counted(
        self, verdicts: AsyncIterator[tuple[int, Verdict]]
    ) -> AsyncIterator[tuple[int, Verdict]]:
        async for index, verdict in verdicts:
            self.meters.count(verdict)
            yield index, verdict

    async def health(self) -> JSONResponse:
        """Return whether this service can grade, and how much waits."""
        queue = self.queue
        facts = {"workers": queue.jobs, "waiting": queue.waiting, "capacity": queue.capacity}
        fault = await queue.check()
        if fault is not None:
            return JSONResponse({"status": "broken", "error": str(fault), **facts}, 503)
        return JSONResponse({"status": "ok", **facts})

    async def version(
        self, suite: Annotated[str, Query(description="a suite's name")] = ""
    ) -> dict[str, Any]:
        """Return what a verdict depends on besides the problem.

        With `suite` it is the suite's protocol card: everything needed to reproduce a score.
        """
        if suite:
            return await self._find([suite], lambda: self._card(suite))
        return await run_in_threadpool(_versions)

    def _card(self, name: str) -> dict[str, Any]:
        """Return a suite's card; it is made again when the suite has been read again."""
        suite = _suite(name)
        known = self._cards.get(name)
        if known is None or known[0] is not suite:
            known = self._cards[name] = suite, protocol_card(suite)
        return known[1]

    async def metrics(self) -> PlainTextResponse:
        """Return the meters in Prometheus' text format."""
        return PlainTextResponse(
            generate_latest(self.meters.registry), media_type=CONTENT_TYPE_LATEST
        )


def _item(item: GradeItem, body: GradeRequest) -> Item | PairItem:
    if item.problem is None:
        problem = _problem(item.suite, item.task_id)
        return Item(problem, item.completion, item.sample, body.seed, body.cache)
    pair = Pair(**item.problem.model_dump())
    return PairItem(pair, item.completion, item.sample, body.seed, body.cache)


def _versions() -> dict[str, Any]:
    return {
        "itertl_eval": __version__,
        "simulator": find_icarus().name,
        "extraction_and_grader": grader_digest(),
        "sandbox": sandbox_in_use(),
        "python": platform.python_version(),
        "packages": package_versions(),
        "suites": suite_names(),
    }


def _suite(name: str) -> Suite:
    """Load a suite that this service knows by name; a client can't name a path."""
    if name not in {*suite_names(), *CHAT_TASKS}:
        raise HTTPException(404, f"no suite {name!r}; there are: {', '.join(suite_names())}")
    return load_suite(name)


def _problem(suite: str, task_id: str) -> Problem:
    try:
        problem = _suite(suite)[task_id]
    except KeyError:
        raise HTTPException(404, f"{suite} has no problem {task_id!r}") from None
    if problem.testbench is None:
        raise HTTPException(404, f"{suite}/{task_id} has no testbench and cannot be graded")
    return problem


async def _chain(first: str, lines: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for line in lines:
        yield line


def _text_of(response: Mapping[str, Any]) -> str:
    """Return the text of the last assistant message of an OpenAI Responses object."""
    output = _mappings(response.get("output"), "response.output")
    messages = [entry for entry in output if entry.get("type") == "message"]
    content = messages[-1].get("content") if messages else ""
    if isinstance(content, str):
        return content
    parts = _mappings(content, "a message's content")
    return "".join(str(part.get("text") or "") for part in parts)


def _mappings(value: object, name: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise UsageError(f"{name} must be a list, not {type(value).__name__}")
    return [entry for entry in value if isinstance(entry, Mapping)]
