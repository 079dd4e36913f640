"""A server that speaks OpenAI's completions and chat, and Anthropic's messages."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Complete = Callable[[str, int], str | None]


@contextmanager
def stub_server(
    complete: Complete, reason: str | None = None
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve `complete(prompt, seed)`; None is a server error. `reason` is the finish_reason.

    Yields the address up to /v1 and the requests that were answered.
    """
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            chat = "messages" in request
            prompts = _said(request["messages"][-1]["content"]) if chat else request["prompt"]
            prompts = [prompts] if isinstance(prompts, str) else prompts
            texts = [complete(prompt, request.get("seed", 0)) for prompt in prompts]
            if None in texts:
                self.send_response(500)
                self.end_headers()
                return
            seen.append(request)
            stops = request.get("stop") or request.get("stop_sequences") or []
            for stop in [stops] if isinstance(stops, str) else stops:
                texts = [text.split(stop)[0] for text in texts]
            body = json.dumps(_form(self.path, texts, reason)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()


def _said(content: object) -> str:
    return content if isinstance(content, str) else content[0]["text"]


def _form(path: str, texts: list[str], reason: str | None) -> dict[str, object]:
    if path.endswith("/messages"):
        return {"content": [{"type": "text", "text": texts[0]}], "stop_reason": reason}
    if path.endswith("/chat/completions"):
        given = [{"message": {"role": "assistant", "content": text}} for text in texts]
    else:
        given = [{"text": text} for text in texts]
    return {"choices": [c | {"index": i, "finish_reason": reason} for i, c in enumerate(given)]}
