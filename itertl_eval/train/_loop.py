"""The loop: base, supervised fine-tuning, then rounds of sample, grade, fit, each evaluated.

Every phase reads files and writes files. `run` walks through all of them each time it is
called and does only what is not done yet.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from itertl_eval._util.progress import say
from itertl_eval.train._dataset import Data, prepare
from itertl_eval.train._evaluation import Pending
from itertl_eval.train._training_set import TrainingSet
from itertl_eval.train.config import Recipe
from itertl_eval.train.data import Instruction, deal
from itertl_eval.train.fitting import OBJECTIVES, PASSING, Candidate, Counts, Group
from itertl_eval.train.models import Checkpoint
from itertl_eval.train.outputs import metrics, write_final
from itertl_eval.train.run import Clock, RunFolder, digest, ranks, write_atomic
from itertl_eval.train.sampling import Engines, Sample, SamplingParams, SamplingPlan, draw
from itertl_eval.train.scoring import REFERENCE, Graders, GradingPhase, Key, ScoredSample, inputs_of

RUNS = ("simulate", "pass")
"""Stages that a design reaches which the compiler accepts."""


def run(recipe: Recipe, began: float | None = None) -> list[dict[str, Any]]:
    """Carry a recipe out, or go on with it; the records of metrics.jsonl.

    `began` is the monotonic time at which the program started, if that was much earlier.
    """
    began = time.monotonic() if began is None else began
    from itertl_eval.train.fitting import FitSettings, require

    require(FitSettings.of(recipe))
    folder = RunFolder(Path(recipe.loop.run_dir))
    with folder.lock() if ranks.is_main() else contextlib.nullcontext():
        if ranks.is_main():
            folder.check(recipe.fixed(), Recipe().fixed())
        data = prepare(recipe, folder)
        if ranks.is_main():  # not before: a recipe whose data is missing may be corrected
            folder.bind(recipe.fixed())
        return Loop(recipe, folder, data, Clock(began, data.making)).run()


class Loop:
    """One run in progress."""

    def __init__(self, recipe: Recipe, folder: RunFolder, data: Data, clock: Clock) -> None:
        self.recipe = recipe
        self.folder = folder
        self.data = data
        self.clock = clock
        self.engines = Engines(recipe, data.encoder)
        self.graders = Graders(recipe.loop.jobs, shared_cores=self.engines.shares_cores)
        self.records: list[dict[str, Any]] = []
        self.training_set = TrainingSet(recipe, data)
        self.best: tuple[float, Checkpoint] | None = None
        self.pending: Pending | None = None

    def run(self) -> list[dict[str, Any]]:
        with self.graders.open():
            return self._run()

    def _run(self) -> list[dict[str, Any]]:
        loop = self.recipe.loop
        say(str(self.data))
        model = self.data.base
        if loop.evaluate_base:
            self.evaluate("base", 0, model, {})
            self.settle()
        references = self.references()
        if loop.sft and references:
            model, facts = self.supervised(model, references)
            self.evaluate("sft", 0, model, facts)
        first = model
        worse = 0
        for number in range(1, loop.iterations + 1):
            drawer = first if self.recipe.sampling.sample_from == "first" else model
            start = first if loop.restart_from_base else model
            model, facts = self.iteration(number, drawer, start, references)
            self.evaluate(f"iteration-{number:02}", number, model, facts)
            if loop.patience:
                before = self.best
                self.settle()
                worse = 0 if self.best is not before else worse + 1
                if worse >= loop.patience:
                    say(f"pass@1 has not risen for {worse} iterations: stopping")
                    break
        self.settle()
        self.engines.release()
        if ranks.is_main():
            best = self.best[1] if self.best else model
            if best is self.data.base:
                say("nothing was trained; final/ is not written")
            else:
                write_final(self.folder.folder, best, self.recipe, self.data, self.records)
            say(metrics.table(self.records))
        return self.records

    # -- the phases ---------------------------------------------------------------------------

    def references(self) -> dict[str, Candidate]:
        """The references as candidates, graded like every answer."""
        having = [i for i in self.data.train if i.reference is not None]
        samples = [Sample(i.id, REFERENCE, i.reference or "", None, None, "eos") for i in having]
        grading = self.grading("references", having, digest([s.as_row() for s in samples]))
        judged = grading.result(samples)
        self.clock.add(grading.phase)
        encoder = self.data.encoder
        found: dict[str, Candidate] = {}
        refused = 0
        for i in having:
            z, stage = judged[i.id, REFERENCE].z, judged[i.id, REFERENCE].stage
            if self.recipe.data.self_contained and z is not None and stage not in RUNS:
                refused += 1
                continue
            ids = encoder.answer(i.problem.prompt, i.reference or "")
            # A reference that could not be graded is trusted; it came with the instruction.
            found[i.id] = Candidate(ids, PASSING if z is None else z, is_reference=True)
        if refused:
            say(f"  {refused} references left out: the compiler refuses them")
        return found

    def supervised(
        self, model: Checkpoint, references: dict[str, Candidate]
    ) -> tuple[Checkpoint, dict[str, Any]]:
        loop = self.recipe.loop
        groups = [
            Group(i.id, self.data.encoder.prompt(i.problem.prompt), [references[i.id]])
            for i in self.data.train
            if i.id in references
        ]
        return self.fit(
            "sft", "rft", groups, model,
            loop.sft_updates, loop.sft_epochs,
            loop.sft_learning_rate or self.recipe.trainer.learning_rate,
        )  # fmt: skip

    def iteration(
        self, number: int, drawer: Checkpoint, start: Checkpoint, references: dict[str, Candidate]
    ) -> tuple[Checkpoint, dict[str, Any]]:
        name = f"iteration-{number:02}"
        sampling, trainer = self.recipe.sampling, self.recipe.trainer
        dealt = deal(
            self.data.train, sampling.instructions_per_iteration, number, self.recipe.loop.seed
        )
        wanted = SamplingPlan(
            name, dealt, sampling.samples_per_instruction, self.recipe.loop.seed,
            self.settings(sampling.temperature), sampling.stop_at_endmodule,
        )  # fmt: skip
        samples, grading = self.answers(f"{name}/sample", f"{name}/grade", wanted, drawer)
        self.settle()
        judged = self.verdicts(samples, grading)
        counts = Counts()
        groups = self.training_set.groups(dealt, samples, judged, references, counts)
        arguments = self.recipe.objective
        groups = OBJECTIVES[arguments.objective].select(groups, arguments)
        facts = {**metrics.sample_facts(samples, judged), **counts.facts()}
        self.training_set.remember(samples, judged)
        if not groups:
            say(f"{name}: nothing to learn from, the model stays as it is")
            return start, facts
        model, fitted = self.fit(
            name, self.recipe.objective.objective, groups, start,
            trainer.updates, trainer.epochs, trainer.learning_rate,
        )  # fmt: skip
        return model, {**facts, **fitted}

    def settings(self, temperature: float) -> SamplingParams:
        sampling = self.recipe.sampling
        return SamplingParams(
            temperature, sampling.top_p if temperature else 1.0, sampling.max_new_tokens,
            sampling.sample_batch,
        )  # fmt: skip

    def answers(
        self,
        name: str,
        grade_name: str,
        wanted: SamplingPlan,
        model: Checkpoint,
        *,
        partial: bool = True,
    ) -> tuple[list[Sample], GradingPhase]:
        """All wanted answers of a model, and their grading, which goes on beside the drawing."""
        if self.pending is not None and self.pending.times is None:
            self.pending.times = self.clock.lap()
        phase = self.folder.phase(name, **wanted.facts(model.key))
        grading = self.grading(grade_name, list(wanted.instructions), phase.inputs, partial)

        def take(fresh: Sequence[Sample]) -> None:
            self.settle(wait=False)
            grading.feed(fresh)

        samples = draw(
            phase, wanted, self.data.encoder,
            lambda: self.engines.get(model, wanted.settings), name, take,
        )  # fmt: skip
        self.clock.add(phase)
        return samples, grading

    def verdicts(self, samples: list[Sample], grading: GradingPhase) -> dict[Key, ScoredSample]:
        """Those of all samples, when the last one has been graded."""
        judged = grading.result(samples)
        self.clock.add(grading.phase)
        return judged

    def grading(
        self, name: str, instructions: list[Instruction], key: str, partial: bool = True
    ) -> GradingPhase:
        preset, seed = self.recipe.objective.score, self.recipe.loop.seed
        phase = self.folder.phase(name, **inputs_of(key, instructions, preset, seed))
        return GradingPhase(
            phase, instructions, self.graders,
            preset=preset, seed=seed, label=name, partial=partial,
        )  # fmt: skip

    def fit(
        self, name: str, objective: str, groups: list[Group], start: Checkpoint,
        updates: int, epochs: float, learning_rate: float,
    ) -> tuple[Checkpoint, dict[str, Any]]:  # fmt: skip
        from itertl_eval.train.fitting import FitPlan, FitSettings, fit, updates_of

        count = updates_of(len(groups), self.recipe.trainer.batch_size, updates, epochs)
        seed = int(digest([self.recipe.loop.seed, name])[:7], 16)
        plan = FitPlan(objective, count, learning_rate, seed)
        phase = self.folder.phase(
            f"{name}/fit", start=start.key, plan=vars(plan),
            groups=digest([group.as_row() for group in groups]),
        )  # fmt: skip
        if not phase.done:
            self.engines.release()
            result = fit(
                groups,
                plan,
                FitSettings.of(self.recipe),
                start=start.path,
                base=self.data.base.path,
                encoder=self.data.encoder,
                phase=phase,
                label=f"{name}/fit",
            )
            if ranks.is_main():
                phase.finish(**result)
            ranks.wait_until(lambda: phase.done)
        self.clock.add(phase)
        model = Checkpoint(str((phase.folder / "model").resolve()), phase.inputs)
        return model, {f"fit_{key}": value for key, value in phase.result.items()}

    def evaluate(self, stage: str, number: int, model: Checkpoint, facts: dict[str, Any]) -> None:
        """pass@k of a model on the held-out problems, into metrics.jsonl and the table.

        The last answers may still be being graded when it returns: see `settle`.
        """
        self.settle()
        if not self.data.heldout:
            self.record({"stage": stage, "iteration": number, **facts}, self.clock.lap())
            return
        loop = self.recipe.loop
        temperature = loop.eval_temperature if loop.eval_samples > 1 else 0.0
        wanted = SamplingPlan(
            "heldout", self.data.heldout, loop.eval_samples, loop.seed,
            self.settings(temperature), self.recipe.sampling.stop_at_endmodule,
        )  # fmt: skip
        names = f"{stage}/heldout-sample", f"{stage}/heldout-grade"
        samples, grading = self.answers(*names, wanted, model, partial=False)

        def finish(times: dict[str, Any] | None) -> None:
            judged = self.verdicts(samples, grading)
            rates = metrics.pass_rates(judged.values(), loop.eval_samples)
            if ranks.is_main():
                per_task = json.dumps(metrics.task_rates(judged.values()), indent=1)
                write_atomic(self.folder.folder / stage / "heldout.json", per_task)
            trained = model is not self.data.base
            if trained and (self.best is None or rates["pass@1"] > self.best[0]):
                self.best = (rates["pass@1"], model)
            found = {"stage": stage, "iteration": number, **rates, **facts, "model": model.path}
            self.record(found, times or self.clock.lap())

        self.pending = Pending(grading, finish)

    def settle(self, *, wait: bool = True) -> None:
        """Finish the evaluation that is pending; without `wait` only if it is ready."""
        pending = self.pending
        if pending is not None and (wait or pending.grading.ready()):
            self.pending = None
            pending.finish(pending.times)

    def record(self, record: dict[str, Any], times: dict[str, Any]) -> None:
        record |= times
        self.records.append(record)
        if ranks.is_main():
            metrics.write(self.folder.folder, self.records)
            metrics.show(self.folder.folder)
            shown = record.get("pass@1")
            if shown is not None:
                say(f"{record['stage']}: pass@1 {shown:.3f} ± {record['pass@1_se']:.3f}")
