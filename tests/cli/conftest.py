"""A task folder for the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from itertl_eval.authoring._scaffold import new_task


@pytest.fixture
def folder(tmp_path) -> Path:
    return new_task("mine", tmp_path)
