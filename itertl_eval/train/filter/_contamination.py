"""Detect instructions that are too close to a benchmark problem, by three separate measures.

    the design   equal syntax trees after normalising names, layout and number bases
    n-grams      at least half of the benchmark description's 13-word sequences occur in ours,
                 or 0.7 of its design's 13-token sequences
    Rouge-L      F1 of at least 0.8 between the descriptions or between the designs

Descriptions shorter than 13 words are compared by Rouge-L alone. One of fewer than eight words
("implement a wire") is too short for text measures, so only its design is compared.

Token sequences find a design inside a longer one. They start after the module header, which
designs with the same ports share. Names count only as equal or different within one sequence, so
a copy with other names is found too. Designs with fewer than 20 different sequences are left to
the other measures, because their statements are common.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from itertl_eval.problem import Problem, Suite
from itertl_eval.train.data import Instruction, rouge_l_words, words
from itertl_eval.train.filter._syntax_tree import design_hash
from itertl_eval.verilog import blank

NGRAM = 13
NGRAM_SHARE = 0.5
DESIGN_SHARE = 0.7
FEW_GRAMS = 20
ROUGE = 0.8
FEW_WORDS = 8
_TOKEN = re.compile(
    r"(?:\d[\d_]*\s*)?'[sS]?[bodhBODH]\s*[0-9a-fA-F_xzXZ?]+"  # 4'b1010, 'hF, 8 'sd 3
    r"|'[01xXzZ](?!\w)"  # '0, 'x: all bits alike; the ' of a cast or pattern is a token
    r"|[A-Za-z_$`][\w$]*|\d[\d_]*|[^\s\w]"
)
_HEADER = re.compile(r"\bmodule\b[^;]*;")
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        "module endmodule input output inout wire reg logic assign always always_comb always_ff "
        "always_latch begin end if else case casez casex endcase default posedge negedge or "
        "parameter localparam integer for while generate endgenerate genvar initial function "
        "endfunction signed unsigned and nand nor not xor xnor buf typedef enum",
    )
)


@dataclass(frozen=True)
class Close:
    """The benchmark problem that an instruction is too close to, and by which measure."""

    problem: str
    measure: str
    value: float

    def __str__(self) -> str:
        return f"{self.problem} ({self.measure} {self.value:.2f})"


class _Grams:
    """Index of texts by their distinct n-grams.

    `share` is the smallest share of a text's n-grams that makes it close. Texts with fewer than
    `few` n-grams are not indexed.
    """

    def __init__(self, share: float, measure: str, few: int = 1) -> None:
        self._share, self._measure, self._few = share, measure, few
        self._counts: dict[str, int] = {}
        self._names: dict[tuple[str, ...], list[str]] = defaultdict(list)

    def add(self, name: str, grams: set[tuple[str, ...]]) -> None:
        """Index a text."""
        if len(grams) >= self._few:
            self._counts[name] = len(grams)
            for gram in grams:
                self._names[gram].append(name)

    def closest(self, grams: set[tuple[str, ...]]) -> Close | None:
        """Return the text with the largest share of its n-grams in `grams`, if large enough."""
        shared = Counter(name for gram in grams for name in self._names.get(gram, ()))
        shares = {name: count / self._counts[name] for name, count in shared.items()}
        name = max(sorted(shares), key=shares.__getitem__, default="")
        if not name or shares[name] < self._share:
            return None
        return Close(name, self._measure, shares[name])


class Benchmarks:
    """Problems of some suites, indexed for comparison."""

    def __init__(self, suites: Iterable[Suite]) -> None:
        self.names: list[str] = []
        self.descriptions: list[list[str]] = []
        self.designs: list[list[str]] = []
        self._by_hash: dict[str, int] = {}
        self._of_descriptions = _Grams(NGRAM_SHARE, f"{NGRAM}-grams of the descriptions")
        self._of_designs = _Grams(DESIGN_SHARE, f"{NGRAM}-grams of the designs", FEW_GRAMS)
        for suite in suites:
            for problem in suite.values():
                name = f"{suite.name}/{problem.id}"
                self._add(name, problem.prompt.description, problem.reference)
                for path, design in _given_designs(problem).items():
                    self._add(f"{name} ({path})", "", design)

    def _add(self, name: str, description: str, design: str) -> None:
        at = len(self.names)
        self.names.append(name)
        self.descriptions.append(words(description))
        self.designs.append(normal_tokens(design))
        if design.strip() and (tree := design_hash(design)) is not None:
            self._by_hash.setdefault(tree, at)
        self._of_descriptions.add(name, set(_grams(self.descriptions[-1])))
        self._of_designs.add(name, design_grams(design))

    def closest(self, instruction: Instruction) -> Close | None:
        """Return the first problem that `instruction` is too close to, or None."""
        problem = instruction.problem
        reference = problem.reference or instruction.reference or ""
        tree = design_hash(reference) if reference.strip() else None
        if tree is not None and (at := self._by_hash.get(tree)) is not None:
            return Close(self.names[at], "same syntax tree", 1.0)
        ours = words(problem.prompt.description)
        if len(ours) >= FEW_WORDS:
            if close := self._of_descriptions.closest(set(_grams(ours))):
                return close
            if close := self._similar(ours, self.descriptions, "Rouge-L of the descriptions"):
                return close
        if close := self._of_designs.closest(design_grams(reference)):
            return close
        tokens = normal_tokens(reference)
        return self._similar(tokens, self.designs, "Rouge-L of the designs", least=40)

    def _similar(
        self,
        ours: Sequence[str],
        theirs: Sequence[Sequence[str]],
        measure: str,
        least: int = FEW_WORDS,
    ) -> Close | None:
        size = len(ours)
        for at, other in enumerate(theirs):
            # Rouge-L cannot reach the limit if the lengths differ too much.
            if min(size, len(other)) < least:
                continue
            if 2 * min(size, len(other)) < ROUGE * (size + len(other)):
                continue
            value = rouge_l_words(ours, other)
            if value >= ROUGE:
                return Close(self.names[at], measure, value)
        return None


def _given_designs(problem: Problem) -> dict[str, str]:
    """Return the Verilog files that a problem with a harness shows, by path."""
    shown = problem.harness.context if problem.harness is not None else {}
    return {path: text for path, text in shown.items() if path.endswith((".v", ".sv"))}


def normal_tokens(design: str) -> list[str]:
    """Return a design's tokens: no comments, names numbered by first use, constants decimal."""
    return _numbered(_tokens(blank(design)))


def _tokens(code: str) -> list[str]:
    found = []
    for token in _TOKEN.findall(code):
        if "'" in token:
            token = _decimal(token)
        elif token[0].isdigit():
            token = token.replace("_", "")
        found.append(token)
    return found


def _numbered(tokens: Sequence[str]) -> list[str]:
    """Replace names that are not keywords with numbers in order of first use."""
    numbers: dict[str, str] = {}
    return [
        numbers.setdefault(token, f"n{len(numbers)}")
        if (token[0].isalpha() or token[0] == "_") and token not in _KEYWORDS
        else token
        for token in tokens
    ]


def _decimal(literal: str) -> str:
    size, _, rest = re.sub(r"[\s_]", "", literal).lower().partition("'")
    base, digits = rest.lstrip("s")[:1], rest.lstrip("s")[1:]
    try:
        return f"{size}'{int(digits, {'b': 2, 'o': 8, 'd': 10, 'h': 16}[base])}"
    except (KeyError, ValueError):  # no base ('0, a bare '), or x or z among the digits
        return f"{size}'{rest}"


def design_grams(design: str) -> set[tuple[str, ...]]:
    """Return the distinct 13-token sequences after the module header, names numbered in each."""
    tokens = _tokens(_HEADER.sub(" ", blank(design)))
    return {tuple(_numbered(gram)) for gram in _grams(tokens)}


def _grams(text: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(text[at : at + NGRAM]) for at in range(len(text) - NGRAM + 1))
