"""Turn errors and signals into one line and an exit code."""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Protocol

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
            with ending_orderly():
                return run(arguments)
        except ItertlError as error:
            print(f"error: {printable(str(error))}", file=sys.stderr)
            return error.exit_code
        except OSError as error:
            if not (advice := advice_on(error)):
                raise
            print(f"error: {printable(advice)}", file=sys.stderr)
            return 3
        except KeyboardInterrupt as interrupt:
            notes = getattr(interrupt, "__notes__", [])[:1]
            print(": ".join(["interrupted", *notes]), file=sys.stderr)
            return exit_code(interrupt)

    return main


class Ended(KeyboardInterrupt):
    """SIGTERM or SIGHUP: whatever handles Ctrl-C handles these too."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def exit_code(interrupt: KeyboardInterrupt) -> int:
    """Return the exit code of a process that a signal has ended."""
    return 128 + (interrupt.number if isinstance(interrupt, Ended) else signal.SIGINT)


@contextlib.contextmanager
def ending_orderly() -> Iterator[None]:
    """Have SIGTERM and SIGHUP raise Ended in the block, so that no temporary folder stays.

    Only where they would end the process: `nohup` stays as it is, and so do ranks of a distributed
    run, which may not come back from a collective that another one has left.
    """
    changed = []
    if threading.current_thread() is threading.main_thread() and "RANK" not in os.environ:
        numbers = signal.SIGTERM, signal.SIGHUP
        changed = [each for each in numbers if signal.getsignal(each) == signal.SIG_DFL]
    try:
        for each in changed:
            signal.signal(each, _end)
        yield
    finally:
        for each in changed:
            signal.signal(each, signal.SIG_DFL)


def _end(number: int, _: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)  # a second one need not wait
    raise Ended(number)


def start(module: str) -> NoReturn:
    """Run the `main` of a module and exit; Ctrl-C during its imports, too, ends with one line."""
    try:
        main: Command = importlib.import_module(module).main
    except KeyboardInterrupt as interrupt:
        print("interrupted", file=sys.stderr)
        raise SystemExit(exit_code(interrupt)) from None
    raise SystemExit(main())


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
