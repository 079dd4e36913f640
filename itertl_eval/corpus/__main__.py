"""python -m itertl_eval.corpus FOLDER: write the corpus and print a table of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from itertl_eval._util.command import command
from itertl_eval._util.options import natural
from itertl_eval.corpus import FAMILIES, LEVELS, make_corpus, table


def levels(text: str) -> tuple[int, ...]:
    """Parse "1-4" or "1,2,5"."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m itertl_eval.corpus", description=__doc__)
    parser.add_argument("folder", type=Path, help="where train.jsonl, heldout.jsonl, benches/ go")
    parser.add_argument("--train", type=natural, default=400, help="rows for training (400)")
    parser.add_argument("--heldout", type=natural, default=80, help="held-out rows (80)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--levels", type=levels, default=LEVELS, help="such as 1-4 or 2,3 (1-6)")
    parser.add_argument(
        "--families",
        type=lambda text: text.split(","),
        default=(),
        help=f"only these, of {', '.join(FAMILIES)}",
    )
    options = parser.parse_args(arguments)
    corpus = make_corpus(
        options.folder,
        seed=options.seed,
        train=options.train,
        heldout=options.heldout,
        levels=options.levels,
        families=options.families,
    )
    print(f"{options.folder}: train+held-out rows")
    print(table(corpus))
    return 0


if __name__ == "__main__":
    sys.exit(main())
