"""An OpenAI-compatible completion server that is right on exactly k of n seeds."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def stub_server(answer: Callable[[str, int], str]) -> Iterator[tuple[str, list[dict]]]:
    """Serve `answer(prompt, seed)`; yields the address and the requests that came in."""
    seen: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append(request)
            chat = "messages" in request
            prompts = request["messages"][-1]["content"] if chat else request["prompt"]
            prompts = [prompts] if isinstance(prompts, str) else prompts
            texts = [answer(prompt, request.get("seed", 0)) for prompt in prompts]
            stops = request.get("stop") or []
            for stop in [stops] if isinstance(stops, str) else stops:
                texts = [text.split(stop)[0] for text in texts]
            choices = [
                {"index": i, "message": {"role": "assistant", "content": text}}
                if chat
                else {"index": i, "text": text}
                for i, text in enumerate(texts)
            ]
            body = json.dumps({"choices": choices, "model": "stub"}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/completions", seen
    finally:
        server.shutdown()
