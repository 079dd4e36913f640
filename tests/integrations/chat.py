"""A model server that answers from a list, for the integrations' own clients."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def response(text: str) -> dict[str, Any]:
    """Return an object of OpenAI's Responses API."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {
        "type": "message",
        "id": "m",
        "role": "assistant",
        "status": "completed",
        "content": content,
    }
    return {
        "id": "x",
        "object": "response",
        "created_at": 0,
        "model": "m",
        "output": [{"type": "reasoning", "id": "r", "summary": []}, message],
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
    }


@contextmanager
def chat_server(texts: list[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve the texts in order, the last one again and again, as chat completions and responses.

    Yields the address up to /v1, and the requests so far.
    """
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = texts[min(len(seen), len(texts) - 1)]
            seen.append(request)
            if self.path.endswith("/responses"):
                self.answer("application/json", json.dumps(response(text)))
                return
            stream = bool(request.get("stream"))
            part = {"role": "assistant", "content": text}
            body = {
                "id": f"chatcmpl-{len(seen)}",
                "object": "chat.completion.chunk" if stream else "chat.completion",
                "created": 1,
                "model": request["model"],
                "choices": [
                    {"index": 0, "delta" if stream else "message": part, "finish_reason": "stop"}
                ],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }
            text = json.dumps(body)
            if stream:
                self.answer("text/event-stream", f"data: {text}\n\ndata: [DONE]\n\n")
            else:
                self.answer("application/json", text)

        def answer(self, kind: str, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()
