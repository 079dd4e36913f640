"""What the tests of the published protocol share."""

from __future__ import annotations

import pytest

from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.published import TOO_NEW
from itertl_eval.problem import Problem
from itertl_eval.suites import load_suite


@pytest.fixture(scope="module")
def old_enough() -> None:
    version = find_icarus().version
    if int(version.split(".")[0]) >= TOO_NEW:
        pytest.skip(f"Icarus {version} compiles none of the published benches")


@pytest.fixture(scope="module")
def fsm3s(old_enough: None) -> Problem:
    return load_suite("verilogeval_human")["fsm3s"]
