"""Load or make what a run starts from: instructions, held-out problems, model, tokenizer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from itertl_eval._util.printable import counted
from itertl_eval._util.progress import say
from itertl_eval._util.stopwatch import Stopwatch
from itertl_eval.errors import UsageError
from itertl_eval.suites import find_corpus, load_suite
from itertl_eval.train.config import DataArguments, SampleArguments
from itertl_eval.train.data import (
    Instruction,
    digest_all,
    for_chat,
    from_suite,
    hide_references,
    holds_rows,
)
from itertl_eval.train.inputs._leave_out import (
    has_testbench,
    with_whole_references,
    within_limits,
    without_contaminated,
)
from itertl_eval.train.inputs._make import base_model, corpus_instructions
from itertl_eval.train.models import Checkpoint, Encoder
from itertl_eval.train.run import RunFolder, digest


@dataclass
class Data:
    """The inputs of a run.

    Attributes:
        train: The instructions to train on.
        heldout: The problems to evaluate on, without references.
        base: The model before any training.
        encoder: Its tokenizer.
        removed: Counts of what was left out, by reason.
        testbenches: Counts of the testbenches made from references, by outcome.
        making: Seconds that went into making the corpus and the small model in this start.
    """

    train: list[Instruction]
    heldout: list[Instruction]
    base: Checkpoint
    encoder: Encoder
    removed: dict[str, int] = field(default_factory=dict)
    making: float = 0.0
    testbenches: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return digest([digest_all(self.train), digest_all(self.heldout), self.base.key])

    def __str__(self) -> str:
        shown = sum(instruction.reference is not None for instruction in self.train)
        lines = [
            f"{counted(len(self.train), 'instruction')}, {shown} with a reference; "
            f"{counted(len(self.heldout), 'held-out problem')}; model {self.base.path}"
        ]
        lines += [f"  left out: {count} ({reason})" for reason, count in self.removed.items()]
        if self.testbenches:
            shown_counts = ", ".join(f"{n} {outcome}" for outcome, n in self.testbenches.items())
            lines.append(f"  testbenches from references: {shown_counts}")
        return "\n".join(lines)


def prepare(
    arguments: DataArguments,
    sampling: SampleArguments,
    seed: int,
    run: RunFolder,
    jobs: int | None = None,
) -> Data:
    """Load or make the data and the model of a recipe.

    Args:
        arguments: The sources.
        sampling: The limits of length.
        seed: The run's seed.
        jobs: How many testbenches to make at a time; by default one per core.
        run: The run's folder, in which corpus and small model are made by default.

    Raises:
        UsageError: Names what is missing or can't be used.
    """
    corpus_folder = Path(arguments.corpus) if arguments.corpus else run.folder / "corpus"
    removed: Counter[str] = Counter()
    making = Stopwatch()
    heldout: list[Instruction] = []
    if arguments.train_data:
        train = load_all(arguments.train_data, arguments, removed)
        if arguments.model is None:
            raise UsageError("`train_data` needs a `model`: the small one only knows the corpus")
    else:
        train, heldout = corpus_instructions(corpus_folder, arguments, making)
    if arguments.heldout_data:
        heldout = load_all(arguments.heldout_data, arguments, removed, heldout=True)
    _check_heldout(train, heldout)
    if arguments.max_instructions:
        train = train[: arguments.max_instructions]
    base = base_model(arguments, seed, run, corpus_folder, making)
    encoder = Encoder.load(
        base.path,
        arguments.model_revision,
        chat=arguments.chat_template,
        template=json.loads(arguments.chat_template_arguments),
    )
    if arguments.chat_template:
        train = [for_chat(instruction) for instruction in train]
    train = without_contaminated(train, arguments, removed)
    train = within_limits(train, encoder, sampling, removed)
    train = with_whole_references(train, arguments, removed)
    _refuse_twins("train_data", [instruction.problem.id for instruction in train])
    testbenches: dict[str, int] = {}
    if arguments.testbench == "from-reference":
        from itertl_eval.train._functional import with_testbenches

        with making:
            train, testbenches = with_testbenches(
                train, run, seed, jobs, arguments.prove_testbenches
            )
    train = hide_references(train, arguments.references, seed)
    heldout = [replace(instruction, reference=None) for instruction in heldout]
    if not train:
        raise UsageError("no instruction is left to train on" + _reasons(removed))
    return Data(train, heldout, base, encoder, removed, making.seconds, testbenches)


def load_all(
    names: Sequence[str],
    arguments: DataArguments,
    removed: dict[str, int],
    *,
    heldout: bool = False,
) -> list[Instruction]:
    """Return the instructions of all sources; of a corpus the training or the held-out part."""
    found: list[Instruction] = []
    for name in names:
        if (corpus := find_corpus(name)) is not None:
            found += from_suite(corpus.heldout if heldout else corpus.train)
        elif holds_rows(name):
            from itertl_eval.train.data import load_pairs, with_interface

            pairs = load_pairs(name, names=arguments.field_names, on_bad_row=arguments.on_bad_row)
            for bad in pairs.bad:
                say(f"  {bad}")
            removed["bad rows"] = removed.get("bad rows", 0) + len(pairs.bad)
            asked = arguments.testbench == "from-reference" and not heldout
            found += map(with_interface, pairs.instructions) if asked else pairs.instructions
        else:
            found += from_suite(load_suite(name))
    return found


def _check_heldout(train: Sequence[Instruction], heldout: Sequence[Instruction]) -> None:
    """Refuse held-out problems on which pass@k would not be what it says.

    Raises:
        UsageError: Two problems have one name, or a problem has no testbench.
    """
    # Samples are kept by this name, so a run would wait for ever for those of the second one.
    _refuse_twins("heldout_data", [instruction.id for instruction in heldout])
    bare = [instruction.id for instruction in heldout if not has_testbench(instruction)]
    if bare:
        raise UsageError(
            f"heldout_data: {len(bare)} of {len(heldout)} have no testbench ({bare[0]}), so they "
            "would pass by compiling: use problems with one"
        )
    known = {instruction.problem.prompt.text for instruction in train}
    both = sum(instruction.problem.prompt.text in known for instruction in heldout)
    if both:
        say(f"warning: {both} of {len(heldout)} held-out problems are among the instructions")


def _refuse_twins(what: str, names: Sequence[str]) -> None:
    name, count = max(Counter(names).items(), key=lambda entry: entry[1], default=("", 0))
    if count > 1:
        raise UsageError(
            f"{what}: {count} problems are called {name}. Name each source once, and rename a "
            "folder if two have the same name. Of generated corpora only one can be used, because "
            "their problems have the same names"
        )


def _reasons(removed: dict[str, int]) -> str:
    return "".join(f"\n  {count} {reason}" for reason, count in removed.items())
