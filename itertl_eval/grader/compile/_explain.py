"""Explain why a design does not compile: in which stage it fails, and whose fault that is."""

from __future__ import annotations

import re

from itertl_eval.grader._job import CompileJob
from itertl_eval.grader._outcome import Message
from itertl_eval.grader.compile._compiler import (
    Refusal,
    Tools,
    compile_design,
    expand,
    require_working,
)
from itertl_eval.grader.compile._interface import interface_fault
from itertl_eval.grader.compile._messages import MOST_CHARACTERS, first_error
from itertl_eval.verilog import slang

_AT_LIMIT = "the compiler was stopped at its time or file size limit"
_OUT_OF_MEMORY = "the compiler ran out of memory"
_CRASHED = "crashed the compiler (its own defect)"

_NO_GAP = re.compile(
    r"memory exhausted|is nested too deep|input buffer overflow|has already been declared"
)
"""What the compiler prints of a design that is too large for it, or has the names of given modules:
no gap in its language."""


def explain(job: CompileJob, tools: Tools, refusal: Refusal, design: str) -> Message:
    """Return the report on a design that the compiler refused, with the stage it failed in.

    Args:
        job: The sample.
        tools: Preprocessor and compiler.
        refusal: What became of the design inside the module around it.
        design: The design's preprocessed text.
    """
    if "I give up." in refusal.said or "syntax error" in refusal.said:
        return {"stage": "syntax", **_blamed(job, tools, refusal, design)}
    if job.bare:
        return _blamed(job, tools, refusal, design)
    expanded, complaint = expand(tools, {}, job.frame.given, job.source)
    alone = Refusal(complaint)
    if expanded is not None:
        compiled = compile_design(tools, expanded, job.frame.top)
        if compiled is None:
            wrong = interface_fault(job, design, alone=True)
            first = first_error(refusal.said).replace(job.instance, job.frame.top)
            report: Message = {"failed": (wrong or first)[:MOST_CHARACTERS]}
            # Otherwise the compiler only objected to the value of a parameter.
            return {"stage": "interface", **report} if wrong or _foreign(first) else report
        alone = compiled
    return _blamed(job, tools, alone, design)


def _foreign(message: str) -> bool:
    """Whether a message is about the module around the design."""
    return not message.startswith("line ")


def _blamed(job: CompileJob, tools: Tools, refusal: Refusal, design: str) -> Message:
    """Report a design that the compiler refuses by itself.

    Where slang finds no error the design is valid, and the simulator is what falls short.
    """
    if refusal.ending == "limit":
        return {"failed": _AT_LIMIT, "timeout": True}
    if refusal.ending == "memory":
        return {"failed": _OUT_OF_MEMORY, "crashed": True}
    plain = first_error(refusal.said)
    report = Message()
    if refusal.ending == "crashed":
        report["crashed"] = True
        plain = f"{_CRASHED}{f': {plain}' if plain else ''}"
    try:
        first = None if job.frame.given else next(slang.errors(job.source), None)
        wrong = first or slang.fault(design, job.frame.top, job.frame.given)
    except slang.TooDeep:
        wrong, valid = None, False
    else:
        valid = wrong is None and not _NO_GAP.search(refusal.said)
    if refusal.ending == "refused" and (wrong is None or _foreign(plain)):
        require_working(tools)
    if valid:
        gap = "" if refusal.ending == "crashed" else f"{tools.icarus.name} does not support it: "
        plain = f"valid SystemVerilog; {gap}{plain or 'it gives no reason'}"
        report["unsupported"] = True
    elif wrong and (plain.startswith(_CRASHED) or not plain):
        plain = f"{wrong} (compiler: {plain})" if plain else wrong
    elif wrong and "syntax error" in plain:
        plain = f"{wrong} (compiler: {plain})"
    return {**report, "failed": (plain or "the compiler gives no reason")[:MOST_CHARACTERS]}
