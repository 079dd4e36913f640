"""The errors for users, each with its exit code on the command line."""

from __future__ import annotations


class ItertlError(Exception):
    """Base of all errors of this package; `exit_code` is what the command line returns."""

    exit_code = 2


class UsageError(ItertlError):
    """The input is wrong; the message tells what to write instead."""


class InfrastructureError(ItertlError):
    """This machine lacks something: a simulator, data, a testbench, a sandbox."""

    exit_code = 3
