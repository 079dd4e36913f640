"""The loop: supervised fine-tuning, then rounds of sample, grade, fit, evaluate.

`run` goes through all steps each time it is called, and only does what is not done yet.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

from itertl_eval._util.printable import counted
from itertl_eval._util.progress import say
from itertl_eval.train._curriculum import Curriculum
from itertl_eval.train._evaluation import Evaluation
from itertl_eval.train._preflight import preflight
from itertl_eval.train._references import graded_references
from itertl_eval.train._steps import Schedule, Steps
from itertl_eval.train._training_set import TrainingSet
from itertl_eval.train.config import FIT_ONLY, FREE, Recipe
from itertl_eval.train.fitting import OBJECTIVES, Group, reuse_of, updates_of
from itertl_eval.train.inputs import Data, prepare
from itertl_eval.train.models import Checkpoint, checkpoints
from itertl_eval.train.outputs import Tracking, metrics, write_final
from itertl_eval.train.run import Clock, RunFolder, ranks
from itertl_eval.train.scoring import OnlineReward

Records = list[dict[str, Any]]


def run(recipe: Recipe, began: float | None = None) -> Records:
    """Carry out a recipe, or resume it.

    Args:
        recipe: The recipe.
        began: Monotonic time at which the program started, if much earlier.

    Returns:
        The records of metrics.jsonl.
    """
    began = time.monotonic() if began is None else began
    preflight(recipe)
    folder = RunFolder(Path(recipe.loop.run_dir))
    lock = folder.lock() if ranks.is_main() else contextlib.nullcontext()
    with lock, folder.naming_a_full_disk():
        if ranks.is_main():
            folder.check(recipe.fixed(), Recipe().fixed(), FREE, FIT_ONLY)
        data = prepare(
            recipe.data, recipe.sampling, recipe.loop.seed, folder, recipe.loop.jobs or None
        )
        checkpoints.require_trainable(data.base.path, recipe.trainer, recipe.data.model_revision)
        if ranks.is_main():  # not earlier: a recipe whose data is missing may be corrected
            folder.bind(recipe.fixed())
        say(str(data))
        return Loop(recipe, folder, data, Clock(began, data.making)).run()


class Loop:
    """One run in progress."""

    def __init__(self, recipe: Recipe, folder: RunFolder, data: Data, clock: Clock) -> None:
        self.recipe = recipe
        self.folder = folder.folder
        self.data = data
        self.tracking = Tracking(recipe.report.report_to, self.folder, recipe.flat())
        self.steps = Steps(recipe, folder, data, clock, self.tracking)
        self.curriculum = Curriculum(
            data.train,
            recipe.sampling.instructions_per_iteration,
            recipe.loop.seed,
            recipe.sampling.difficulty,
        )
        self.evaluation = Evaluation(
            self.steps,
            data.heldout,
            data.base,
            recipe.loop,
            self.folder,
            clock,
            self.tracking.record,
        )

    def run(self) -> Records:
        """Train and evaluate all models, and write the best one to final/."""
        with contextlib.closing(self.tracking), self.steps.open():
            last = self.train()
            self.evaluation.settle()
        if ranks.is_main():
            self.finish(last)
        return self.evaluation.records

    def train(self) -> Checkpoint:
        """Return the model after the last iteration."""
        loop, model = self.recipe.loop, self.data.base
        if loop.evaluate_base:
            counts = self.data.testbenches
            facts = {"testbenches": counts} if counts else {}
            self.evaluation.start("base", 0, model, facts)
            self.evaluation.settle()
        training_set = self.make_training_set()
        if loop.sft and training_set.references:
            model = self.supervised(model, training_set)
        if OBJECTIVES[self.recipe.objective.objective].online:
            return self.online(model)
        first = model
        for number in range(1, loop.iterations + 1):
            sampler = first if self.recipe.sampling.sample_from == "first" else model
            start = first if loop.restart_from_base else model
            model = self.iteration(number, sampler, start, training_set)
            if self.out_of_patience():
                break
        return model

    def make_training_set(self) -> TrainingSet:
        """Return a training set with the references that the grader accepts."""
        train, encoder = self.data.train, self.data.encoder
        references = graded_references(self.steps, train, self.recipe.data, encoder)
        return TrainingSet(self.recipe.objective, train, references, encoder)

    def supervised(self, model: Checkpoint, training_set: TrainingSet) -> Checkpoint:
        """Return `model` after likelihood training on the references."""
        loop, trainer = self.recipe.loop, self.recipe.trainer
        rate = loop.sft_learning_rate or trainer.peak_rate
        schedule = Schedule(loop.sft_updates, loop.sft_epochs, rate)
        groups = training_set.reference_groups()
        model, facts = self.steps.fit("sft", "rft", groups, model, schedule)
        self.evaluation.start("sft", 0, model, facts)
        return model

    def iteration(
        self, number: int, sampler: Checkpoint, start: Checkpoint, training_set: TrainingSet
    ) -> Checkpoint:
        """Return `start` after one round: sample from `sampler`, grade, fit, evaluate."""
        name, sampling = f"iteration-{number:02}", self.recipe.sampling
        objective, trainer = self.recipe.objective, self.recipe.trainer

        chosen = self.curriculum.choose(number)
        plan = self.steps.plan(
            name,
            chosen,
            sampling.samples_per_instruction,
            sampling.temperature,
            token_logprobs=OBJECTIVES[objective.objective].on_policy,
        )
        names = f"{name}/sample", f"{name}/grade"
        batch = self.steps.sample(names, plan, sampler, meanwhile=self.evaluation.poll)
        self.evaluation.settle()
        scores = self.steps.grade(batch)
        self.curriculum.remember(scores)
        self.tracking.completions(name, batch.samples, scores)

        fresh = training_set.candidates(batch.samples, scores)
        groups, counts = training_set.groups(chosen, fresh)
        training_set.remember(fresh)
        groups = OBJECTIVES[objective.objective].select(groups, objective)
        facts = {**metrics.sample_facts(batch.samples, scores), **counts.facts()}

        model = start
        if groups:
            schedule = Schedule(trainer.updates, trainer.epochs, trainer.peak_rate)
            model, fitted = self.steps.fit(name, objective.objective, groups, start, schedule)
            facts |= fitted
        else:
            say(f"{name}: nothing to learn from, the model does not change")
        self.evaluation.start(name, number, model, facts)
        return model

    def online(self, start: Checkpoint) -> Checkpoint:
        """Return `start` after one fit that samples by itself, with the budget of all rounds."""
        loop, sampling, trainer = self.recipe.loop, self.recipe.sampling, self.recipe.trainer
        rounds = [self.curriculum.choose(number) for number in range(1, loop.iterations + 1)]
        updates = sum(
            updates_of(len(chosen), trainer.batch_size, trainer.updates, trainer.epochs)
            for chosen in rounds
        )
        if not updates:
            return start
        groups = [
            Group(one.id, self.data.encoder.prompt(one.problem.prompt), [])
            for chosen in rounds
            for one in chosen
        ]
        name = f"iteration-{loop.iterations:02}"
        reward = OnlineReward(
            self.data.train,
            self.folder / name / "grade",
            preset=self.recipe.objective.score,
            seed=loop.seed,
            jobs=loop.jobs,
            cut=sampling.stop_at_endmodule,
            max_infra_errors=loop.max_infra_errors,
        )
        schedule = Schedule(updates, trainer.epochs, trainer.peak_rate)
        model, facts = self.steps.fit(name, "grpo", groups, start, schedule, reward)
        batches = -(-updates // reuse_of(len(groups), updates, trainer.batch_size))
        facts["train_samples"] = batches * trainer.batch_size * sampling.samples_per_instruction
        self.evaluation.start(name, loop.iterations, model, facts)
        return model

    def out_of_patience(self) -> bool:
        """Return whether pass@1 has not risen for `patience` iterations."""
        if not self.recipe.loop.patience:
            return False
        self.evaluation.settle()
        rounds = self.evaluation.selection.rounds_without_gain
        if rounds >= self.recipe.loop.patience:
            say(f"pass@1 has not risen for {counted(rounds, 'iteration')}: stopping")
            return True
        return False

    def finish(self, last: Checkpoint) -> None:
        """Write the best model to final/, the last one without held-out problems."""
        records, selection = self.evaluation.records, self.evaluation.selection
        best = selection.best.model if selection.best else last
        remarks = selection.summary()
        if best is self.data.base:
            say("nothing was trained; final/ is not written")
        else:
            write_final(self.folder, best, self.recipe, self.data, records, remarks)
        say("\n".join([metrics.table(records), *remarks]))
