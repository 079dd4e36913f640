"""The errors that users meet, each with the exit code that the command line gives it."""

from __future__ import annotations


class ItertlError(Exception):
    """Base of all errors of this package; `exit_code` is what the command line returns."""

    exit_code = 2


class UsageError(ItertlError):
    """Bad input: the message says what to write instead."""


class InfrastructureError(ItertlError):
    """Something this machine lacks: no simulator, no data, no testbench, no sandbox."""

    exit_code = 3
