"""The HTTP interface: routes, what they refuse, and the status of each error."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPBasic, HTTPBearer

from itertl_eval import __version__
from itertl_eval.errors import ItertlError, UsageError
from itertl_eval.serve._gate import Gate, Route, on_invalid
from itertl_eval.serve._queue import GradingQueue, QueueFull
from itertl_eval.serve._service import Service


def create_app(*, jobs: int | None = None, token: str = "", capacity: int = 4096) -> FastAPI:
    """Return the service as an ASGI application.

    Args:
        jobs: Samples at a time; default: the cores that this process may use.
        token: Bearer token that every request needs but GET /health and the API's description
            (/docs, /redoc, /openapi.json); empty: none.
        capacity: Samples that may wait; a request beyond that gets status 429.
    """
    state = Service(capacity)

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
        415: {"description": "the body is not sent as application/json"},
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
    app.add_api_route(
        "/version",
        state.version,
        methods=["GET"],
        dependencies=guarded,
        responses={status: refused[status] for status in (401, 404, 503)},
    )
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


async def _on_error(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, UsageError):
        return JSONResponse({"detail": str(error)}, 400)
    return _unavailable(str(error))


async def _on_os_error(_: Request, error: Exception) -> JSONResponse:
    """Say that this machine lacks something now, such as file descriptors or disk space."""
    return _unavailable(f"this machine could not grade: {type(error).__name__}: {error}")


def _unavailable(detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, 503, {"Retry-After": "5"})


async def _on_full(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, QueueFull)
    return JSONResponse({"detail": str(error)}, 429, {"Retry-After": str(error.seconds)})
