"""Sampling: generation settings that mean the same to every lm-eval back end."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

FIRST_SEED = 1234
"""The seed that lm-eval sends with every API request; ours count from here."""
TASK_STOPS = (["endmodule"], ["[DONE]"])
"""The stop strings of our task files, which suit base models."""
NO_STOP = "<|endoftext|>"
"""lm-eval requires a stop string, and OpenAI refuses an empty list."""


@dataclass(frozen=True)
class Sampling:
    """How n samples of a problem are drawn.

    With `seeds`, each sample's request has a different seed. API back ends otherwise send one
    constant seed, and a server that honors it returns the same sample n times. Back ends that
    refuse a seed get a temperature that differs in the twelfth digit, because lm-eval's
    --use_cache identifies a request by its settings and would replay one sample n times.

    Attributes:
        settings: lm-eval's generation_kwargs, without do_sample.
        seeds: Whether requests carry a seed.
    """

    settings: dict[str, Any]
    seeds: bool

    @property
    def temperature(self) -> float:
        return float(self.settings.get("temperature", 0.0))

    @property
    def stops(self) -> list[str]:
        until = self.settings.get("until") or []
        return [until] if isinstance(until, str) else list(until)

    @property
    def limit(self) -> int | None:
        """The length limit of a completion in tokens."""
        names = ("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens")
        return next((int(self.settings[name]) for name in names if self.settings.get(name)), None)

    def of(self, sample: int) -> dict[str, Any]:
        """Return the settings of one sample of a problem."""
        settings = dict(self.settings)
        if self.seeds:
            settings["seed"] = int(settings.get("seed", FIRST_SEED)) + sample
        elif self.temperature:
            # Downwards, because Anthropic takes 1.0 at most; but not below 0.
            lower = self.temperature - sample * 1e-12
            settings["temperature"] = lower if lower > 0 else self.temperature + sample * 1e-12
        return settings


def sampling_of(
    settings: Mapping[str, Any],
    model_args: Mapping[str, Any],
    chat: Callable[..., Any] | None,
    model: Any = None,
) -> Sampling:
    """Return the sampling of a run.

    `hf` ignores a temperature where do_sample is false, APIs ignore do_sample, and --use_cache
    ignores requests where it is true. The temperature alone means the same to all.

    A chat model ends its turn by itself. Its thoughts or its first sentence may well contain the
    end of a module or the words [BEGIN] and [DONE], and a stop string would cut the completion
    there: under a chat template there is none.

    Args:
        settings: The task's generation_kwargs.
        model_args: The arguments of the model, as lm-eval adds them to a task's metadata.
        chat: The model's chat template method, None without --apply_chat_template.
        model: The model, None if it is not known.
    """
    settings = dict(settings)
    if chat is not None and settings.get("until") in TASK_STOPS:
        settings["until"] = [NO_STOP]
    temperature = float(settings.get("temperature") or 0.0)
    if settings.get("do_sample") is False:
        temperature = 0.0
    if temperature or not settings.get("do_sample"):
        settings.pop("do_sample", None)
    settings["temperature"] = temperature  # vLLM samples at 1 by default
    return Sampling(settings, _takes_seeds(model_args, model))


def _takes_seeds(model_args: Mapping[str, Any], model: Any) -> bool:
    """Tell whether the model is an API that sends seeds.

    The model's own class gives the answer: API models build a payload, and Anthropic's, which
    refuses requests with a seed, does not take one. That covers model objects, and addresses that
    come from the environment. Where the model isn't known, its arguments have to do.
    """
    if model is None:
        named = "model" in model_args and "pretrained" not in model_args
        return named or "base_url" in model_args
    payload = getattr(model, "_create_payload", None)
    return payload is not None and "seed" in inspect.signature(payload).parameters
