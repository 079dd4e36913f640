"""command."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from typing import Protocol

from itertl_eval._util.printable import printable
from itertl_eval.errors import ItertlError


class Command(Protocol):
    """A `main`: its arguments, else those of the process; the exit code."""

    def __call__(self, arguments: Sequence[str] | None = None) -> int: ...


def command(run: Command) -> Command:
    """A `main` whose errors become one line on standard error and an exit code."""

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
