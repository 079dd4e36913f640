"""What every request passes first: the token, the size, and JSON that no answer could repeat."""

from __future__ import annotations

import base64
import json
import math
import re
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from itertl_eval.serve._requests import MAX_BODY

OPEN = {"/health", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}
"""Paths that need no token."""


class Gate:
    """Refuse a request without the token, or of unknown or too large a size, before it is read.

    FastAPI reads and parses a body before its dependencies run, so a stranger could fill the
    memory if they asked for the token.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        refusal = self._refusal_by_size(request)
        if refusal is None and not self._may_enter(request):
            try:
                async for _ in request.stream():  # who is still sending would miss the answer
                    pass
            except ClientDisconnect:
                return
            headers = {"WWW-Authenticate": "Bearer"}
            refusal = JSONResponse({"detail": "a bearer token is needed"}, 401, headers)
        await (refusal or self._app)(scope, receive, send)

    def _may_enter(self, request: Request) -> bool:
        if not self._token or request.scope["path"] in OPEN:
            return True
        sent = _token_of(request.headers.get("authorization", ""))
        return secrets.compare_digest(sent.encode(errors="replace"), self._token.encode())

    def _refusal_by_size(self, request: Request) -> Response | None:
        length = request.headers.get("content-length")
        if request.method != "POST":
            return None
        # With Transfer-Encoding the length does not count, and nothing bounds the body.
        if length is None or not length.isdigit() or "transfer-encoding" in request.headers:
            return JSONResponse({"detail": "Content-Length is needed"}, 411)
        if int(length) > MAX_BODY:
            return JSONResponse({"detail": f"a request may have {MAX_BODY >> 20} MiB"}, 413)
        return None


def _token_of(header: str) -> str:
    """Return the token of an Authorization header.

    It is a bearer token, or the password that a client makes of http://:TOKEN@host.
    """
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return ""


class Route(APIRoute):
    """A route whose bodies hold only text and numbers that an answer can repeat."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def read(request: Request) -> Response:
            return await handle(_Request(request.scope, request.receive))

        return read


class _Request(Request):
    async def json(self) -> Any:
        text = (await self.body()).decode()
        value = json.loads(text, parse_constant=_finite, parse_float=_finite)
        return _without_surrogates(value) if _ESCAPED_SURROGATE.search(text) else value


_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _without_surrogates(value: Any) -> Any:
    """Replace halves of surrogate pairs, which are not Unicode text, as tokenizers do."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    return value


def _finite(text: str) -> float | None:
    """Return a number; null for what JSON has no name for."""
    value = float(text)
    return value if math.isfinite(value) else None


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Say what is wrong with a body, without the body."""
    assert isinstance(error, RequestValidationError)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and not re.fullmatch(r"application/(.+\+)?json", kind):
        # FastAPI does not parse it, so that no page in a browser can post it unasked.
        return JSONResponse({"detail": "send the header Content-Type: application/json"}, 415)
    names = "loc", "msg", "type"
    return JSONResponse({"detail": [{k: e[k] for k in names} for e in error.errors()]}, 422)


__all__ = ["Gate", "Route", "on_invalid"]
