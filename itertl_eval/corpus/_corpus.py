"""Corpus: the rows of a training and a held-out split, on disk and as suites."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from itertl_eval._util.output_files import write_whole
from itertl_eval.corpus import _bench_file, _clocked, _combinational
from itertl_eval.corpus._circuit import TOP, Circuit, header, held_out, structure
from itertl_eval.errors import UsageError
from itertl_eval.problem import Port, Problem, Prompt, Suite

VERSION = 1
LEVELS = (1, 2, 3, 4, 5, 6)
TRIES = 50_000
"""Circuits to try for one. The rarest, a held-out `accumulator` of level 3, is one of 4,000."""
Split = Literal["train", "heldout"]
SPLITS: tuple[Split, ...] = ("train", "heldout")
Row = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """A corpus on disk: its rows, and a suite of each split."""

    folder: Path
    train: Suite
    heldout: Suite
    rows: dict[str, Row]
    """`task_id` -> row, of both splits."""


FAMILIES = (
    "accumulator",
    "arithmetic",
    "comparator",
    "counter",
    "edge",
    "expression",
    "gates",
    "machine",
    "netlist",
    "outputs",
    "reduction",
    "register",
    "selector",
    "sequence",
    "shifter",
    "toggler",
)
"""The families that a corpus can be limited to; `netlist` is only in one that names it."""


@cache
def basics() -> frozenset[str]:
    """Return the structures of a single part, found by sampling circuits often enough."""
    rng = random.Random(0)
    families = (*_combinational.FAMILIES, *_clocked.FAMILIES)
    made = (rng.choice(families)(rng, 1) for _ in range(4000))
    return frozenset(c.shape for c in made if c is not None and len(set(c.parts)) == 1)


def sample(
    rng: random.Random,
    level: int,
    split: Split,
    check: bool = True,
    families: Sequence[str] = (),
) -> Circuit:
    """Return a random circuit of a level and split. Level 1 has no held-out structures.

    Without `check` an output may be almost constant, which is fine in a text that is only read.

    Raises:
        UsageError: The families have no such circuit.
    """
    named = [make for name, make in _combinational.BY_NAME.items() if name in families]
    for _ in range(TRIES):
        if named and (len(named) == len(families) or rng.random() < 0.05):
            family = rng.choice(named)  # otherwise most circuits would be thrown away
        else:
            clocked = rng.random() < 0.5
            family = rng.choice(_clocked.FAMILIES if clocked else _combinational.FAMILIES)
        circuit = family(rng, level)
        if circuit is None or circuit.level != level:
            continue
        if families and circuit.family not in families:
            continue
        if held_out(circuit.shape, basics()) != (split == "heldout"):
            continue
        if not check or _bench_file.lively(circuit, random.Random(0)):
            return circuit
    kind = f"level {level} that is held out" if split == "heldout" else f"level {level}"
    raise UsageError(f"found no circuit of {kind} in {', '.join(families) or 'any family'}")


def rows(
    split: Split,
    count: int,
    *,
    seed: int = 0,
    levels: Sequence[int] = LEVELS,
    parts: frozenset[str] | None = None,
    check: bool = True,
    families: Sequence[str] = (),
) -> Iterator[tuple[Row, Circuit]]:
    """Yield different rows with their circuits, the levels in turn.

    Args:
        split: "train" or "heldout".
        count: How many rows.
        seed: Chooses the rows.
        levels: The levels; a held-out split has none at level 1.
        parts: Only circuits made of these parts; by default of any.
        check: Whether to leave out circuits with an almost constant output.
        families: Only these families; by default all but `netlist`.

    Raises:
        UsageError: A family or level does not exist, or there are no more such rows.
    """
    if unknown := set(families) - set(FAMILIES):
        raise UsageError(
            f"no family {', '.join(sorted(unknown))}; choose from {', '.join(FAMILIES)}"
        )
    ladder = [level for level in levels if split == "train" or level > 1]
    if not ladder or min(ladder) < 1:
        raise UsageError("levels start at 1, and held-out problems at level 2")
    rng = random.Random(f"{seed}/{split}")
    seen: set[str] = set()
    number = 0
    tries = 0
    while number < count:
        tries += 1
        if tries > 200 * count + 2000:
            raise UsageError(f"no more than {number} different rows at levels {list(levels)}")
        circuit = sample(rng, ladder[number % len(ladder)], split, check, families)
        if parts is not None and not parts.issuperset(circuit.parts):
            continue
        row = make_row(circuit, rng, f"{split}-{number:05d}")
        fingerprint = row["header"] + row["reference"]
        if fingerprint not in seen:
            seen.add(fingerprint)
            number += 1
            yield row, circuit


def make_row(circuit: Circuit, rng: random.Random, task_id: str) -> Row:
    """Return a row; see the package's docstring for its fields."""
    sentences = [_capital(sentence) for sentence in circuit.english(rng)]
    ports = [["clk", "input", 1]] if circuit.clocked else []
    ports += [[name, "input", width] for name, width in circuit.inputs.items()]
    ports += [[name, "output", width] for name, width in circuit.outputs.items()]
    return {
        "task_id": task_id,
        "instruction": "".join(f"// {sentence}\n" for sentence in sentences),
        "header": header(circuit),
        "reference": header(circuit) + circuit.body(),
        "top": TOP,
        "ports": ports,
        "testbench": f"benches/{task_id}.py",
        "family": circuit.family,
        "structure": structure(circuit),
        "level": circuit.level,
    }


def _capital(sentence: str) -> str:
    """Return the sentence with a capital letter, unless it starts with a name."""
    words = ("the", "whether", "set", "output")
    return sentence[0].upper() + sentence[1:] if sentence.startswith(words) else sentence


def make_corpus(
    folder: Path,
    *,
    seed: int = 0,
    train: int = 400,
    heldout: int = 80,
    levels: Sequence[int] = LEVELS,
    families: Sequence[str] = (),
) -> Corpus:
    """Write a corpus below `folder`, unless it is there already, and load it.

    The same settings give the same bytes.

    Args:
        folder: Where train.jsonl, heldout.jsonl, benches/ and corpus.json go.
        seed: Chooses the rows.
        train: How many rows to train on.
        heldout: How many held-out rows.
        levels: The levels, in turn.
        families: Only these families; by default all but `netlist`.

    Raises:
        UsageError: The folder holds a corpus with other settings.
    """
    settings = {
        "version": VERSION,
        "seed": seed,
        "train": train,
        "heldout": heldout,
        "levels": list(levels),
        "families": sorted(families),
        "code": _code_digest(),
    }
    done = folder / "corpus.json"
    if done.exists():
        found = json.loads(done.read_text(encoding="utf-8"))
        if found == settings:
            return load_corpus(folder)
        other = [key for key in settings if found.get(key) != settings[key]]
        raise UsageError(
            f"{folder} holds a corpus with another {', '.join(other)}; "
            "remove it or choose another folder"
        )
    benches = folder / "benches"
    benches.mkdir(parents=True, exist_ok=True)
    parts: set[str] = set()
    for split, count in zip(SPLITS, (train, heldout), strict=True):
        lines = []
        known = None if split == "train" else frozenset(parts)
        for row, circuit in rows(
            split, count, seed=seed, levels=levels, parts=known, families=families
        ):
            (benches / f"{row['task_id']}.py").write_text(circuit.bench(), encoding="utf-8")
            lines.append(json.dumps(row))
            parts.update(circuit.parts)
        write_whole(folder / f"{split}.jsonl", "".join(f"{line}\n" for line in lines))
    write_whole(done, json.dumps(settings) + "\n")
    return load_corpus(folder)


@cache
def _code_digest() -> str:
    """Return a hash of this package: a corpus made by other code is another corpus."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("_*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def load_corpus(folder: Path) -> Corpus:
    """Load a corpus that `make_corpus` has written.

    Raises:
        UsageError: There is none in the folder.
    """
    if not (folder / "corpus.json").exists():
        raise UsageError(
            f"no corpus in {folder}; `python -m itertl_eval.corpus {folder}` makes one"
        )
    found: dict[str, Row] = {}
    suites = []
    for split in SPLITS:
        text = (folder / f"{split}.jsonl").read_text(encoding="utf-8")
        content = [json.loads(line) for line in text.splitlines()]
        found.update((row["task_id"], row) for row in content)
        revision = hashlib.sha256(text.encode()).hexdigest()
        problems = (problem_of(row, folder, f"corpus_{split}") for row in content)
        suites.append(Suite(f"corpus_{split}", problems, revision=revision))
    return Corpus(folder, suites[0], suites[1], found)


def problem_of(row: Row, folder: Path, suite: str) -> Problem:
    """Return a row as a problem whose completion continues the header."""
    return Problem(
        id=row["task_id"],
        suite=suite,
        top=row["top"],
        ports=tuple(Port(name, direction, width) for name, direction, width in row["ports"]),
        prompt=Prompt(description=row["instruction"], header=row["header"]),
        reference=row["reference"],
        testbench=(folder / row["testbench"]).resolve(),
        tags=(row["family"], f"level{row['level']}"),
    )


def completion_of(row: Row) -> str:
    """Return what a model should write: the reference without its header."""
    return str(row["reference"]).removeprefix(row["header"])
