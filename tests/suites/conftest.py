"""What the tests of CVDP share."""

from __future__ import annotations

import pytest

from itertl_eval import load_suite
from tests.suites.cvdp_rows import lines


@pytest.fixture
def problem_of(tmp_path):
    def problem_of(*rows, which=0):
        file = tmp_path / "rows.jsonl"
        file.write_text(lines(*rows))
        return list(load_suite(str(file)).values())[which]

    return problem_of
