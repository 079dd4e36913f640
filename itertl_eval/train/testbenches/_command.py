"""Make task folders from pairs: a testbench from each reference.

    python -m itertl_eval.train.testbenches PAIRS... -o FOLDER [--mutants N] [--prove] [--jobs N]
        [--seed N] [--header] [--report FILE.jsonl]
        [--field instruction=COLUMN --field reference=COLUMN]

PAIRS is a file, a `datasets` folder or a hub name, as in `train_data` of a recipe. Each pair
becomes FOLDER/NAME-LINE, which `check`, `grade` and `report` take; `lm_eval --tasks NAME
--include_path FOLDER` runs all of them. A second run of the same command continues where the first
one stopped.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from itertl_eval._util.command import command
from itertl_eval._util.options import add_field, natural, positive
from itertl_eval._util.output_files import require_writable, write_whole
from itertl_eval._util.printable import counted
from itertl_eval.authoring import TASK_FILES
from itertl_eval.errors import UsageError
from itertl_eval.train.data import BadRow, Instruction, load_pairs, with_header, with_interface
from itertl_eval.train.testbenches._folder import MADE, MUTANTS, Made, make_testbenches


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m itertl_eval.train.testbenches",
        description="Make a task folder with a testbench from the reference of each pair.",
    )
    parser.add_argument("sources", nargs="+", help="files of pairs, `datasets` folders, hub names")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the tasks")
    parser.add_argument(
        "--mutants",
        type=natural,
        default=MUTANTS,
        help="mutants of each reference to try its testbench on (default: %(default)s, 0: none)",
    )
    parser.add_argument(
        "--header",
        action="store_true",
        help="ask in VerilogEval's form: the description as comments, then the module header",
    )
    parser.add_argument(
        "--prove",
        action="store_true",
        help="prove of each mutant that is not noticed that it changes nothing, or add the "
        "counterexample to the testbench (the extra `formal`)",
    )
    parser.add_argument("--jobs", type=positive, help="how many at a time (default: the cores)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the stimulus (default: 0)")
    parser.add_argument("--report", type=Path, help="JSONL file with a row for each pair")
    add_field(parser)
    options = parser.parse_args(arguments)
    if options.output.exists() and not options.output.is_dir():
        raise UsageError(f"--output {options.output} is no folder; choose another place")
    if options.report is not None:
        require_writable("--report", options.report, options.sources)
    instructions: list[Instruction] = []
    bad: list[BadRow] = []
    for source in options.sources:
        pairs = load_pairs(source, names=options.field, on_bad_row="skip")
        instructions += map(with_interface, pairs.instructions)
        bad += pairs.bad
    if options.header:
        instructions = [with_header(instruction) for instruction in instructions]
    _refuse_twins(instructions)
    made = make_testbenches(
        instructions,
        options.output,
        seed=options.seed,
        limit=options.mutants,
        jobs=options.jobs,
        prove=options.prove,
    )
    name = options.output.resolve().name
    for file, text in TASK_FILES.items():
        write_whole(options.output / file.format(name=name), text.format(name=name))
    if options.report:
        write_whole(options.report, "".join(f"{json.dumps(r)}\n" for r in _report(made, bad)))
    print(summary(made, bad))
    return 3 if any(entry.outcome == "infra_error" for entry in made) else 0


def _refuse_twins(instructions: Sequence[Instruction]) -> None:
    counts = Counter(instruction.problem.id for instruction in instructions)
    name, count = max(counts.items(), key=lambda entry: entry[1], default=("", 0))
    if count > 1:
        raise UsageError(f"{count} pairs are called {name}: use a folder for each source")


def _report(made: Sequence[Made], bad: Sequence[BadRow]) -> list[dict[str, object]]:
    """The rows of the report in the order of the lines."""
    rows: list[dict[str, object]] = [
        {
            "line": int(entry.id.rpartition("-")[2]),
            "outcome": entry.outcome,
            "detail": entry.detail,
            "mutants": entry.mutants,
            "killed": entry.killed,
            "seconds": entry.seconds,
            "task_id": entry.id,
        }
        for entry in made
    ]
    rows += [
        {
            "line": row.line,
            "outcome": "bad row",
            "detail": row.why,
            "mutants": 0,
            "killed": 0,
            "seconds": 0.0,
        }
        for row in bad
    ]
    return sorted(rows, key=lambda row: str(row["line"]).zfill(12))


def summary(made: Sequence[Made], bad: Sequence[BadRow] = ()) -> str:
    """Counts by outcome, the most frequent first, and the mutation scores."""
    outcomes = [entry.outcome for entry in made] + ["bad row"] * len(bad)
    counts = Counter(outcomes)
    made_of_them = counted(counts[MADE], "testbench", "testbenches")
    lines = [f"{counted(len(outcomes), 'pair')}: {made_of_them} made"]
    lines += [f"  {n:6d}  {what}" for what, n in counts.most_common() if what != MADE]
    scores = [entry.killed / entry.mutants for entry in made if entry.mutants]
    if scores:
        lines.append(f"mutants killed: median {median(scores):.3f} of each pair's")
    return "\n".join(lines)


__all__ = ["main", "summary"]
