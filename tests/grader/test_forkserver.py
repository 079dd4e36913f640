"""The fork server: what its samples may read."""

import sys

import pytest

from itertl_eval.grader.forkserver import readable
from itertl_eval.grader.icarus import find_icarus

pytestmark = pytest.mark.simulator


def test_a_sample_may_read_libraries_but_not_this_package(tmp_path, monkeypatch):
    plain, site, outer = tmp_path / "plain", tmp_path / "site-packages", tmp_path / "lib"
    repository = tmp_path / "repository"
    inner = outer / "site-packages"
    for folder in (plain / "a", site / "a", outer / "a", inner / "a", repository / "a"):
        folder.mkdir(parents=True)
    for folder in (site, inner, repository):
        (folder / "itertl_eval").mkdir()
    entries = [plain, site, outer, inner, repository]
    monkeypatch.setattr(sys, "path", [str(entry) for entry in entries])
    found = [path for path in readable(find_icarus()) if tmp_path in path.parents]
    assert set(found) == {plain, site / "a", outer / "a", inner / "a"}
