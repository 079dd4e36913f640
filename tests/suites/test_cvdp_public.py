"""CVDP's public rows: all give simulations, and our completions get the right verdict."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest

from itertl_eval import load_suite
from itertl_eval.grader import Item, grade_item, simulations_of
from itertl_eval.suites import undecided
from tests.suites.cvdp_completions import COMPLETIONS
from tests.suites.cvdp_designs import CELLS
from tests.suites.cvdp_systems import SKID

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The JSONL files of the archive with public rows, unpacked."""
    archive = Path(os.environ.get("ITERTL_EVAL_DATA", "/nowhere"), "cvdp-public-rows.tar.gz")
    if not archive.exists():
        pytest.skip("no cvdp-public-rows.tar.gz in ITERTL_EVAL_DATA")
    folder = tmp_path_factory.mktemp("cvdp")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return sorted(folder.rglob("*.jsonl"))


@pytest.fixture(scope="module")
def problems(files):
    found = {}
    for file in files:
        if "with_solutions" not in file.name:
            found |= {(file.name, p.id): p for p in load_suite(str(file)).values()}
    return found


def fenced(files):
    return "".join(f"{path}\n```verilog\n{text}```\n" for path, text in files.items())


def test_the_agentic_file_is_the_published_one(files):
    assert len(load_suite("cvdp_agentic")) == 92


@pytest.mark.simulator
@pytest.mark.slow
def test_every_row_gives_simulations(problems):
    assert len(problems) == 104
    counts = {key: len(simulations_of(problem)) for key, problem in problems.items()}
    assert min(counts.values()) > 0
    assert sum(counts.values()) > 600  # every combination that `parametrize` makes


@pytest.mark.simulator
def test_the_published_solutions_pass(files):
    graded = {}
    for file in files:
        if "with_solutions" in file.name:
            row = json.loads(file.read_text().splitlines()[0])
            written = row["output"]["context"] if "output" in row else row["patch"]
            [problem] = load_suite(str(file)).values()
            graded[problem.id] = grade_item(Item(problem, fenced(written), cache=False)).message
    assert graded == dict.fromkeys(
        ["cvdp_agentic_fixed_arbiter_0001", "cvdp_copilot_lfsr_0001"], ""
    )


@pytest.mark.simulator
@pytest.mark.slow
@pytest.mark.parametrize("name", COMPLETIONS)
def test_right_completions_pass_and_wrong_ones_fail(problems, name):
    problem = next(problem for (_, known), problem in problems.items() if known == name)
    completion = COMPLETIONS[name]
    text = fenced(completion.right(problem.harness.context))
    verdict = grade_item(Item(problem, text, cache=False))
    assert verdict.status == "pass", verdict.message
    statuses = {}
    for old, new in completion.wrong:
        assert old in text
        statuses[old] = grade_item(Item(problem, text.replace(old, new), cache=False)).status
    assert set(statuses.values()) == {"fail"}


DONE = """\
module systolic_array #(parameter DATA_WIDTH = 8)
    (input clk, reset, load_weights, start, input [DATA_WIDTH-1:0] w00, w01, w10, w11, x0, x1,
     output [DATA_WIDTH-1:0] y0, y1, output done);
  assign done = 1, y0 = 0, y1 = 0;
endmodule
"""


@pytest.mark.simulator
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "written", "status"),
    [
        ("cvdp_copilot_skid_buffer_0001", {"rtl/pipelined_skid_buffer.sv": SKID}, "fail"),
        ("cvdp_copilot_fan_controller_0008", {}, "fail"),
        ("cvdp_agentic_systolic_array_0001", {"rtl/systolic_array.sv": DONE}, "pass"),
        (
            "cvdp_agentic_cellular_automata_0002",
            {"rtl/pseudoRandGenerator_ca.sv": CELLS.replace("posedge clock", "posedge reset")},
            "pass",
        ),
    ],
)
def test_rows_of_the_errata_grade_wrongly(problems, name, written, status):
    """Right designs that fail (no design: the row's own files), and wrong ones that pass."""
    problem = next(problem for (_, known), problem in problems.items() if known == name)
    text = fenced(written or problem.harness.context)
    assert grade_item(Item(problem, text, cache=False)).status == status
    assert name in undecided()
