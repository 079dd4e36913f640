"""The guard around every command: one line and an exit code, never a traceback."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from itertl_eval._util.command import command
from itertl_eval.errors import InfrastructureError, UsageError


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("write this"), 2, "error: write this\n"),
        (InfrastructureError("no simulator"), 3, "error: no simulator\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_errors_become_exit_codes(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @command
    def main(arguments: Sequence[str] | None = None) -> int:
        raise error

    assert main([]) == code
    assert capsys.readouterr().err == said


def test_other_errors_are_not_hidden() -> None:
    @command
    def main(arguments: Sequence[str] | None = None) -> int:
        return len(arguments or ()) // 0

    with pytest.raises(ZeroDivisionError):
        main([])
