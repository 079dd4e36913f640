"""CPU time of extraction on random completions that are made to be slow to search.

    python benchmarks/extraction_time.py [--seed 26] [--count 5000] [--length 32768]

Each completion is searched with and without a module header in the prompt. A quarter is searched
at a quarter of its length too: the ratio shows whether time grows linearly. Exits with 1 if a
search takes longer than a second or raises.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from itertl_eval import extract
from tests.extraction.hostile import completions

TOP, HEADER = "top_module", "module top_module (\n  input a,\n  output y\n);\n"
LIMIT = 1.0


def seconds(text: str) -> float:
    """Return the CPU time of the slower search."""
    found = []
    for header in ("", HEADER):
        started = time.process_time()
        extract(text, TOP, header)
        found.append(time.process_time() - started)
    return max(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=26)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--length", type=int, default=1 << 15)
    options = parser.parse_args()
    taken: list[float] = []
    ratios: list[float] = []
    for number, text in enumerate(completions(options.seed, options.count, options.length)):
        taken.append(seconds(text))
        if taken[-1] > LIMIT:
            print(f"completion {number} took {taken[-1]:.2f} s: {text[:80]!r}")
        if number % 4 == 0:
            ratios.append(taken[-1] / max(seconds(text[: len(text) // 4]), 1e-4))
    print(
        f"{len(taken)} completions: median {statistics.median(taken) * 1e3:.1f} ms, "
        f"slowest {max(taken) * 1e3:.0f} ms; four times the length takes "
        f"{statistics.median(ratios):.1f} times as long"
    )
    return int(max(taken) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
