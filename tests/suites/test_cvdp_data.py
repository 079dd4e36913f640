"""CVDP: data files that a design reads, where the published container has them."""

from __future__ import annotations

import json

import pytest

from itertl_eval import grade
from itertl_eval.grader.extraction import extract_files
from itertl_eval.grader.harness._places import write
from tests.suites.cvdp_rows import ADD_ONE, COUNTER, ENV, RUNNER, fenced, row

pytestmark = pytest.mark.simulator


def reading(name, module="counter"):
    """A design that takes the next value from a file."""
    if module == "step":
        return (
            "module step(input [1:0] q, output [1:0] next);\n  reg [1:0] rom [0:3];\n"
            f'  initial $readmemh("{name}", rom);\n  assign next = rom[q];\nendmodule\n'
        )
    rom = f'reg [1:0] rom [0:3]; initial $readmemh("{name}", rom); wire'
    return COUNTER.replace("wire", rom, 1).replace(
        ": next", ": &q[1:0] ? next : {q >> 2, rom[q[1:0]]}"
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("rtl/next.hex", "../rtl/next.hex"),
        ("rundir/next.hex", "next.hex"),
    ],
)
def test_a_design_reads_the_rows_files(problem_of, path, name):
    context = {"rtl/add_one.sv": ADD_ONE, path: "1 2 3 0\n"}
    assert grade(problem_of(row(context=context)), fenced(reading(name))).passed


def test_other_names_are_not_found(problem_of):
    context = {"rtl/add_one.sv": ADD_ONE, "rtl/next.hex": "1 2 3 0\n"}
    verdict = grade(problem_of(row(context=context)), fenced(reading("next.hex")))
    assert (verdict.status, verdict.stage) == ("fail", "simulate")


def test_a_completion_may_write_one(problem_of):
    patch = {"rtl/counter.sv": "", "rtl/next.hex": ""}
    text = fenced(reading("/code/rtl/next.hex"))
    right = f"rtl/next.hex\n```\n1 2 3 0\n```\n{text}"
    verdict = grade(problem_of(row(patch=patch)), right)
    assert verdict.passed, verdict.message
    assert not grade(problem_of(row(patch=patch)), right.replace("3 0", "2 0")).passed


def test_only_the_harness_reads_its_own_files(problem_of):
    files = {"src/next.hex": "1 2 3 0\n", "src/step.v": reading("/src/next.hex", "step")}
    files["src/.env"] = ENV.replace("rtl/add_one.sv", "rtl/add_one.sv /src/step.v")
    uses = COUNTER.replace("wire [WIDTH-1:0] next;", "wire [WIDTH-1:0] next; wire [1:0] low;")
    uses = uses.replace("assign", "step s(.q(q), .next(low)); assign").replace(": next", ": low")
    two = {"src/test_runner.py": RUNNER.replace("[2, random.randint(4, 32)]", "[2]")}
    problem = problem_of(row(**files, **two))
    assert grade(problem, fenced(uses)).passed
    assert not grade(problem, fenced(reading("/src/next.hex"))).passed


def test_no_path_of_a_row_leads_out_of_the_private_folder(tmp_path):
    write(tmp_path / "own", "code/../../above.v", "x")
    assert (tmp_path / "own" / "above.v").read_text() == "x"
    assert not (tmp_path / "above.v").exists()


@pytest.mark.parametrize("name", ["rtl/next.hex", "../../etc/next.hex"])
def test_only_the_files_that_are_asked_for_are_taken(problem_of, name):
    """A name counts by its last part, and everything else in a completion by nothing."""
    patch = {"rtl/counter.sv": "", "rtl/next.hex": ""}
    files = [{"rtl/counter.sv": COUNTER}, {name: "\ud800"}, {"src/test_counter.py": "x"}]
    found = extract_files(json.dumps({"code": files}), problem_of(row(patch=patch)).harness.modules)
    assert found.files.keys() == patch.keys()
    assert grade(problem_of(row(patch=patch)), json.dumps({"code": files})).passed
