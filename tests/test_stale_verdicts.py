"""A verdict is not reused when anything that its testbench reads has changed."""

from __future__ import annotations

import pytest

from itertl_eval import grade, load_suite
from tests.test_testbench_loading import make, problem_of

pytestmark = pytest.mark.simulator


READERS = {
    "data": (
        "from pathlib import Path",
        "n = int(Path(__file__).with_name('n.txt').read_text())",
        "n.txt",
    ),
    "data_at_import": (
        "from pathlib import Path\nN = int(Path(__file__).with_name('n.txt').read_text())",
        "n = N",
        "n.txt",
    ),
    "subpackage": ("from lib.deep.values import N", "n = N", "lib/deep/values.py"),
    "late": ("", "from lib.deep.values import N\nn = N", "lib/deep/values.py"),
    "shared": (
        "import sys\nfrom pathlib import Path\n"
        "sys.path.insert(0, str(Path(__file__).parents[1] / 'common'))\nfrom shared import N",
        "n = N",
        "../common/shared.py",
    ),
    "shared_data": (
        "from pathlib import Path\nN = int((Path(__file__).parents[1] / 'n.txt').read_text())",
        "n = N",
        "../n.txt",
    ),
}


@pytest.mark.parametrize("name", READERS)
def test_a_verdict_is_not_reused_when_what_the_testbench_reads_has_changed(tmp_path, name):
    head, body, file = READERS[name]
    folder = make(tmp_path, head, body, n="n")
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    content = "N = {}\n" if path.suffix == ".py" else "{}\n"
    for package in (folder / "lib", folder / "lib" / "deep"):
        if package.exists():
            (package / "__init__.py").write_text("")
    problem = None
    for n, status in ((3, "pass"), (4, "fail"), (3, "pass")):
        path.write_text(content.format(n))
        problem = problem or problem_of(folder)
        verdict = grade(problem, problem.reference)
        assert (verdict.status, verdict.message[:14]) == (
            status,
            "" if n == 3 else "adds: y: expec",
        )
    again = grade(problem_of(folder), problem.reference)
    assert again.cached
    assert again.passed


def test_a_verdict_is_not_kept_when_no_file_determines_it(tmp_path):
    folder = make(tmp_path, "import subprocess\nsubprocess.run(['true'])")
    problem = problem_of(folder)
    assert [grade(problem, problem.reference).cached for _ in range(2)] == [False, False]


def test_a_verdict_without_a_sandbox_is_not_one_with_it(monkeypatch):
    """Such a design may have passed by reading the reference."""
    problem = load_suite("rtl_core")["gray_counter"]
    # A comment within the module, which no other test has: they share the cache.
    design = problem.reference.replace("endmodule", "// without a sandbox\nendmodule")
    monkeypatch.setenv("ITERTL_EVAL_UNSAFE_NO_SANDBOX", "1")
    assert [grade(problem, design).cached for _ in range(2)] == [False, True]
    monkeypatch.delenv("ITERTL_EVAL_UNSAFE_NO_SANDBOX")
    assert [grade(problem, design).cached for _ in range(2)] == [False, True]


def test_the_digest_covers_all_files_but_spec_reference_and_build_products(tmp_path):
    folder = make(tmp_path)
    before = problem_of(folder).digest
    for name in ("spec.md", "sim_build/0/x.vvp", "__pycache__/x.pyc", "add.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("more")
    (folder / "reference.sv").write_text("module add; endmodule")
    assert problem_of(folder).digest == before
    problem = problem_of(folder)
    for name in ("vectors.txt", "lib/data.bin"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("1")
        changed = problem_of(folder).digest
        assert changed != before
        before = changed
    assert problem.digest != before
