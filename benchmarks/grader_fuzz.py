"""Grade designs and completions that are mutated at random; none may be an infrastructure error.

    python benchmarks/grader_fuzz.py [--designs 20000] [--completions 5000] [--seed 26] [--jobs N]

Designs are references of rtl_core and of the hostile corpus, cut, repeated, spliced with lines of
hostile designs and with large numbers. Completions are texts made to be hard to search, with and
without a design in them. Number and seed determine each of them, so `--first N` continues a run.
Exits with 1 if a sample ends in an infrastructure error, or used more than its limits.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from itertl_eval import Item, grade_many, load_suite
from itertl_eval.grader import Icarus, Job, find_icarus
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Limits, Problem
from tests.extraction.hostile import completions
from tests.hostile.corpus import CASES, GOOD, problem

LIMITS = Limits(wall=20, cpu=2, memory=256, file=4)
CPU_SLACK, WALL_SLACK = 4.0, 6.0
"""Each tool may use at least a whole second; a busy machine takes time to end a process."""
BATCH = 500
NAME = re.compile(r"(?!(?:module|input|output|logic|wire|reg|assign|always\w*|end\w*)\b)[a-z]\w*")
NUMBER, OPERATOR = re.compile(r"\d+"), re.compile(r"[-+&|^<>]")
TOKEN = re.compile(r"`?\w+|\s+|\\\S+|.", re.DOTALL)
NUMBERS = [str(n) for n in (0, 1, 2, 3, 7, 31, 33, 64, 4096, 10**9, 2**31, 2**32, 10**30)]
OPERATORS = ["+", "-", "&", "|", "^", "<", ">", "*", "/", "%"]
NASTY = [
    *("1'bx", "1'bz", "0", "-1", "64", "{64{1'b1}}", "32'hffffffff", "1000000", "{200{1'b1}}"),
    *("posedge", "negedge", "*", "#1", "#0", "@*", "wait (1)", "forever", "while (1)", "disable"),
    *("$finish;", "$stop;", "$display(1);", "$random", "$time", "$fatal;", "$urandom", "$clog2(0)"),
    *("real", "string", "event", "integer", "tri", "wand", "supply0", "trireg", "inout", "output"),
    *("generate", "endgenerate", "begin : b", "end", "endmodule", "module m;", "endmodule\n"),
    *("`define A `A", "`A", "`ifdef X", "`else", "`endif", "`timescale 1s/1s", "`resetall"),
    *("`default_nettype none", "`celldefine", "force", "release", "assign", "deassign", "defparam"),
    *("specify", "endspecify", "primitive", "table", "class", "new", "automatic", "static", "ref"),
    *("/*", "*/", "//", '"', "\\", "\\a ", "(", ")", "[", "]", "{", "}", ";", ",", ".", "=", "<="),
]


def subjects() -> list[tuple[Problem, str]]:
    """Return problems with a good design each."""
    shipped = load_suite("rtl_core")
    found = [(shipped[name], shipped[name].reference) for name in shipped.covered]
    found += [(problem(name), design) for name, design in GOOD.items()]
    return [(replace(one, limits=LIMITS), design) for one, design in found]


def hostile_lines() -> list[str]:
    """Return the lines of the hostile corpus that fit into another design."""
    places = dict.fromkeys(("SECRET", "SECRET_DIR", "OUTSIDE", "REFERENCE", "MARK"), "/nowhere")
    texts = (case.text(places) for case in CASES)
    lines = {line for text in texts for line in text.splitlines() if 0 < len(line) < 200}
    return sorted(line for line in lines if not line.startswith("//"))


def mutated(rng: Random, design: str, lines: list[str]) -> str:
    """Return a design after one to four random changes; half of them leave most designs legal."""
    tokens = TOKEN.findall(design)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if rng.random() < 0.5:
            _replace(rng, tokens, lines)
        else:
            _tear(rng, tokens)
        tokens = tokens or [" "]
    return "".join(tokens)


def _replace(rng: Random, tokens: list[str], lines: list[str]) -> None:
    """Change a number, a name or an operator, or add a line of another design at the end."""
    names = [token for token in tokens if NAME.fullmatch(token)]
    kinds = ((NUMBER, NUMBERS), (NAME, names), (OPERATOR, OPERATORS))
    pattern, values = rng.choice(kinds)
    places = [k for k, token in enumerate(tokens) if pattern.fullmatch(token)]
    ends = [k for k, token in enumerate(tokens) if token == "endmodule"]
    if ends and rng.random() < 0.25:
        tokens.insert(ends[-1], f"\n{rng.choice(lines)}\n")
    elif places:
        tokens[rng.choice(places)] = rng.choice(values)


def _tear(rng: Random, tokens: list[str]) -> None:
    """Delete, repeat or overwrite tokens."""
    at = rng.randrange(len(tokens))
    until = min(len(tokens), at + rng.choice((1, 1, 1, 2, 5, 20)))
    kind = rng.randrange(4)
    if kind == 0:
        del tokens[at:until]
    elif kind == 1:
        tokens[at:at] = tokens[at:until] * rng.choice((1, 2, 50))
    elif kind == 2:
        tokens[at:until] = [f" {rng.choice(NASTY)} "]
    else:
        tokens[at:until] = [chr(rng.choice((0, 7, 27, 127, 0xA0, 0x202E, 0xD800, 0x1F600)))]


def designs(seed: int, numbers: range) -> Iterator[Item]:
    """Yield mutated designs as samples."""
    known, lines = subjects(), hostile_lines()
    for number in numbers:
        rng = Random(f"{seed}/{number}")
        one, design = rng.choice(known)
        yield Item(one, mutated(rng, design, lines), number, cache=False, partial=False)


def texts(seed: int, count: int) -> Iterator[Item]:
    """Yield completions as samples; half of them hold a design somewhere."""
    one, design = replace(problem("adder"), limits=LIMITS), GOOD["adder"]
    rng = Random(seed)
    for number, text in enumerate(completions(seed, count, 2048)):
        if rng.random() < 0.5:
            at = rng.randrange(len(text) + 1)
            text = f"{text[:at]}\n{design}\n{text[at:]}"
        yield Item(one, text, number, cache=False, partial=False)


class Tally:
    """What came of all samples, and who used more than its limits."""

    def __init__(self) -> None:
        self.ends: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.cpu: list[float] = []
        self._run = pool.run
        pool.run = self.noted

    def noted(self, job: Job, icarus: Icarus, tried: Outcome | None = None) -> Outcome:
        """Run a job and compare what it used with its limits."""
        outcome = self._run(job, icarus, tried)
        self.cpu.append(outcome.cpu)
        if outcome.cpu > job.cpu + CPU_SLACK or outcome.seconds > 4 * job.wall + WALL_SLACK:
            used = f"{outcome.cpu:.1f} s CPU, {outcome.seconds:.1f} s"
            self.wrong.append(f"over its limits ({used}): {job.source!r}")
        return outcome

    def add(self, items: list[Item], jobs: int | None) -> None:
        """Grade a batch."""
        for item, verdict in zip(items, grade_many(items, jobs=jobs), strict=True):
            self.ends[verdict.status if verdict.status != "fail" else verdict.stage] += 1
            if verdict.status == "infra_error":
                self.wrong.append(f"{verdict.message}: {item.completion!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--designs", type=int, default=20_000)
    parser.add_argument("--completions", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0, help="number of the first design")
    parser.add_argument("--seed", type=int, default=26)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    began, tally = time.monotonic(), Tally()
    numbers = range(options.first, options.first + options.designs)
    for source in (designs(options.seed, numbers), texts(options.seed, options.completions)):
        while batch := list(islice(source, BATCH)):
            tally.add(batch, options.jobs)
    for line in tally.wrong:
        print(line[:2000])
    ends = ", ".join(f"{end} {count}" for end, count in sorted(tally.ends.items()))
    print(
        f"{find_icarus().name}, seed {options.seed}, designs {numbers.start} to "
        f"{numbers.stop - 1}, {options.completions} completions: {ends}\n"
        f"{len(tally.wrong)} infrastructure errors or samples over their limits; CPU seconds of a "
        f"run: median {statistics.median(tally.cpu):.3f}, most {max(tally.cpu):.2f}; "
        f"{time.monotonic() - began:.0f} s in all"
    )
    return int(bool(tally.wrong))


if __name__ == "__main__":
    sys.exit(main())
