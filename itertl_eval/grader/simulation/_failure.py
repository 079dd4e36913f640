"""Explain in one line why a test case failed."""

from __future__ import annotations

import traceback

from cocotb.regression import SimFailure, Test
from cocotb.triggers import SimTimeoutError


def explain(error: BaseException | None, test: Test, why: str) -> str:
    """Return one line for a failed case: the assertion's message, or the line that raised."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, SimFailure):
        return "the simulation ended before the testbench did ($finish, $stop or no more events)"
    if error is None:
        return why
    text = str(error).strip()
    if isinstance(error, SimTimeoutError) and test.timeout and not error.__traceback__:
        return f"still running after {test.timeout[0]:g} {test.timeout[1]} of simulated time"
    if isinstance(error, AssertionError) and text:
        return text if not why else f"{why}: {text}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if test.module in f.filename]
    where = f" at line {frames[-1].lineno}: {frames[-1].line}" if frames else ""
    return f"{type(error).__name__}{f': {text}' if text else ''}{where}{_refusal(error)}"


def _refusal(error: BaseException) -> str:
    """Return what the sandbox allows, if it may have raised this error."""
    if isinstance(error, PermissionError) and error.filename is None:
        return " (the sandbox allows no other programs and no network while the test runs)"
    if isinstance(error, PermissionError | ImportError):
        return (
            " (while the test runs, it can read its task folder without spec and reference, and "
            "what `data` in problem.yaml names)"
        )
    return ""
