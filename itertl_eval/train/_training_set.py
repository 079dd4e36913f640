"""The training set of an iteration: fresh samples, references, and earlier verified samples."""

from __future__ import annotations

from collections.abc import Sequence

from itertl_eval.train.config import ObjectiveArguments
from itertl_eval.train.data import Instruction
from itertl_eval.train.fitting import OBJECTIVES, PASSING, Candidate, Counts, Group, build, whole
from itertl_eval.train.models import Encoder
from itertl_eval.train.sampling import Sample
from itertl_eval.train.scoring import ScoredSample, Scores

Candidates = dict[str, list[Candidate]]
"""Candidates by instruction id."""


class TrainingSet:
    """Makes groups of candidates, and keeps passing samples for later iterations.

    Args:
        arguments: How groups are made.
        instructions: All training instructions.
        references: The reference of each instruction that has one, by instruction id.
        encoder: Encodes prompts and completions.
    """

    def __init__(
        self,
        arguments: ObjectiveArguments,
        instructions: Sequence[Instruction],
        references: dict[str, Candidate],
        encoder: Encoder,
    ) -> None:
        self.references = references
        self._arguments = arguments
        self._instructions = {instruction.id: instruction for instruction in instructions}
        self._encoder = encoder
        self._replay: Candidates = {}

    def reference_groups(self) -> list[Group]:
        """Return a group with nothing but the reference for each instruction that has one."""
        return [
            Group(name, self._prompt(name), [self.references[name]])
            for name in self._instructions
            if name in self.references
        ]

    def candidates(self, samples: Sequence[Sample], scores: Scores) -> Candidates:
        """Return the samples as training sees them, without those that could not be graded."""
        found: Candidates = {}
        for sample in samples:
            candidate = self._candidate(sample, scores[sample.key])
            if candidate is not None:
                found.setdefault(sample.problem_id, []).append(candidate)
        return found

    def groups(
        self, sampled: Sequence[Instruction], fresh: Candidates
    ) -> tuple[list[Group], Counts]:
        """Return the groups of an iteration, and what became of its samples.

        Args:
            sampled: The instructions that were sampled for. The others contribute their
                reference and the samples that were kept.
            fresh: The iteration's candidates.
        """
        counts = Counts()
        chosen = {instruction.id for instruction in sampled}
        groups: list[Group] = []
        if OBJECTIVES[self._arguments.objective].on_policy:
            for instruction in sampled:
                name = instruction.id
                groups += whole(name, self._prompt(name), fresh.get(name, []), counts)
            return groups, counts
        for name in self._instructions:
            if name not in chosen and name not in self.references and name not in self._replay:
                continue
            groups += build(
                name,
                self._prompt(name),
                self.references.get(name),
                fresh.get(name, []),
                self._replay.get(name, []),
                gap=self._arguments.gap,
                max_group=self._arguments.max_group,
                counts=counts,
            )
        return groups, counts

    def remember(self, fresh: Candidates) -> None:
        """Keep passing candidates for later iterations: the newest `replay` per instruction."""
        limit = self._arguments.replay
        for name, candidates in fresh.items():
            for candidate in candidates:
                if not limit or candidate.z < PASSING:
                    continue
                kept = self._replay.setdefault(name, [])
                if all(candidate.ids != old.ids for old in kept):
                    # Its log-probability is that of a model that no longer exists.
                    kept.append(Candidate(candidate.ids, candidate.z))
                    del kept[:-limit]

    def _candidate(self, sample: Sample, scored: ScoredSample) -> Candidate | None:
        if scored.reward is None:
            return None
        ids, added, encoder = sample.ids, 0, self._encoder
        if ids is None:  # the engine returned only text
            prompt = self._instructions[sample.problem_id].problem.prompt
            ids = encoder.completion(prompt, sample.text, ended=sample.finish != "length")
        elif sample.finish == "eos":
            ids = [*ids, encoder.end_id if sample.end is None else sample.end]
        elif sample.finish == "endmodule":  # cut: its end was not sampled
            ids, added = [*ids, encoder.end_id], 1
        return Candidate(
            ids, scored.reward, logprob=sample.logprob, added=added, logprobs=sample.logprobs
        )

    def _prompt(self, name: str) -> list[int]:
        return self._encoder.prompt(self._instructions[name].problem.prompt)
