"""The HTTP interface: requests in, verdict rows or rewards out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from fastapi.security import HTTPBasic, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from itertl_eval import __version__
from itertl_eval.errors import ItertlError, UsageError
from itertl_eval.grader import Item, find_icarus, grader_digest, sandbox_status
from itertl_eval.problem import Problem
from itertl_eval.results import package_versions
from itertl_eval.serve._gate import Gate, Route, on_invalid
from itertl_eval.serve._meters import Meters
from itertl_eval.serve._pairs import Pair
from itertl_eval.serve._queue import GradingQueue, PairItem, QueueFull
from itertl_eval.serve._requests import (
    MAX_COMPLETION,
    GradeItem,
    GradeRequest,
    RewardRequest,
    VerifyRequest,
)
from itertl_eval.suites import load_suite, suite_names
from itertl_eval.verdict import Verdict

STREAM = "application/x-ndjson"
Found = TypeVar("Found")


def create_app(*, jobs: int | None = None, token: str = "", capacity: int = 4096) -> FastAPI:
    """Return the service as an ASGI application.

    Args:
        jobs: Samples at a time; default: the cores that this process may use.
        token: Bearer token that every request but GET /health needs; empty: none.
        capacity: Samples that may wait; a request beyond that gets status 429.
    """
    state = _Service(capacity)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        state.queue = GradingQueue(jobs=jobs, capacity=capacity)
        yield
        await state.queue.close()

    app = FastAPI(
        title="itertl-eval",
        version=__version__,
        summary="Grade Verilog completions.",
        lifespan=lifespan,
    )
    app.router.route_class = Route
    app.add_middleware(Gate, token=token)
    # The gate asks for the token; these describe it.
    schemes = HTTPBearer(auto_error=False), HTTPBasic(auto_error=False)
    guarded = [Depends(scheme) for scheme in schemes] if token else []
    refused: dict[int | str, dict[str, Any]] = {
        400: {"description": "the request contradicts itself, or a label names no problem"},
        401: {"description": "the bearer token is missing or wrong"},
        404: {"description": "no such suite or problem"},
        413: {"description": "the request is too large"},
        429: {"description": "the queue is full; Retry-After says when to try again"},
        503: {"description": "this machine could not grade: not a reward of 0"},
    }
    app.add_api_route(
        "/grade", state.grade, methods=["POST"], dependencies=guarded, responses=refused
    )
    app.add_api_route(
        "/verify", state.verify, methods=["POST"], dependencies=guarded, responses=refused
    )
    app.add_api_route(
        "/get_reward", state.reward, methods=["POST"], dependencies=guarded, responses=refused
    )
    app.add_api_route("/health", state.health, methods=["GET"], responses={503: refused[503]})
    app.add_api_route("/version", state.version, methods=["GET"], dependencies=guarded)
    app.add_api_route(
        "/metrics",
        state.metrics,
        methods=["GET"],
        dependencies=guarded,
        response_class=PlainTextResponse,
    )
    app.add_exception_handler(ItertlError, _on_error)
    app.add_exception_handler(OSError, _on_os_error)
    app.add_exception_handler(QueueFull, _on_full)
    app.add_exception_handler(RequestValidationError, on_invalid)
    return app


class _Service:
    """The endpoints, around one queue."""

    queue: GradingQueue

    def __init__(self, capacity: int) -> None:
        self.meters = Meters(lambda: self.queue.waiting, capacity)
        self._finding = asyncio.Lock()

    async def grade(self, body: GradeRequest, request: Request) -> Response:
        """Grade a batch; the verdicts come in the order of the items.

        With `Accept: application/x-ndjson` each verdict is sent as a line with its `index`, as soon
        as it is ready.
        """
        items = await self._find(lambda: [_item(each, body) for each in body.items])
        verdicts = self._submit(items)

        def row(index: int, verdict: Verdict) -> dict[str, Any]:
            task_id = body.items[index].task_id or verdict.task_id
            return {**verdict.as_row(), "task_id": task_id}

        if STREAM in request.headers.get("accept", ""):
            lines = (
                json.dumps({"index": index, **row(index, verdict)}) + "\n"
                async for index, verdict in verdicts
            )
            return StreamingResponse(lines, media_type=STREAM)
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
        problem = await self._find(lambda: _problem(suite, task_id))
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
        problems = await self._find(
            lambda: [_problem(*problem_of_label(label)) for label in body.labels]
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
        found = {index: verdict async for index, verdict in self._submit(items)}
        for verdict in found.values():
            if verdict.status == "infra_error":
                raise HTTPException(
                    503,
                    f"{verdict.task_id} was not graded: {verdict.message}",
                    {"Retry-After": "5"},
                )
        return [found[index] for index in range(len(items))]

    async def _find(self, name: Callable[[], Found]) -> Found:
        """Look problems up in a thread: the first one may read or fetch a whole benchmark."""
        async with self._finding:
            return await run_in_threadpool(name)

    def _submit(self, items: Sequence[Item | PairItem]) -> AsyncIterator[tuple[int, Verdict]]:
        if len(items) > self.queue.capacity:
            detail = f"a request may have {self.queue.capacity} samples (--queue); send several"
            raise HTTPException(413, detail)
        return self._counted(self.queue.submit(items))

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
        if queue.fault is not None:
            return JSONResponse({"status": "broken", "error": str(queue.fault), **facts}, 503)
        return JSONResponse({"status": "ok", **facts})

    async def version(self) -> dict[str, Any]:
        """Return what a verdict depends on besides the problem."""
        return {
            "itertl_eval": __version__,
            "simulator": find_icarus().name,
            "extraction_and_grader": grader_digest(),
            "sandbox": str(sandbox_status()),
            "packages": package_versions(),
            "suites": suite_names(),
        }

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


def _problem(suite: str, task_id: str) -> Problem:
    """Find a problem of a suite that this service knows by name; a client can't name a path."""
    if suite not in suite_names():
        raise HTTPException(404, f"no suite {suite!r}; there are: {', '.join(suite_names())}")
    try:
        problem = load_suite(suite)[task_id]
    except KeyError:
        raise HTTPException(404, f"{suite} has no problem {task_id!r}") from None
    if problem.testbench is None:
        raise HTTPException(404, f"{suite}/{task_id} has no testbench and cannot be graded")
    return problem


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


async def _on_error(_: Request, error: Exception) -> JSONResponse:
    status = 400 if isinstance(error, UsageError) else 503
    return JSONResponse({"detail": str(error)}, status)


async def _on_os_error(_: Request, error: Exception) -> JSONResponse:
    """Say that this machine lacks something now, such as file descriptors or disk space."""
    detail = f"this machine could not grade: {type(error).__name__}: {error}"
    return JSONResponse({"detail": detail}, 503, {"Retry-After": "5"})


async def _on_full(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, QueueFull)
    return JSONResponse({"detail": str(error)}, 429, {"Retry-After": str(error.seconds)})
