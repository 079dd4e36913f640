"""Write Verilog, graded by itertl-eval: an environment for OpenEnv.

An episode is one problem. `reset(task_id=...)` shows it; each `step` grades a completion. The
episode ends with a design that passes, or after ITERTL_TURNS completions. The reward is
`Verdict.score`: 1 for a design that passes every test, below 0.5 for any other. If this machine
fails to grade, the step is an error, never a reward of 0.
"""

from __future__ import annotations

import os
import random
from typing import Any
from uuid import uuid4

from openenv.core import EnvClient
from openenv.core.client_types import StepResult
from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import Action, Observation, State

from itertl_eval import Problem, grade, load_suite
from itertl_eval.errors import InfrastructureError
from itertl_eval.solve import AGAIN, opening

SUITE = os.environ.get("ITERTL_SUITE", "rtl_core")
TURNS = int(os.environ.get("ITERTL_TURNS", "1"))


class Completion(Action):
    """What the model wrote."""

    completion: str


class Graded(Observation):
    """What the model reads: the problem, or what is wrong with its last completion."""

    task_id: str = ""
    text: str = ""
    passed: bool = False
    stage: str = ""


class VerilogEnvironment(Environment):
    """One problem of the suite ITERTL_SUITE per episode."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self) -> None:
        super().__init__()
        suite = load_suite(SUITE)
        self._problems: dict[str, Problem] = {name: suite[name] for name in suite.covered}
        self._problem = next(iter(self._problems.values()))
        self._state = State(episode_id=str(uuid4()))

    def reset(
        self,
        seed: int | None = None,
        episode_id: str | None = None,
        task_id: str = "",
        **_: Any,
    ) -> Graded:
        """Start an episode.

        Args:
            seed: Chooses the problem, unless `task_id` does.
            episode_id: The episode's name; by default a new one.
            task_id: The problem.
        """
        if task_id and task_id not in self._problems:
            raise ValueError(f"{SUITE} has no problem {task_id!r} that can be graded")
        name = task_id or random.Random(seed).choice(list(self._problems))
        self._problem = self._problems[name]
        self._state = State(episode_id=episode_id or str(uuid4()))
        messages = opening(self._problem)
        return Graded(task_id=name, text="\n\n".join(m["content"] for m in messages))

    def step(self, action: Completion, timeout_s: float | None = None, **_: Any) -> Graded:
        """Grade a completion."""
        del timeout_s  # the grader's own limits are part of the problem
        self._state.step_count += 1
        verdict = grade(self._problem, action.completion)
        if verdict.status == "infra_error":
            raise InfrastructureError(f"{verdict.task_id} was not graded: {verdict.message}")
        done = verdict.passed or self._state.step_count >= TURNS
        return Graded(
            task_id=self._problem.id,
            text="" if verdict.passed else f"{verdict.feedback()}\n\n{AGAIN}",
            passed=verdict.passed,
            stage=verdict.stage,
            reward=verdict.score,
            done=done,
        )

    @property
    def state(self) -> State:
        return self._state


class VerilogEnv(EnvClient[Completion, Graded, State]):
    """The client: `VerilogEnv(base_url="http://...").sync()`."""

    def _step_payload(self, action: Completion) -> dict[str, Any]:
        return {"completion": action.completion}

    def _parse_result(self, payload: dict[str, Any]) -> StepResult[Graded]:
        facts = {k: payload.get(k) for k in ("done", "reward")}
        seen = Graded(**{**payload.get("observation", {}), **facts})
        return StepResult(observation=seen, reward=facts["reward"], done=bool(facts["done"]))

    def _parse_state(self, payload: dict[str, Any]) -> State:
        return State(**payload)


__all__ = ["Completion", "Graded", "VerilogEnv", "VerilogEnvironment"]
