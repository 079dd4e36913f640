"""Engines: the sampler for a model, loaded when it is first needed and let go before a fit."""

from __future__ import annotations

import gc
import json
from typing import Any

import torch

from itertl_eval.errors import UsageError
from itertl_eval.train.config import Recipe
from itertl_eval.train.models import Checkpoint, Encoder
from itertl_eval.train.sampling._protocol import Sampler, SamplingParams


class Engines:
    """Holds at most one loaded sampler."""

    def __init__(self, recipe: Recipe, encoder: Encoder) -> None:
        self.recipe = recipe
        self.encoder = encoder
        self._threads = torch.get_num_threads()
        self._loaded: tuple[str, Sampler] | None = None

    @property
    def shares_cores(self) -> bool:
        """Whether a model that draws computes on the cores that graders would like to have."""
        return self.recipe.sampling.sampler == "transformers" and not torch.cuda.is_available()

    def get(self, model: Checkpoint, settings: SamplingParams) -> Sampler:
        """The sampler that draws from `model` with `settings`."""
        if self._loaded is None or self._loaded[0] != model.path:
            self.release()
            self._loaded = (model.path, self._open(model, settings))
            if self.shares_cores:  # the graders have the other half, see judge.Graders
                torch.set_num_threads(max(1, self._threads // 2))
        sampler = self._loaded[1]
        sampler.settings = settings
        return sampler

    def release(self) -> None:
        """Let go of the loaded model and its memory."""
        if self._loaded is not None:
            self._loaded[1].close()
            self._loaded = None
            torch.set_num_threads(self._threads)
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()  # another process may need it: vLLM, or a rank's fit

    def _open(self, model: Checkpoint, settings: SamplingParams) -> Sampler:
        arguments = self.recipe.sampling
        if arguments.sampler == "server":
            from itertl_eval.train.sampling._server_sampler import ServerSampler

            return ServerSampler(
                arguments.server_url, arguments.server_model, settings, self.encoder,
                model.path, arguments.server_concurrency,
            )  # fmt: skip
        if arguments.sampler == "vllm":
            from itertl_eval.train.sampling._vllm_sampler import VllmSampler

            return VllmSampler(
                arguments.vllm_python, model.path, settings, self.encoder, self._vllm_engine()
            )
        if arguments.sampler != "transformers":
            raise UsageError(f"sampler: {arguments.sampler!r} is not known")
        from itertl_eval.train.models import checkpoints
        from itertl_eval.train.sampling._hf_sampler import TransformersSampler

        loaded = checkpoints.load(
            model.path,
            dtype=self.recipe.trainer.dtype,
            revision=self.recipe.data.model_revision,
        )
        return TransformersSampler(loaded, self.encoder, settings)

    def _vllm_engine(self) -> dict[str, Any]:
        """Arguments of vllm.LLM: the model and the arithmetic of the fit, unless the recipe says
        otherwise. vLLM would calculate in 16 bits and knows no 64."""
        trainer, revision = self.recipe.trainer, self.recipe.data.model_revision
        dtype = "bfloat16" if trainer.bf16 else trainer.dtype
        return {
            "dtype": "float32" if dtype == "float64" else dtype,
            "revision": revision,
            "tokenizer_revision": revision,
            **json.loads(self.recipe.sampling.vllm_engine),
        }
