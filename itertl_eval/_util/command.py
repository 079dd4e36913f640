"""Turn errors into one line and an exit code."""

from __future__ import annotations

import errno
import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol

from itertl_eval._util.printable import printable
from itertl_eval.errors import ItertlError


class Command(Protocol):
    """A `main` that takes arguments (default: those of the process) and returns an exit code."""

    def __call__(self, arguments: Sequence[str] | None = None) -> int: ...


def command(run: Command) -> Command:
    """Decorate a `main`: its errors become one line on standard error and an exit code."""

    @functools.wraps(run)
    def main(arguments: Sequence[str] | None = None) -> int:
        try:
            return run(arguments)
        except ItertlError as error:
            print(f"error: {printable(str(error))}", file=sys.stderr)
            return error.exit_code
        except OSError as error:
            if not (advice := advice_on(error)):
                raise
            print(f"error: {printable(advice)}", file=sys.stderr)
            return 3
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130

    return main


def report_uncaught() -> None:
    """Show an error of this package that ends another program as `command` shows it."""
    shown = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, ItertlError):
            shown(kind, error, trace)
            return
        print(f"error: {printable(str(error))}", file=sys.stderr)
        raise SystemExit(error.exit_code)  # what Python then exits with

    sys.excepthook = show


def advice_on(error: OSError) -> str:
    """Return what a user can do about an error of the machine; "" for any other error."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{error.strerror}: free some space and start again"
    if error.errno in (errno.EACCES, errno.EROFS) and error.filename is not None:
        return f"{error.strerror}: {error.filename}: change its permissions, or use another place"
    try:
        Path.cwd()
    except OSError:
        return f"the current folder is gone or can't be read: change to another one ({error})"
    return ""
