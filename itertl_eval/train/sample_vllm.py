"""The vLLM sampler: an engine in another interpreter, because no vLLM release shares an
environment with the newest transformers.

One process per model; an adapter is loaded over its base. Talks JSON lines with
`_vllm_worker.py`, which that interpreter runs as a plain file.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.train.sampler import Finish, Request, Sample, Settings
from itertl_eval.train.tokens import Encoder

WORKER = Path(__file__).with_name("_vllm_worker.py")
_ADAPTER = "adapter_config.json"


class VllmSampler:
    """Draws with vLLM's offline engine under `python`, an interpreter that can import it."""

    def __init__(
        self,
        python: str,
        path: str,
        settings: Settings,
        encoder: Encoder,
        engine: Mapping[str, Any] | None = None,
    ) -> None:
        """`engine` holds more arguments of vllm.LLM."""
        self.settings = settings
        self.encoder = encoder
        try:
            self._process = subprocess.Popen(
                [python, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env=environment(os.environ),
            )  # fmt: skip
        except OSError as error:
            raise InfrastructureError(
                f"vllm_python: {python} can't be started ({error}). Make an environment with vLLM "
                "and point vllm_python at its interpreter."
            ) from None
        self._send(self._opening(path, engine or {}))

    def _opening(self, path: str, more: Mapping[str, Any]) -> dict[str, Any]:
        config = Path(path, _ADAPTER)
        adapter = json.loads(config.read_text()) if config.exists() else None
        engine: dict[str, Any] = {
            "model": adapter["base_model_name_or_path"] if adapter else path,
            "tokenizer": path,
        }
        if adapter:
            engine |= {"enable_lora": True, "max_lora_rank": max(8, int(adapter["r"]))}
        return {
            "engine": engine | dict(more),
            "adapter": str(path) if adapter else None,
            "sampling": {
                "temperature": self.settings.temperature,
                "top_p": self.settings.top_p,
                "max_tokens": self.settings.max_new_tokens,
            },
        }

    def draw(self, requests: Sequence[Request]) -> Iterator[list[Sample]]:
        size = self.settings.batch
        for start in range(0, len(requests), size):
            batch = requests[start : start + size]
            self._send([{"ids": r.ids, "seed": r.seed, "stop": r.stop} for r in batch])
            rows = self._receive()
            yield [self._sample(r, row) for r, row in zip(batch, rows, strict=True)]

    def _sample(self, request: Request, row: dict[str, Any]) -> Sample:
        ids = list(row["ids"])
        finish: Finish = "length" if row["finish"] == "length" else "eos"
        if row["stop"] == "endmodule":
            finish = "endmodule"
        if ids and ids[-1] == self.encoder.eos_id:
            ids.pop()
        return Sample(request.task, request.k, row["text"], ids, None, finish)

    def close(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it may be gone already
            self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except OSError:
            self._died()

    def _receive(self) -> list[dict[str, Any]]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._died()
        return json.loads(line)

    def _died(self) -> None:
        status = self._process.wait()
        raise InfrastructureError(
            f"the vLLM process ended with status {status}; what it said is above"
        )


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """The engine's environment: no rank of this run, and of the cards this rank's own.

    vLLM takes a RANK it finds for its own, and card 0 unless it is told otherwise.
    """
    ranks = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
    theirs = {name: value for name, value in ours.items() if name not in ranks}
    local = int(ours.get("LOCAL_RANK", "0"))
    if int(ours.get("LOCAL_WORLD_SIZE", "1")) > 1:
        cards = ours.get("CUDA_VISIBLE_DEVICES", "").split(",")
        theirs["CUDA_VISIBLE_DEVICES"] = cards[local] if local < len(cards) > 1 else str(local)
    return theirs
