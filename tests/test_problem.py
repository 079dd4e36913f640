"""A problem's digest covers everything that a verdict depends on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from itertl_eval._util.testbench_files import files_digest as digest_of
from itertl_eval._util.testbench_files import folder_entries
from tests.designs import ADDER


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "bench.py").write_text("import json\nfrom model import golden\n")
    (tmp_path / "model.py").write_text("def golden(i):\n    import tables\n")
    (tmp_path / "tables.py").write_text("import bench\n")
    (tmp_path / "other.py").write_text("")
    return tmp_path / "bench.py"


@pytest.mark.parametrize("name", ["bench", "model", "tables"])
def test_a_testbench_and_all_that_it_imports_from_beside_it(bench, name):
    before = digest_of(bench)
    with bench.with_name(f"{name}.py").open("a") as file:
        file.write("# changed\n")
    assert digest_of(bench) != before
    assert replace(ADDER, testbench=bench).digest != ADDER.digest


def test_other_testbenches_of_a_folder_do_not_count(bench):
    before = digest_of(bench)
    bench.with_name("other.py").write_text("# changed\n")
    assert digest_of(bench) == before
    entries = folder_entries(bench.parent, [])  # in a task's own folder all files do
    in_own_folder = digest_of(bench, entries)
    bench.with_name("other.py").write_text("# once more\n")
    assert digest_of(bench, entries) != in_own_folder


def test_packages_beside_the_testbench_count_as_a_whole(bench):
    package = bench.with_name("model")
    bench.with_name("model.py").unlink()
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("def golden(i): ...\n")
    before = digest_of(bench)
    (package / "data" / "table.json").write_text("[]")
    assert digest_of(bench) != before


def test_a_testbench_that_does_not_parse_has_a_digest(bench):
    before = digest_of(bench)
    bench.write_text("def f(:\n")
    assert digest_of(bench) not in (before, digest_of(None))
    assert digest_of(None) == ""
