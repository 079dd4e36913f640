"""The bodies of requests, as pydantic checks them and as GET /docs shows them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_BODY = 64 << 20
"""Bytes that a request may have."""
MAX_COMPLETION = 1 << 20
"""Characters that a completion may have."""
MAX_REFERENCE = 256 << 10
"""Characters that the reference of an inline problem may have."""
MAX_INSTRUCTION = 64 << 10
"""Characters that its instruction and its header may have."""


class InlineProblem(BaseModel):
    """A problem that no suite has: an instruction and a reference, from which a testbench is made.

    `top` is the module that completions must write; by default the reference's root module.
    `header` is the module header that completions continue, if they do.
    """

    model_config = ConfigDict(extra="forbid")
    reference: str = Field(min_length=1, max_length=MAX_REFERENCE)
    instruction: str = Field(default="", max_length=MAX_INSTRUCTION)
    top: str = Field(default="", max_length=200)
    header: str = Field(default="", max_length=MAX_INSTRUCTION)


class GradeItem(BaseModel):
    """One completion to grade, and the problem it is for: `suite` and `task_id`, or `problem`.

    Other fields are ignored, as in files of samples.
    """

    completion: str = Field(max_length=MAX_COMPLETION)
    suite: str = ""
    task_id: str = ""
    problem: InlineProblem | None = None
    sample: int = 0

    @model_validator(mode="after")
    def _named_once(self) -> GradeItem:
        if (self.problem is None) != bool(self.suite and self.task_id):
            raise ValueError("an item needs either `suite` and `task_id`, or `problem`")
        return self


class GradeRequest(BaseModel):
    """A batch. `seed` is the run's seed; `cache: false` grades everything anew."""

    model_config = ConfigDict(extra="forbid")
    items: list[GradeItem]
    seed: int = 0
    cache: bool = True


class VerifyRequest(BaseModel):
    """NeMo-Gym's verify request: a model's response, and which problem it is for.

    `suite` and `task_id` are fields of the request or of `verifier_metadata`. The completion is
    the text of the response's last assistant message.
    """

    model_config = ConfigDict(extra="allow")
    response: dict[str, Any]
    suite: str = ""
    task_id: str = ""
    verifier_metadata: dict[str, Any] | None = None


class RewardRequest(BaseModel):
    """OpenRLHF's remote reward: queries (prompt and completion), prompts and labels."""

    query: list[str]
    prompts: list[str] = []
    labels: list[Any] = []


__all__ = [
    "MAX_BODY",
    "MAX_COMPLETION",
    "GradeItem",
    "GradeRequest",
    "InlineProblem",
    "RewardRequest",
    "VerifyRequest",
]
