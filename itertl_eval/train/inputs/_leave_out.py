"""Leave out instructions and references that training can't use or must not see."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from itertl_eval.suites import load_suite
from itertl_eval.train.config import DataArguments, SampleArguments
from itertl_eval.train.data import Instruction
from itertl_eval.train.models import Encoder


def within_limits(
    train: list[Instruction],
    encoder: Encoder,
    sampling: SampleArguments,
    removed: Counter[str],
) -> list[Instruction]:
    """Return the instructions without prompts and references that are too long.

    Instructions that then have neither reference nor testbench are left out.

    Raises:
        UsageError: The tokenizer changes a reference or a prompt.
    """
    kept = []
    for instruction in train:
        prompt = instruction.problem.prompt
        if len(encoder.prompt(prompt)) > sampling.max_prompt_tokens:
            removed["prompt too long"] += 1
            continue
        reference = instruction.reference
        if reference is None:
            encoder.require_round_trip(f"the prompt of {instruction.id}", prompt.text)
        else:
            ids = encoder.completion(prompt, reference)
            encoder.require_round_trip(f"the reference of {instruction.id}", reference, ids)
            if len(ids) > sampling.max_new_tokens:
                removed["reference too long"] += 1
                instruction = replace(instruction, reference=None)
                if not has_testbench(instruction):
                    continue
        kept.append(instruction)
    return kept


def with_whole_references(
    train: list[Instruction], arguments: DataArguments, removed: Counter[str]
) -> list[Instruction]:
    """Return the instructions without references that do not elaborate alone.

    Instructions that then have neither reference nor testbench are left out.
    """
    if not arguments.self_contained:
        return train
    from itertl_eval.train.filter import faults_of

    kept = []
    for instruction in train:
        if instruction.reference is not None and (faults := faults_of(instruction)):
            removed[f"reference: {faults[0].rule}"] += 1
            instruction = replace(instruction, reference=None)
            if not has_testbench(instruction):
                continue
        kept.append(instruction)
    return kept


def has_testbench(instruction: Instruction) -> bool:
    from itertl_eval.train.data import is_ports_only

    return not is_ports_only(instruction.problem)


def without_contaminated(
    train: list[Instruction], arguments: DataArguments, removed: Counter[str]
) -> list[Instruction]:
    if not arguments.contamination:
        return train
    from itertl_eval.train.filter import Benchmarks

    benchmarks = Benchmarks([load_suite(name) for name in arguments.contamination])
    kept = []
    for instruction in train:
        if benchmarks.closest(instruction) is None:
            kept.append(instruction)
        else:
            removed["too close to a benchmark"] += 1
    return kept
