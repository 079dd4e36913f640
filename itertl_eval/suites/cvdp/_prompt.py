"""What a model is asked: the row's files, its request, and the form of the completion."""

from __future__ import annotations

from itertl_eval.problem import Prompt
from itertl_eval.suites.cvdp._row import Row

_SYSTEM = (
    "You design hardware in SystemVerilog. Write complete, synthesizable files that Icarus Verilog "
    "compiles.\n"
)


def prompt_of(row: Row) -> Prompt:
    """Return the prompt of a row: everything in one turn, without tools.

    The description is the row's request alone.
    """
    parts = [f"File {path}:\n```\n{text.rstrip()}\n```\n\n" for path, text in row.context.items()]
    return Prompt(
        description=row.prompt,
        prefix="".join(parts),
        suffix=f"\n\n{_form(row.targets)}",
        system=_SYSTEM,
    )


def _form(targets: tuple[str, ...]) -> str:
    if len(targets) == 1:
        return f"Write the whole file {targets[0]} in one fenced code block.\n"
    return (
        f"Write these files whole: {', '.join(targets)}. Put each into a separate fenced code "
        "block, with its path on the line above.\n"
    )
