"""The training set of an iteration: fresh samples, references, and what earlier rounds verified."""

from __future__ import annotations

from itertl_eval.train._dataset import Data
from itertl_eval.train.config import Recipe
from itertl_eval.train.data import Instruction
from itertl_eval.train.fitting import PASSING, Candidate, Counts, Group, build
from itertl_eval.train.sampling import Sample
from itertl_eval.train.scoring import Key, ScoredSample


class TrainingSet:
    """Makes groups of candidates, and remembers passing samples for later iterations."""

    def __init__(self, recipe: Recipe, data: Data) -> None:
        self.arguments = recipe.objective
        self.data = data
        self.replay: dict[str, list[Candidate]] = {}

    def groups(
        self,
        instructions: list[Instruction],
        samples: list[Sample],
        judged: dict[Key, ScoredSample],
        references: dict[str, Candidate],
        counts: Counts,
    ) -> list[Group]:
        """The training set of an iteration: fresh samples of the instructions that were dealt;
        references and replayed passing samples of all."""
        arguments = self.arguments
        fresh: dict[str, list[Candidate]] = {}
        for sample in samples:
            candidate = self.candidate(sample, judged[sample.task, sample.k])
            if candidate is not None:
                fresh.setdefault(sample.task, []).append(candidate)
        dealt = {instruction.id for instruction in instructions}
        found: list[Group] = []
        for instruction in self.data.train:
            known = instruction.id in references or instruction.id in self.replay
            if instruction.id not in dealt and not known:
                continue
            found += build(
                instruction.id,
                self.data.encoder.prompt(instruction.problem.prompt),
                references.get(instruction.id),
                fresh.get(instruction.id, []),
                self.replay.get(instruction.id, []),
                gap=arguments.gap, max_group=arguments.max_group, counts=counts,
            )  # fmt: skip
        return found

    def candidate(self, sample: Sample, judged: ScoredSample) -> Candidate | None:
        """A sample as training sees it; None for one that nothing is known of."""
        if judged.z is None:
            return None
        encoder = self.data.encoder
        ids = sample.ids
        if ids is None:  # the engine gave only text
            prompt = next(i.problem.prompt for i in self.data.train if i.id == sample.task)
            ids = encoder.answer(prompt, sample.text)
        elif sample.finish != "length":
            ids = [*ids, encoder.eos_id]
        return Candidate(ids, judged.z, logprob=sample.logprob)

    def remember(self, samples: list[Sample], judged: dict[Key, ScoredSample]) -> None:
        """Keep passing samples for later iterations: the newest, at most `replay` a task."""
        limit = self.arguments.replay
        for sample in samples:
            candidate = self.candidate(sample, judged[sample.task, sample.k])
            if limit and candidate is not None and candidate.z >= PASSING:
                kept = self.replay.setdefault(sample.task, [])
                if all(candidate.ids != old.ids for old in kept):
                    # Its log-probability belongs to a model that is gone.
                    kept.append(Candidate(candidate.ids, candidate.z))
                    del kept[:-limit]
