"""Read instructions: suites, corpora, pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.data._instruction import (
        Instruction,
        choose_in_turn,
        digest_all,
        for_chat,
        from_suite,
        hide_references,
        is_ports_only,
    )
    from itertl_eval.train.data._interface import with_header, with_interface
    from itertl_eval.train.data._pairs import load_candidates, load_pairs, without_candidates
    from itertl_eval.train.data._similarity import rouge_l, rouge_l_words, words
    from itertl_eval.train.data._sources import BadRow, holds_rows, read_lines

__all__ = [
    "BadRow",
    "Instruction",
    "choose_in_turn",
    "digest_all",
    "for_chat",
    "from_suite",
    "hide_references",
    "holds_rows",
    "is_ports_only",
    "load_candidates",
    "load_pairs",
    "read_lines",
    "rouge_l",
    "rouge_l_words",
    "with_header",
    "with_interface",
    "without_candidates",
    "words",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_instruction": [
                "Instruction",
                "choose_in_turn",
                "digest_all",
                "for_chat",
                "from_suite",
                "hide_references",
                "is_ports_only",
            ],
            "_interface": ["with_header", "with_interface"],
            "_pairs": ["load_candidates", "load_pairs", "without_candidates"],
            "_similarity": ["rouge_l", "rouge_l_words", "words"],
            "_sources": ["BadRow", "holds_rows", "read_lines"],
        },
    )
