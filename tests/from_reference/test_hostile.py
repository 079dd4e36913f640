"""The hostile corpus on testbenches made from references: nothing wrong passes, nothing leaks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval.from_reference import make_testbench, write_task
from itertl_eval.grader import Item, grade_many
from itertl_eval.problem import Problem, Prompt
from tests.hostile.corpus import CASES, GOOD, PATIENT, problem

pytestmark = pytest.mark.simulator

PROMPT = Prompt("The reset is synchronous.")
SIMULATED = [
    case
    for case in CASES
    if case.problem in ("adder", "accumulator")
    and case.status == "fail"
    and "simulate" in case.stage.split()
]
"""The designs that a testbench has to refuse; what is refused earlier never meets one."""


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Problem]:
    """The corpus's problems with testbenches made from their good designs."""
    found = {}
    for name in ("adder", "accumulator"):
        given = replace(problem(name), reference=GOOD[name], prompt=PROMPT, testbench=None)
        folder = tmp_path_factory.mktemp("tasks") / name
        made = make_testbench(replace(given, limits=PATIENT), limit=20)
        found[name] = replace(given, testbench=write_task(folder, given, made))
    return found


def places(task: Problem) -> dict[str, str]:
    """What the placeholders of the corpus mean here: the recording and the reference."""
    assert task.testbench is not None
    folder = task.testbench.parent
    return {
        "SECRET": str(folder / "reference.sv"),
        "SECRET_DIR": str(folder),
        "TESTBENCH": str(task.testbench),
        "REFERENCE": str(folder / "reference.sv"),
        "CWD": str(Path.cwd()),
    }


def test_no_hostile_design_passes(tasks):
    assert len(SIMULATED) > 40
    items = [
        Item(tasks[case.problem], case.text(places(tasks[case.problem])), cache=False)
        for case in SIMULATED
    ]
    verdicts = grade_many(items, jobs=2)
    passed = [c.name for c, verdict in zip(SIMULATED, verdicts, strict=True) if verdict.passed]
    assert not passed
    broken = [v.message for v in verdicts if v.status == "infra_error"]
    assert not broken


def test_the_good_designs_pass(tasks):
    items = [Item(replace(tasks[n], limits=PATIENT), GOOD[n], cache=False) for n in tasks]
    assert [verdict.passed for verdict in grade_many(items)] == [True, True]


@pytest.mark.parametrize("what", ["TESTBENCH", "REFERENCE"])
def test_a_design_can_read_neither_the_recording_nor_the_reference(what, tasks):
    task = tasks["adder"]
    path = places(task)[what]
    assert Path(path).read_text()
    text = f"""\
module adder8(input [7:0] a, input [7:0] b, output reg [7:0] y);
  integer file, byte_read;
  initial begin
    file = $fopen("{path}", "r");
    byte_read = file ? $fgetc(file) : -1;
  end
  always @* y = byte_read == -1 ? a + b : a - b;
endmodule
"""
    [verdict] = grade_many([Item(replace(task, limits=PATIENT), text, cache=False)])
    assert verdict.passed, verdict.message  # it found nothing to read
