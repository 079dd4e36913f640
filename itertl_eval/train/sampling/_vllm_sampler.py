"""The vLLM sampler: an engine in another interpreter, because no vLLM release shares an
environment with the newest transformers.

One process per model; an adapter is loaded over its base. Talks JSON lines with
`_vllm_worker.py`, which that interpreter runs as a plain file.

vLLM stops at the letters `endmodule`, in a comment too, and at once. So an answer is drawn in
turns: it goes on after such a comment, and after a real end for the line end and the
end-of-sequence token, which training would otherwise never see there.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.train.models import Encoder
from itertl_eval.train.sampling._protocol import (
    BEHIND_END,
    Finish,
    Request,
    Sample,
    SamplingParams,
    ends_module,
    may_follow_end,
)

WORKER = Path(__file__).with_name("vllm_worker")
LORA_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""What vLLM takes for max_lora_rank."""
_ADAPTER = "adapter_config.json"


@dataclass
class _Answer:
    """An answer as it grows; `finish` is "length" until it ends in another way."""

    request: Request
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish: Finish = "length"
    closed: int | None = None
    """How many tokens it had with its endmodule."""
    turns: int = 0


class VllmSampler:
    """Draws with vLLM's offline engine under `python`, an interpreter that can import it."""

    def __init__(
        self,
        python: str,
        path: str,
        settings: SamplingParams,
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
        self.context: int = self._receive()

    def _opening(self, path: str, more: Mapping[str, Any]) -> dict[str, Any]:
        config = Path(path, _ADAPTER)
        if not config.exists():
            return {"engine": {"model": path, **more}, "adapter": None}
        adapter = json.loads(config.read_text())
        rank = next((known for known in LORA_RANKS if known >= adapter["r"]), adapter["r"])
        engine = {
            "model": adapter["base_model_name_or_path"],
            "enable_lora": True,
            "max_lora_rank": rank,
            **more,
        }
        return {"engine": engine, "adapter": path}

    def draw(self, requests: Sequence[Request]) -> Iterator[list[Sample]]:
        size = self.settings.batch
        for start in range(0, len(requests), size):
            answers = [_Answer(request) for request in requests[start : start + size]]
            while growing := [answer for answer in answers if self._left(answer) > 0]:
                self._send([self._turn(answer) for answer in growing])
                for answer, row in zip(growing, self._receive(), strict=True):
                    self._grow(answer, row)
            yield [self._sample(answer) for answer in answers]

    def _left(self, answer: _Answer) -> int:
        """How many tokens an answer may still get."""
        if answer.finish != "length":
            return 0
        room = self.context - len(answer.request.ids)
        return min(self.settings.max_new_tokens, room) - len(answer.ids)

    def _turn(self, answer: _Answer) -> dict[str, Any]:
        request, left = answer.request, self._left(answer)
        return {
            "ids": [*request.ids, *answer.ids],
            "stop": request.stop and answer.closed is None,
            "sampling": {
                "temperature": self.settings.temperature,
                "top_p": self.settings.top_p,
                "seed": request.seed + answer.turns,
                "max_tokens": left if answer.closed is None else min(left, BEHIND_END + 1),
                "stop_token_ids": [self.encoder.eos_id],
            },
        }

    def _grow(self, answer: _Answer, row: dict[str, Any]) -> None:
        if not row["ids"]:
            raise InfrastructureError(f"vLLM drew no token ({row['finish']})")
        answer.turns += 1
        by_itself = row["finish"] == "stop" and row["stop"] != "endmodule"
        last = len(row["ids"]) - 1
        for at, (token, log) in enumerate(zip(row["ids"], row["logprobs"], strict=True)):
            if by_itself and at == last:
                answer.logprobs.append(log)
                answer.finish = "eos"
            elif answer.closed is None or may_follow_end(
                self.encoder.text([token]), len(answer.ids) - answer.closed
            ):
                answer.logprobs.append(log)
                answer.ids.append(token)
            else:
                answer.finish = "endmodule"
                return
        if row["stop"] == "endmodule" and ends_module(self.encoder.text(answer.ids)):
            answer.closed = len(answer.ids)

    def _sample(self, answer: _Answer) -> Sample:
        request, logprobs = answer.request, answer.logprobs
        return Sample(
            request.task, request.k, self.encoder.text(answer.ids), answer.ids,
            sum(logprobs) / max(1, len(logprobs)), answer.finish,
        )  # fmt: skip

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

    def _receive(self) -> Any:
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

    vLLM takes a RANK it finds for its own, and card 0 unless it is told otherwise. Left alone it
    also says fifty lines at each start.
    """
    ranks = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
    theirs = {name: value for name, value in ours.items() if name not in ranks}
    theirs.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    local = int(ours.get("LOCAL_RANK", "0"))
    if int(ours.get("LOCAL_WORLD_SIZE", "1")) > 1:
        cards = ours.get("CUDA_VISIBLE_DEVICES", "").split(",")
        theirs["CUDA_VISIBLE_DEVICES"] = cards[local] if local < len(cards) > 1 else str(local)
    return theirs
