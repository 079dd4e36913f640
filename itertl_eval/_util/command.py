"""Turn errors into one line and an exit code."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
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
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130

    return main
