"""The steps of an iteration: sample, grade, fit.

Each step is a folder of the run. It is not repeated if it was finished from the same inputs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from itertl_eval._util.output_files import write_whole
from itertl_eval.train.config import Recipe
from itertl_eval.train.data import Instruction
from itertl_eval.train.fitting import (
    CHECKPOINTS,
    FitPlan,
    FitSettings,
    Group,
    discard,
    fit,
    updates_of,
)
from itertl_eval.train.inputs import Data
from itertl_eval.train.models import Checkpoint
from itertl_eval.train.outputs import Tracking
from itertl_eval.train.run import Clock, RunFolder, digest, ranks
from itertl_eval.train.sampling import Engines, Sample, SamplingParams, SamplingPlan, sample_all
from itertl_eval.train.scoring import Graders, GradingPhase, OnlineReward, Scores, inputs_of

FEW = 64
"""Completions that `moved` looks at."""


@dataclass(frozen=True)
class Batch:
    """Samples, and the grading of them in progress."""

    samples: list[Sample]
    grading: GradingPhase


@dataclass(frozen=True)
class Schedule:
    """How long a fit trains, and how fast; `updates` 0 means by `epochs`."""

    updates: int
    epochs: float
    learning_rate: float


class Steps:
    """Carries out the steps of a run, each in its folder, and times them."""

    def __init__(
        self, recipe: Recipe, folder: RunFolder, data: Data, clock: Clock, tracking: Tracking
    ) -> None:
        self._folder = folder
        self._data = data
        self._clock = clock
        self._tracking = tracking
        self._sampling = recipe.sampling
        self._fit_settings = FitSettings.of(recipe)
        self._preset, self._seed = recipe.objective.score, recipe.loop.seed
        self._max_infra_errors = recipe.loop.max_infra_errors
        self._engines = Engines(
            recipe.sampling,
            recipe.trainer,
            data.encoder,
            data.base.path,
            recipe.data.model_revision,
        )
        self._graders = Graders(
            recipe.loop.jobs, recipe.loop.executor, shared_cores=self._engines.shares_cores
        )

    @contextmanager
    def open(self) -> Iterator[None]:
        """Hold the graders and the sampler for the block."""
        with self._graders.open():
            yield
            self._engines.release()

    def plan(
        self,
        stage: str,
        instructions: Sequence[Instruction],
        count: int,
        temperature: float,
        *,
        token_logprobs: bool = False,
    ) -> SamplingPlan:
        """Return a plan for `count` completions of each instruction.

        `token_logprobs`: keep the log-probability of each token.
        """
        sampling = self._sampling
        params = SamplingParams(
            temperature=temperature,
            top_p=sampling.top_p if temperature else 1.0,
            max_new_tokens=sampling.max_new_tokens,
            batch=sampling.sample_batch,
        )
        stop = sampling.stop_at_endmodule
        return SamplingPlan(stage, instructions, count, self._seed, params, stop, token_logprobs)

    def sample(
        self,
        names: tuple[str, str],
        plan: SamplingPlan,
        model: Checkpoint,
        *,
        partial: bool = True,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Batch:
        """Sample from a model. The samples are graded in the background meanwhile.

        Args:
            names: The folders of the samples and of their verdicts.
            plan: The completions to sample.
            model: The model.
            partial: Run all test cases of a failing design, for a finer score.
            meanwhile: Called at the start and whenever samples are ready.
        """
        meanwhile()
        phase = self._folder.phase(names[0], **plan.facts(model.key, self._data.encoder))
        grading = self.grading(names[1], plan.instructions, phase.inputs, partial)

        def take(fresh: Sequence[Sample]) -> None:
            meanwhile()
            grading.feed(fresh)

        samples = sample_all(
            phase,
            plan,
            self._data.encoder,
            lambda: self._engines.get(model, plan.settings),
            names[0],
            take,
        )
        self._clock.add(phase)
        return Batch(samples, grading)

    def moved(
        self, name: str, plan: SamplingPlan, model: Checkpoint, samples: Sequence[Sample]
    ) -> float | None:
        """Return how far `model` has moved from the one that sampled `samples`.

        This is the mean of log p_sampler - log p_model over at most FEW of them, in nats per
        token: fresh completions, on which nothing is trained.

        Args:
            name: The folder that keeps the result.
            plan: Says how the model that is asked samples.
            model: The model.
            samples: Completions of another model for the plan's instructions.

        Returns:
            None if the samples or the engine have no log-probabilities.
        """
        path = self._folder.folder / name / "moved.json"
        if path.exists():
            value: float | None = json.loads(path.read_text())
            return value
        known = [one for one in samples if one.ids and one.logprob is not None]
        if not known or not ranks.is_main():
            return None
        logprob = self._engines.logprobs(model, plan.settings)
        if logprob is None:
            return None
        prompts = {one.id: one.problem.prompt for one in plan.instructions}
        gaps = []
        for one in known[:: -(-len(known) // FEW)]:
            assert one.ids is not None
            assert one.logprob is not None
            ids = one.ids if one.end is None else [*one.ids, one.end]
            prompt = self._data.encoder.prompt(prompts[one.problem_id])
            gaps.append(one.logprob - logprob(prompt, ids))
        mean = sum(gaps) / len(gaps)
        write_whole(path, json.dumps(mean))
        return mean

    def grading(
        self, name: str, instructions: Sequence[Instruction], key: str, partial: bool = True
    ) -> GradingPhase:
        """Return the grading phase `name` for samples with the key `key`."""
        phase = self._folder.phase(name, **inputs_of(key, instructions, self._preset, self._seed))
        return GradingPhase(
            phase,
            instructions,
            self._graders,
            preset=self._preset,
            seed=self._seed,
            label=name,
            partial=partial,
            max_infra_errors=self._max_infra_errors,
        )

    def grade(self, batch: Batch) -> Scores:
        """Return the scores of all samples. Waits until the last one is graded."""
        scores = batch.grading.result(batch.samples)
        self._clock.add(batch.grading.phase)
        return scores

    def fit(
        self,
        name: str,
        objective: str,
        groups: Sequence[Group],
        start: Checkpoint,
        schedule: Schedule,
        reward: OnlineReward | None = None,
    ) -> tuple[Checkpoint, dict[str, Any]]:
        """Train `start` on groups, or with a reward on samples for groups without candidates.

        Returns the new model and facts for its record.
        """
        settings, data = self._fit_settings, self._data
        plan = FitPlan(
            objective,
            updates_of(len(groups), settings.trainer.batch_size, schedule.updates, schedule.epochs),
            schedule.learning_rate,
            seed=int(digest([self._seed, name])[:7], 16),
        )
        phase = self._folder.phase(
            f"{name}/fit",
            start=start.key,
            plan=vars(plan),
            groups=digest([group.as_row() for group in groups]),
        )
        if not phase.done:
            self._engines.release()
            result = fit(
                groups,
                plan,
                settings,
                start=start.path,
                base=data.base.path,
                encoder=data.encoder,
                phase=phase,
                label=f"{name}/fit",
                reward=reward,
                callbacks=[self._tracking.callback("sft" if name == "sft" else "fit")],
            )
            if ranks.is_main():
                phase.finish(**result)
            ranks.wait_until(lambda: phase.done)
        if ranks.is_main():  # not earlier: a kill before DONE would cost the whole fit
            discard(phase.folder / CHECKPOINTS)
        self._clock.add(phase)
        self._tracking.add_updates(plan.updates)
        model = Checkpoint(str((phase.folder / "model").resolve()), phase.inputs)
        return model, {f"fit_{key}": value for key, value in phase.result.items()}
