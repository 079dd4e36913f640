"""Sampling: generation settings that every lm-eval back end understands alike."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

FIRST_SEED = 1234
"""What lm-eval sends with every request to an API; ours count from here."""
PROMPTED_STOP = "[DONE]"
"""What v2's prompts ask for at the end of an answer."""
NEVER_SAID = "<|endoftext|>"
"""lm-eval wants a stop string, and OpenAI refuses an empty list of them."""


@dataclass(frozen=True)
class Sampling:
    """How n samples of a problem are drawn. `settings` holds no do_sample.

    With `seeds` each sample's request names a seed of its own. API back ends send one constant
    seed otherwise, and a server that honours it returns the same sample n times. Back ends that
    refuse a seed get a temperature that differs in the twelfth digit: lm-eval's --use_cache
    goes by a request's settings and would replay one sample n times.
    """

    settings: dict[str, Any]
    seeds: bool

    @property
    def temperature(self) -> float:
        return self.settings.get("temperature", 0.0)

    @property
    def stops(self) -> list[str]:
        until = self.settings.get("until") or []
        return [until] if isinstance(until, str) else until

    @property
    def limit(self) -> int | None:
        """The longest answer in tokens."""
        names = ("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens")
        return next((int(self.settings[name]) for name in names if self.settings.get(name)), None)

    def of(self, sample: int) -> dict[str, Any]:
        """The settings of one sample of a problem."""
        settings = dict(self.settings)
        if self.seeds:
            settings["seed"] = int(settings.get("seed", FIRST_SEED)) + sample
        elif self.temperature:
            # Downwards: 1.0 is the most that Anthropic takes. Not below 0 either.
            lower = self.temperature - sample * 1e-12
            settings["temperature"] = lower if lower > 0 else self.temperature + sample * 1e-12
        return settings


def sampling_of(settings: dict[str, Any], model_args: dict[str, Any], chat: Any) -> Sampling:
    """From a task's generation_kwargs, the model's arguments and its chat template method.

    `hf` ignores a temperature where do_sample is false, APIs ignore do_sample, and --use_cache
    ignores requests where it is true. The temperature alone says the same to all.

    A chat model ends its turn by itself, and its thoughts or first sentence may well repeat that
    the code goes between [BEGIN] and [DONE]: a stop string would cut the answer there.
    """
    settings = dict(settings)
    if chat is not None and settings.get("until") == [PROMPTED_STOP]:
        settings["until"] = [NEVER_SAID]
    temperature = float(settings.get("temperature") or 0.0)
    if settings.get("do_sample") is False:
        temperature = 0.0
    if temperature or not settings.get("do_sample"):
        settings.pop("do_sample", None)
    settings["temperature"] = temperature  # vLLM's own default is to sample at 1
    return Sampling(settings, _takes_seeds(model_args, chat))


def _takes_seeds(model_args: dict[str, Any], chat: Any) -> bool:
    """Is this an API that sends seeds?

    With --apply_chat_template lm-eval hands tasks a method of the model, and the model's own
    class says it: API models build a payload, and that of Anthropic, which refuses requests
    with a seed, takes none. That holds for model objects and for addresses that come from the
    environment too. Without a template the model's arguments are all there is to go by.
    """
    payload = getattr(getattr(chat, "__self__", None), "_create_payload", None)
    if payload is not None:
        return "seed" in inspect.signature(payload).parameters
    return "base_url" in model_args or ("model" in model_args and "pretrained" not in model_args)
