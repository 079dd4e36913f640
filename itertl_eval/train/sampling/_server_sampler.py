"""The sampler for any OpenAI-compatible completions server, over plain HTTP.

One request per sample, each with its own seed, so that the server's batching has no influence.
vLLM's server can load each iteration's adapter (VLLM_ALLOW_RUNTIME_LORA_UPDATING=1). Other servers
keep serving one model, and iterating against a fixed model must not go unnoticed: an adapter that
can't be loaded is an error.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.train.models import Encoder
from itertl_eval.train.sampling._protocol import (
    Finish,
    Request,
    Sample,
    SamplingParams,
    cut_at_endmodule,
)

ATTEMPTS = 5
TIMEOUT_SECONDS = 600.0
_ADAPTER = "adapter_config.json"
_ENDS = "stop", "length", "eos_token", "stop_sequence"  # the last two are TGI's
"""Reasons for which a completion ends as it should."""


class ServerSampler:
    """Samples through POST {url}/completions."""

    def __init__(
        self,
        url: str,
        model: str | None,
        settings: SamplingParams,
        encoder: Encoder,
        path: str,
        concurrency: int,
    ) -> None:
        self.url = url.rstrip("/")
        self.settings = settings
        self.encoder = encoder
        self.concurrency = concurrency
        self.adapter: str | None = None
        served = model or served_models(self.url)[0]
        self.model = self._load(Path(path)) if Path(path, _ADAPTER).exists() else served

    def close(self) -> None:
        if self.adapter is not None:
            with contextlib.suppress(InfrastructureError):
                self._post("/unload_lora_adapter", {"lora_name": self.adapter})

    def sample(self, requests: Sequence[Request]) -> Iterator[list[Sample]]:
        with ThreadPoolExecutor(self.concurrency, thread_name_prefix="sample") as pool:
            running: set[Future[Sample]] = {pool.submit(self._one, r) for r in requests}
            try:
                while running:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield [future.result() for future in done]
            finally:
                for future in running:
                    future.cancel()

    def _one(self, request: Request) -> Sample:
        settings = self.settings
        body: dict[str, Any] = {
            "model": self.model,
            "prompt": request.prompt,
            "max_tokens": settings.max_new_tokens,
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "seed": request.seed,
            "n": 1,
            # vLLM then adds the token ids; other servers ignore these fields.
            "return_token_ids": True,
            # A chat template already puts the first token into the prompt.
            "add_special_tokens": not self.encoder.chat,
        }
        text, reason, ids = _completion(self.url, self._post("/completions", body))
        if reason not in _ENDS:  # such as "abort": the model did not end it
            raise InfrastructureError(f"{self.url} ended a completion with {reason!r}")
        finish: Finish = "length" if reason == "length" else "eos"
        if request.stop:
            short, ended = cut_at_endmodule(text)
            if ended and short.rstrip() != text.rstrip():
                # Without what follows endmodule, the ids no longer match the text.
                text, finish, ids = short, "endmodule", None
        end = None
        if finish == "eos" and ids and not self.encoder.text(ids[-1:]):  # a special token
            ids, end = ids[:-1], ids[-1]
        return Sample(request.problem_id, request.number, text, ids, None, finish, end)

    def _load(self, path: Path) -> str:
        """Make the server load an adapter, and return its name there."""
        # The same path can hold another adapter if a run was started afresh.
        self.adapter = f"itertl-{path.parent.parent.name}-{time.time_ns():x}"
        try:
            self._post("/load_lora_adapter", {"lora_name": self.adapter, "lora_path": str(path)})
        except InfrastructureError as error:
            raise InfrastructureError(
                f"the server at {self.url} did not load the adapter {path}: {error}\n"
                "Start vLLM with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=1, where the "
                "run's folder is visible under the same path, or use sampler: transformers."
            ) from None
        return self.adapter

    def _post(self, path: str, body: dict[str, Any]) -> str:
        return _call(
            urllib.request.Request(
                self.url + path,
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json"},
            )
        )


def served_models(url: str) -> list[str]:
    """Return the names of the models that a server has. Raises InfrastructureError."""
    said = _call(urllib.request.Request(f"{url.rstrip('/')}/models"))
    with contextlib.suppress(ValueError, TypeError, KeyError):
        if names := [str(model["id"]) for model in json.loads(said)["data"]]:
            return names
        raise InfrastructureError(f"{url} serves no model. Start the server with one.")
    raise _strange(url, said)


def _completion(url: str, said: str) -> tuple[str, Any, list[int] | None]:
    """Return the text, the reason of its end and, where the server gives them, the token ids."""
    with contextlib.suppress(ValueError, TypeError, LookupError):
        choice = json.loads(said)["choices"][0]
        if isinstance(text := choice["text"], str):
            return text, choice.get("finish_reason"), choice.get("token_ids")
    raise _strange(url, said)


def _strange(url: str, said: str) -> InfrastructureError:
    return InfrastructureError(
        f"{url} did not answer as an OpenAI-compatible server. Is it server_url's address? "
        f"It said: {said[:500]}"
    )


def _call(request: urllib.request.Request) -> str:
    """Send a request, again if the server is busy or unreachable, but not if it refuses."""
    error = ""
    for attempt in range(ATTEMPTS):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                return str(response.read().decode(errors="replace"))
        except urllib.error.HTTPError as refused:
            error = f"HTTP {refused.code}: {refused.read(500).decode(errors='replace')}"
            if refused.code < 500 and refused.code != 429:
                break
        except (OSError, http.client.HTTPException) as lost:  # perhaps in the middle of the body
            error = f"{lost}. Is the server running, and server_url its address?"
        time.sleep(min(2.0**attempt, 20.0) * 0.5)
    raise InfrastructureError(f"{request.full_url}: {error}")
