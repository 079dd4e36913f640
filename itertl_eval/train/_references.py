"""The references as candidates, graded like every sample."""

from __future__ import annotations

from collections.abc import Sequence

from itertl_eval._util.progress import say
from itertl_eval.train._steps import Batch, Steps
from itertl_eval.train.config import DataArguments
from itertl_eval.train.data import Instruction
from itertl_eval.train.fitting import PASSING, Candidate
from itertl_eval.train.models import Encoder
from itertl_eval.train.run import digest
from itertl_eval.train.sampling import Sample
from itertl_eval.train.scoring import REFERENCE

COMPILED = ("simulate", "pass")
"""Stages of the designs that the compiler accepts."""


def graded_references(
    steps: Steps, instructions: Sequence[Instruction], arguments: DataArguments, encoder: Encoder
) -> dict[str, Candidate]:
    """Return the references that training may imitate, by instruction id."""
    having = [i for i in instructions if i.reference is not None]
    samples = [Sample(i.id, REFERENCE, i.reference or "", None, None, "eos") for i in having]
    grading = steps.grading("references", having, digest([s.as_row() for s in samples]))
    scores = steps.grade(Batch(samples, grading))
    found: dict[str, Candidate] = {}
    refused = 0
    for instruction in having:
        scored = scores[instruction.id, REFERENCE]
        if arguments.self_contained and scored.counts and scored.stage not in COMPILED:
            refused += 1
            continue
        ids = encoder.completion(instruction.problem.prompt, instruction.reference or "")
        # A reference that could not be graded is trusted: it came with the instruction.
        reward = PASSING if scored.reward is None else scored.reward
        found[instruction.id] = Candidate(ids, reward, is_reference=True)
    if refused:
        say(f"  {refused} references left out: the compiler refuses them")
    return found
