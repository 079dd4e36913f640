"""Write Verilog, graded by `itertl-eval serve`: a resources server for NeMo-Gym.

Put this folder at `resources_servers/itertl_verilog` of a NeMo-Gym checkout. A row of its data has
`responses_create_params` and `verifier_metadata: {"suite", "task_id"}`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from nemo_gym.base_resources_server import (
    BaseResourcesServerConfig,
    BaseVerifyRequest,
    BaseVerifyResponse,
    SimpleResourcesServer,
)
from nemo_gym.server_utils import get_response_json, request

RETRY = 429, 503
"""The grader is full, or its machine failed: nothing is known about the design."""


class ItertlResourcesServerConfig(BaseResourcesServerConfig):
    """Where `itertl-eval serve` listens, its token, and how often to ask it."""

    grader: str = "http://127.0.0.1:8770"
    token: str = ""
    attempts: int = 20


class ItertlVerifyRequest(BaseVerifyRequest):
    """A rollout, and the problem it is for."""

    verifier_metadata: dict[str, Any]


class ItertlVerifyResponse(BaseVerifyResponse):
    """The reward, and why."""

    passed: bool
    stage: str
    message: str


class ItertlResourcesServer(SimpleResourcesServer):
    """Forwards /verify to the grader."""

    config: ItertlResourcesServerConfig

    async def verify(self, body: ItertlVerifyRequest) -> ItertlVerifyResponse:
        """Return the verdict. A machine that fails is an error of the rollout, not a reward."""
        headers = {"Authorization": f"Bearer {self.config.token}"} if self.config.token else {}
        for attempt in range(self.config.attempts):
            answer = await request(
                "POST",
                f"{self.config.grader}/verify",
                json=body.model_dump(mode="json"),
                headers=headers,
            )
            if answer.status not in RETRY:
                break
            await asyncio.sleep(min(2**attempt, 30))
        found = await get_response_json(answer)
        if answer.status != 200:
            raise RuntimeError(f"not graded: {answer.status} {found}")
        facts = {name: found[name] for name in ("reward", "passed", "stage", "message")}
        return ItertlVerifyResponse(**body.model_dump(), **facts)


if __name__ == "__main__":
    ItertlResourcesServer.run_webserver()
