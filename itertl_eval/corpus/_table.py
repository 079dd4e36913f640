"""Say what is in a corpus."""

from __future__ import annotations

from collections import Counter

from itertl_eval.corpus._corpus import Corpus


def table(corpus: Corpus) -> str:
    """Return the numbers of training and held-out rows by family and level."""
    counts: Counter[tuple[str, int, str]] = Counter()
    for suite, split in ((corpus.train, "train"), (corpus.heldout, "heldout")):
        for key in suite:
            row = corpus.rows[key]
            counts[row["family"], row["level"], split] += 1
            counts["all", row["level"], split] += 1
    levels = sorted({level for _, level, _ in counts})
    families = sorted({family for family, _, _ in counts} - {"all"})
    lines = [f"{'family':14}" + "".join(f"{f'level {level}':>10}" for level in levels)]
    for family in [*families, "all"]:
        cells = (f"{counts[family, n, 'train']}+{counts[family, n, 'heldout']}" for n in levels)
        lines.append(f"{family:14}" + "".join(f"{cell:>10}" for cell in cells))
    return "\n".join(lines)
