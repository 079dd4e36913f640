"""Files that a command writes: whole, or as they were."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from unittest.mock import Mock

import pytest

from itertl_eval._util.output_files import open_output, write_whole
from itertl_eval.errors import InfrastructureError


@pytest.mark.parametrize("before", ["", "of an earlier run"])
def test_a_full_disk_leaves_no_part(
    before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "file"
    full = Mock(side_effect=OSError(errno.ENOSPC, "No space left"))
    if before:
        write_whole(path, before)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            write_whole(path, "the whole text")
    assert [each.read_text() for each in path.parent.iterdir()] == [before] * bool(before)
    write_whole(path, "the whole text")
    assert path.read_text() == "the whole text"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "text")
    assert os.read(reading, 10) == b"text"
    assert pipe.is_fifo()
    os.close(reading)


def test_a_file_system_without_locks_is_no_other_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refused)
    with pytest.raises(InfrastructureError, match=r"rows can't be locked \(No locks available\)"):
        open_output("--output", tmp_path / "rows")
