"""Write Verilog, graded by itertl-eval: an environment for verifiers.

    env = load_environment(suite="rtl_core", turns=3)
    vf-eval itertl-verilog --env.taskset.suite rtl_core --env.turns 3

The reward is `Verdict.score`: 1 for a design that passes every test, below 0.5 for any other. With
`turns` above 1 the model hears what is wrong and tries again; the last completion counts. A design
that this machine fails to grade ends its episode in an error, never in a reward of 0.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import verifiers.v1 as vf
from verifiers.v1.harnesses.null import NullHarness, NullHarnessConfig

from itertl_eval import Verdict, grade, load_suite
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import default_jobs
from itertl_eval.solve import AGAIN, opening

ID = "itertl-verilog"


class VerilogData(vf.TaskData):
    """What a completion is graded by; `id` is the problem's task_id."""

    suite: str


class VerilogTask(vf.Task[VerilogData]):
    """One problem of a suite."""

    async def verdict(self, completion: str) -> Verdict:
        """Grade a completion in a separate thread.

        Raises:
            InfrastructureError: This machine could not grade it.
        """
        problem = load_suite(self.data.suite)[str(self.data.id)]
        loop = asyncio.get_running_loop()
        verdict = await loop.run_in_executor(_graders(), grade, problem, completion)
        if verdict.status == "infra_error":
            raise InfrastructureError(f"{problem.id} was not graded: {verdict.message}")
        return verdict

    @vf.reward
    async def verilog(self, trace: vf.Trace) -> float:
        return (await self.verdict(trace.last_reply)).score

    @vf.metric
    async def passed(self, trace: vf.Trace) -> float:
        return float((await self.verdict(trace.last_reply)).passed)


class VerilogConfig(vf.TasksetConfig):
    """Which problems: a suite as in `itertl-eval tasks`, or a task folder."""

    suite: str = "rtl_core"


class VerilogTaskset(vf.Taskset[VerilogTask, VerilogConfig]):
    """The problems of a suite that have a testbench."""

    def load(self) -> Iterable[VerilogTask]:
        suite = load_suite(self.config.suite)
        for name in suite.covered:
            *system, user = opening(suite[name])
            data = VerilogData(
                id=name,
                name=name,
                suite=self.config.suite,
                prompt=user["content"],
                system_prompt=system[0]["content"] if system else None,
            )
            yield VerilogTask(data, self.config.task)


class VerilogEnvConfig(vf.EnvConfig):
    """One agent without tools, and how many completions it may write."""

    agent: vf.AgentConfig = vf.AgentConfig(
        harness=NullHarnessConfig(id="null"),  # it only chats, so it needs no container
        runtime=vf.SubprocessConfig(),
    )
    turns: int = 1


class VerilogEnv(vf.Env[VerilogEnvConfig]):
    """Complete, hear what is wrong, try again."""

    async def run(self, task: VerilogTask, agents: vf.Agents) -> None:
        async with agents.agent.interaction(task) as interaction:
            segment = await interaction.turn()
            for _ in range(self.config.turns - 1):
                if segment.terminated:
                    break
                verdict = await task.verdict(segment.last_reply)
                if verdict.passed:
                    break
                segment = await interaction.turn(f"{verdict.feedback()}\n\n{AGAIN}")


def load_environment(suite: str = "rtl_core", turns: int = 1) -> VerilogEnv:
    """Return the environment of a suite.

    Args:
        suite: A name as in `itertl-eval tasks`, or a task folder.
        turns: How many completions the model may write for one problem.
    """
    config = {"id": ID, "taskset": {"id": ID, "suite": suite}, "turns": turns}
    return vf.load_environment(vf.resolve_env_config(config))


@cache
def _graders() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(default_jobs(), thread_name_prefix="grade")


__all__ = ["NullHarness", "VerilogEnv", "VerilogTaskset", "load_environment"]
