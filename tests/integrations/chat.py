"""A chat server that answers from a list, for the integrations' own clients."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def chat_server(texts: list[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve the texts in order, the last one again and again.

    Yields the address up to /v1, and the requests so far.
    """
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = texts[min(len(seen), len(texts) - 1)]
            seen.append(request)
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
            self.send_response(200)
            kind = "text/event-stream" if stream else "application/json"
            self.send_header("Content-Type", kind)
            self.end_headers()
            answer = f"data: {text}\n\ndata: [DONE]\n\n" if stream else text
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()
