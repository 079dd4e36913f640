"""The project's own corpus of small circuits, generated from parametrised families.

    python -m itertl_eval.corpus FOLDER --train 400 --heldout 80

Every row of train.jsonl and heldout.jsonl has an instruction (English, as Verilog comments), a
module header, a complete reference, the ports, and a testbench whose reference model comes from
the same expression tree, not from the Verilog. `level` is how many parts a solution must
combine. `structure` is the hash of the tree without names, widths and constants. Whether a
structure is for training or held out follows from that hash alone, so no seed and no size of
corpus ever trains on what another one holds out.
"""

from itertl_eval.corpus._corpus import (
    FAMILIES,
    LEVELS,
    Corpus,
    Row,
    completion_of,
    load_corpus,
    make_corpus,
    problem_of,
    rows,
)
from itertl_eval.corpus._table import table

__all__ = [
    "FAMILIES",
    "LEVELS",
    "Corpus",
    "Row",
    "completion_of",
    "load_corpus",
    "make_corpus",
    "problem_of",
    "rows",
    "table",
]
