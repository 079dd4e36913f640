"""Random completions made to be slow to search: long runs, things that never end, deep nesting."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

PIECES = [
    *("x", " ", "\t", "\n", "\0", "/*", "*/", "//", "```", "```\n", "~~~\n", "``` verilog", "`"),
    *("module ", "module m", "module m(", "module m;\n", "endmodule", "endmodule\n", "endpackage"),
    *("function", "function ", "task f", "typedef ", "typedef a [", "[x]", "import ", "::", ";"),
    *("parameter N =", "localparam ", "package p;", "`define A \\\n", "\\", '"', '\\"', "\\n"),
    *(
        "[BEGIN]",
        "[DONE]",
        "<think>",
        "</think>",
        "<think",
        "<|",
        "<|a ",
        "|>",
        "<\uff5c",
        "[THINK]",
    ),
    *("<|channel|>", "<|channel|>final<|message|>", "<|end|>", "<details>", "<answer>\n", "<a b"),
    *(
        "assistantfinal",
        "analysisA",
        "Here is my response:",
        "\u25c1think",
        "\u25b7",
        "&lt;",
        "&#1",
    ),
    *("{", "}", "[", "]", "(", ")", "...", "!", ",", "=", "<", ">", "\u201d", "\u2581", "\u0120"),
    *(
        "> ",
        "> module m;\n",
        "1: ",
        "12 | module m;\n",
        "+module",
        "\r\n",
        "$",
        "#",
        "1'b0",
        "\ud800",
    ),
    *("`define A ", "typedef a", "} t", "b_t x;\n", "```\ntypedef logic b_t;\n```\n"),
    *("x ```v\n", "```v module m(", "```module ", "`module m(", "module /*", "module m//"),
    *('{"a": "', '"}', "// ...", "same as before", "assign y = ~a;\n", "input a, ", "wire "),
    *("module top_module(input a, output y);\n", "module top_module;", "inv u();\n", "a" * 30),
]


def completions(seed: int, count: int, length: int) -> Iterator[str]:
    """Yield `count` completions of about `length` characters."""
    rng = random.Random(seed)
    for _ in range(count):
        yield _completion(rng, length)


def _completion(rng: random.Random, length: int) -> str:
    """Join a few parts; each is one piece repeated, pieces alternating, or pieces at random."""
    parts: list[str] = []
    count = rng.choice((1, 2, 3, 3, 5, 20))
    for _ in range(count):
        pieces = rng.sample(PIECES, rng.choice((1, 1, 2, 3, 8)))
        share = length // count
        if rng.random() < 0.5:
            unit = "".join(pieces)
            part = unit * (share // len(unit) + 1)
        else:
            chosen = rng.choices(pieces, k=share // 4 + 1)
            part = "".join(chosen)
        parts.append(part[:share])
    if rng.random() < 0.3:  # modules that use one another in a chain
        names = [f"m{k}" for k in range(length // 40)]
        parts += [f"```\nmodule {a}(); {b} u(); endmodule\n```\n" for a, b in pairwise(names)]
        parts.append("```\nmodule top_module(); m0 u(); endmodule\n```\n")
    return "".join(parts)
