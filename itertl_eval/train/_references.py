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
SHOWN = 5
"""How many of the references that are left out are named."""


def graded_references(
    steps: Steps, instructions: Sequence[Instruction], arguments: DataArguments, encoder: Encoder
) -> dict[str, Candidate]:
    """Return the references that training may imitate, by instruction id.

    A reference that fails its own testbench is not one: imitating it would teach a wrong design.
    Neither is one that the compiler refuses, unless the recipe asks for those (`self_contained:
    false`). They are counted and named; their instructions keep the testbench. A reference that
    could not be graded is trusted, because it came with the instruction.
    """
    having = [i for i in instructions if i.reference is not None]
    samples = [Sample(i.id, REFERENCE, i.reference or "", None, None, "eos") for i in having]
    grading = steps.grading("references", having, digest([s.as_row() for s in samples]))
    scores = steps.grade(Batch(samples, grading))
    found: dict[str, Candidate] = {}
    failed: list[str] = []
    for instruction in having:
        scored = scores[instruction.id, REFERENCE]
        tolerated = not arguments.self_contained and scored.stage not in COMPILED
        if scored.counts and not scored.passed and not tolerated:
            why = scored.message.partition("\n")[0]
            failed.append(f"{instruction.id} ({scored.stage}: {why})")
            continue
        ids = encoder.completion(instruction.problem.prompt, instruction.reference or "")
        reward = PASSING if scored.reward is None else scored.reward
        found[instruction.id] = Candidate(ids, reward, is_reference=True)
    if failed:
        say(f"  {len(failed)} of {len(having)} references left out, because they fail:")
        for line in failed[:SHOWN]:
            say(f"    {line}")
        if len(failed) > SHOWN:
            say(f"    and {len(failed) - SHOWN} more, see references/verdicts.jsonl")
    return found
