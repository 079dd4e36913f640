"""The vLLM sampler: an engine in another interpreter.

No vLLM release shares an environment with the newest transformers. There is one process per
model; an adapter is loaded over its base. It exchanges JSON lines with `vllm_worker`, a folder
that the other interpreter runs by itself.

vLLM stops at the letters `endmodule` at once, even in a comment. So a completion is sampled in
turns: it continues after such a comment, and after a real end for the line end and the end
token, which training would otherwise never see there.
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

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.train.models import Encoder
from itertl_eval.train.sampling._protocol import (
    AFTER_END,
    Finish,
    Request,
    Sample,
    SamplingParams,
    ends_module,
    may_follow_end,
)

WORKER = Path(__file__).with_name("vllm_worker")
LORA_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""Values that vLLM accepts as max_lora_rank."""
_ADAPTER = "adapter_config.json"


@dataclass
class _Growing:
    """A completion that grows; `finish` is "length" until it ends in another way."""

    request: Request
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish: Finish = "length"
    end: int | None = None
    closed: int | None = None
    """How many tokens it had at its endmodule."""
    turns: int = 0


class VllmSampler:
    """Samples with vLLM's offline engine under `python`, an interpreter that can import it."""

    def __init__(
        self,
        python: str,
        path: str,
        settings: SamplingParams,
        encoder: Encoder,
        engine: Mapping[str, Any] | None = None,
        base: str | None = None,
    ) -> None:
        """Start the engine.

        Args:
            python: Interpreter that can import vLLM.
            path: The model's folder or hub name.
            settings: How to sample.
            encoder: Decodes completions.
            engine: More arguments of vllm.LLM.
            base: Model below the adapter in `path`; None: the one that the adapter names.
        """
        self.settings = settings
        self.encoder = encoder
        try:
            self._process = subprocess.Popen(
                [python, str(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment(os.environ),
            )
        except OSError as error:
            raise InfrastructureError(
                f"vllm_python: {python} can't be started ({error}). Make an environment with vLLM "
                "and point vllm_python at its interpreter."
            ) from None
        self._send(self._opening(path, engine or {}, base))
        self.context: int = self._receive()

    def _opening(self, path: str, more: Mapping[str, Any], base: str | None) -> dict[str, Any]:
        config = Path(path, _ADAPTER)
        if not config.exists():
            return {"engine": {"model": path, **more}, "adapter": None}
        adapter = json.loads(config.read_text())
        rank = next((known for known in LORA_RANKS if known >= adapter["r"]), adapter["r"])
        engine = {
            "model": base or adapter["base_model_name_or_path"],
            "enable_lora": True,
            "max_lora_rank": rank,
            **more,
        }
        return {"engine": engine, "adapter": path}

    def sample(self, requests: Sequence[Request]) -> Iterator[list[Sample]]:
        for request in requests:
            if len(request.ids) >= self.context:
                raise UsageError(
                    f"{request.problem_id}: the prompt has {len(request.ids)} tokens, which leaves "
                    f"no room in the engine's context of {self.context}. Raise max_model_len in "
                    "vllm_engine."
                )
        size = self.settings.batch
        for start in range(0, len(requests), size):
            batch = [_Growing(request) for request in requests[start : start + size]]
            while growing := [one for one in batch if self._left(one) > 0]:
                self._send([self._turn(one) for one in growing])
                for one, row in zip(growing, self._receive(), strict=True):
                    self._grow(one, row)
            yield [self._sample(one) for one in batch]

    def _left(self, one: _Growing) -> int:
        """Return how many more tokens a completion may get."""
        if one.finish != "length":
            return 0
        room = self.context - len(one.request.ids)
        return min(self.settings.max_new_tokens, room) - len(one.ids)

    def _turn(self, one: _Growing) -> dict[str, Any]:
        request, left = one.request, self._left(one)
        return {
            "ids": [*request.ids, *one.ids],
            "stop": request.stop and one.closed is None,
            "sampling": {
                "temperature": self.settings.temperature,
                "top_p": self.settings.top_p,
                "seed": request.seed + one.turns,
                "max_tokens": left if one.closed is None else min(left, AFTER_END + 1),
                "stop_token_ids": sorted(self.encoder.stop_ids),
            },
        }

    def _grow(self, one: _Growing, row: dict[str, Any]) -> None:
        if not row["ids"]:
            raise InfrastructureError(f"vLLM sampled no token ({row['finish']})")
        one.turns += 1
        by_itself = row["finish"] == "stop" and row["stop"] != "endmodule"
        last = len(row["ids"]) - 1
        for at, (token, log) in enumerate(zip(row["ids"], row["logprobs"], strict=True)):
            if by_itself and at == last:
                one.logprobs.append(log)
                one.finish, one.end = "eos", token
            elif one.closed is None or may_follow_end(
                self.encoder.text([token]), len(one.ids) - one.closed
            ):
                one.logprobs.append(log)
                one.ids.append(token)
            else:
                one.finish = "endmodule"
                return
        if row["stop"] == "endmodule" and ends_module(self.encoder.text(one.ids)):
            one.closed = len(one.ids)

    def _sample(self, one: _Growing) -> Sample:
        request, logprobs = one.request, one.logprobs
        return Sample(
            problem_id=request.problem_id,
            number=request.number,
            text=self.encoder.text(one.ids),
            ids=one.ids,
            logprob=sum(logprobs) / max(1, len(logprobs)),
            finish=one.finish,
            end=one.end,
            logprobs=logprobs,
        )

    def close(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # the process may be gone
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
            f"the vLLM process ended with status {status}; its messages are above"
        )


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return the engine's environment: without this run's ranks, with this rank's GPU.

    vLLM would take RANK for its own, and use GPU 0 by default. It would also print fifty lines
    at each start.
    """
    ranks = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
    theirs = {name: value for name, value in ours.items() if name not in ranks}
    theirs.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    local = int(ours.get("LOCAL_RANK", "0"))
    if int(ours.get("LOCAL_WORLD_SIZE", "1")) > 1:
        gpus = ours.get("CUDA_VISIBLE_DEVICES", "").split(",")
        theirs["CUDA_VISIBLE_DEVICES"] = gpus[local] if local < len(gpus) > 1 else str(local)
    return theirs
