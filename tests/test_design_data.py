"""Data files that a design reads, and how many testbenches stay imported."""

from __future__ import annotations

import pytest

from itertl_eval import grade
from itertl_eval.errors import UsageError
from tests.test_testbench_loading import BENCH, direct, make, outcome, problem_of

pytestmark = pytest.mark.simulator


# -- data for the design ----------------------------------------------------------------------

LOOKUP = """
module add(input [7:0] a, output [7:0] y);
  reg [7:0] table_of [0:0];
  initial $readmemh("n.hex", table_of);
  assign y = a + table_of[0];
endmodule
"""


def test_a_design_finds_the_files_of_readmem_in_its_folder(tmp_path):
    folder = make(tmp_path)
    (folder / "reference.sv").write_text(LOOKUP)
    (tmp_path / "n.hex").write_text("03\n")
    assert outcome(folder)[0] == "fail"
    with (folder / "problem.yaml").open("a") as file:
        file.write("readmem: [../n.hex]\n")
    assert outcome(folder) == ("pass", "")
    assert direct(problem_of(folder)).status == "pass"
    (tmp_path / "n.hex").write_text("04\n")
    assert outcome(folder)[0] == "fail"
    problem = problem_of(folder)
    (tmp_path / "n.hex").unlink()
    verdict = grade(problem, problem.reference)
    assert verdict.status == "infra_error"
    assert "readmem" in verdict.message
    with pytest.raises(UsageError, match=r"readmem: .*n\.hex is missing"):
        problem_of(folder)


def test_readmem_may_not_replace_a_file_of_the_grader(tmp_path):
    folder = make(tmp_path)
    with (folder / "problem.yaml").open("a") as file:
        file.write("readmem: [design.vvp]\n")
    with pytest.raises(UsageError, match=r"'design\.vvp' has the name of a file of the grader"):
        problem_of(folder)


def test_only_the_latest_testbenches_stay_imported(tmp_path, monkeypatch):
    from itertl_eval.grader.simulation import testbench

    monkeypatch.setattr(testbench, "_loaded", {})
    monkeypatch.setattr(testbench, "LOADED", 2)
    files = [tmp_path / f"test_{name}.py" for name in "abc"]
    for file in files:
        file.write_text(BENCH.format(head="", body="    pass", n=1))
    first, second = map(testbench.load_testbench, files[:2])
    assert testbench.load_testbench(files[0]) is first
    testbench.load_testbench(files[2])  # in the place of the second
    assert testbench.load_testbench(files[0]) is first
    assert testbench.load_testbench(files[1]) is not second
