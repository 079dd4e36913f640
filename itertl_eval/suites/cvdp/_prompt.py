"""What a model is asked: the row's files, its request, and the form of the completion."""

from __future__ import annotations

from itertl_eval.problem import Prompt
from itertl_eval.suites.cvdp._row import Row

_SYSTEM = (
    "You design hardware in SystemVerilog. Write complete, synthesizable files that Icarus Verilog "
    "compiles.\n"
)


def prompt_of(row: Row) -> Prompt:
    """Return the prompt of a row: everything in one turn, without tools."""
    parts = [f"File {path}:\n```\n{text.rstrip()}\n```\n" for path, text in row.context.items()]
    return Prompt(
        description="\n".join([*parts, f"{row.prompt.strip()}\n", _form(row.answers)]),
        system=_SYSTEM,
    )


def _form(answers: tuple[str, ...]) -> str:
    if len(answers) == 1:
        return f"Write the whole file {answers[0]} in one fenced code block.\n"
    return (
        f"Write these files whole: {', '.join(answers)}. Put each into a fenced code block of its "
        "own, with its path on the line above.\n"
    )
