"""Engines: load the sampler for a model when it is needed, and free it before a fit."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Sequence
from typing import Any

import torch

from itertl_eval.train.config import SampleArguments, TrainerArguments
from itertl_eval.train.models import Checkpoint, Encoder, checkpoints
from itertl_eval.train.sampling._protocol import Sampler, SamplingParams

LogProb = Callable[[Sequence[int], Sequence[int]], float]


class Engines:
    """Holds at most one loaded sampler.

    Args:
        sampling: Which sampler, and its settings.
        trainer: The weights' type and autocast, so that a model samples in the arithmetic that it
            is trained in.
        encoder: Encodes prompts and decodes completions.
        base: Path or name of the model below all adapters of the run.
        revision: Revision of a base model from a hub.
    """

    def __init__(
        self,
        sampling: SampleArguments,
        trainer: TrainerArguments,
        encoder: Encoder,
        base: str,
        revision: str | None = None,
    ) -> None:
        self._sampling = sampling
        self._trainer = trainer
        self._encoder = encoder
        self._base = base
        self._revision = revision
        self._threads = torch.get_num_threads()
        self._loaded: tuple[str, Sampler] | None = None

    @property
    def shares_cores(self) -> bool:
        """Return whether the model samples on the cores that graders would use."""
        return self._sampling.sampler == "transformers" and not torch.cuda.is_available()

    def get(self, model: Checkpoint, settings: SamplingParams) -> Sampler:
        """Return a sampler of `model` with `settings`."""
        if self._loaded is None or self._loaded[0] != model.path:
            self.release()
            self._loaded = (model.path, self._open(model, settings))
            if self.shares_cores:  # the graders have the other half, see scoring.Graders
                torch.set_num_threads(max(1, self._threads // 2))
        sampler = self._loaded[1]
        sampler.settings = settings
        return sampler

    def logprobs(self, model: Checkpoint, settings: SamplingParams) -> LogProb | None:
        """Return what computes a completion's log-probability; None: this engine does not."""
        sampler = self.get(model, settings) if self._sampling.sampler == "transformers" else None
        return getattr(sampler, "logprob", None)

    def release(self) -> None:
        """Free the loaded model and its memory."""
        if self._loaded is not None:
            self._loaded[1].close()
            self._loaded = None
            torch.set_num_threads(self._threads)
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()  # another process may need it: vLLM, or a rank's fit

    def _open(self, model: Checkpoint, settings: SamplingParams) -> Sampler:
        sampling = self._sampling
        if sampling.sampler == "server":
            from itertl_eval.train.sampling._server_sampler import ServerSampler

            return ServerSampler(
                sampling.server_url,
                sampling.server_model,
                settings,
                self._encoder,
                model.path,
                sampling.server_concurrency,
            )
        if sampling.sampler == "vllm":
            from itertl_eval.train.sampling._vllm_sampler import VllmSampler

            return VllmSampler(
                sampling.vllm_python,
                model.path,
                settings,
                self._encoder,
                self._vllm_engine(),
                self._base,
            )
        from itertl_eval.train.sampling._hf_sampler import TransformersSampler

        dtype = self._dtype
        loaded = checkpoints.load(
            model.path,
            dtype=dtype,
            revision=self._revision,
            base=self._base,
            merged=dtype != "bfloat16",
        )
        return TransformersSampler(loaded, self._encoder, settings)

    @property
    def _dtype(self) -> str:
        return "bfloat16" if self._trainer.bf16 else self._trainer.dtype

    def _vllm_engine(self) -> dict[str, Any]:
        """Return the arguments of vllm.LLM: the fit's arithmetic, unless the recipe overrides it.

        By default vLLM would calculate in 16 bits; it has no 64-bit type.
        """
        return {
            "dtype": "float32" if self._dtype == "float64" else self._dtype,
            "revision": self._revision,
            "tokenizer_revision": self._revision,
            **json.loads(self._sampling.vllm_engine),
        }
