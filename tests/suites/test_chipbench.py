"""ChipBench: testbenches by hand pass the references; errata say what the published ones do."""

from __future__ import annotations

import pytest

from itertl_eval import grade_many, load_suite
from itertl_eval._util.paths import shipped
from itertl_eval.grader import TOO_NEW, Item, find_icarus
from itertl_eval.suites._data import find_source
from itertl_eval.suites._errata import errata, known_failures

pytestmark = [pytest.mark.data, pytest.mark.simulator]
FEW = ("cpu_ip_Prob001", "self_contain_Prob000", "self_contain_Prob031")


@pytest.fixture(scope="module")
def suite():
    if find_source("chipbench") is None:
        pytest.skip("no data of ChipBench")
    return load_suite("chipbench")


@pytest.fixture
def published():
    """The published protocol, which Icarus 13 cannot run."""
    if int(find_icarus().major) >= TOO_NEW:
        pytest.skip(f"{find_icarus().name} compiles none of the published testbenches")


def completion(problem, old="", new=""):
    assert old in problem.reference
    return f"```\n{problem.reference.replace(old, new, 1) if old else problem.reference}\n```"


def test_references_pass_testbenches_by_hand(suite):
    folder = shipped("testbenches") / "chipbench"
    by_hand = {file.stem for file in folder.glob("*.py")}
    found = [problem for problem in suite.values() if problem.tags[1] in by_hand]
    assert len(found) == len(by_hand) == 10
    assert all(problem.testbench.parent == folder for problem in found)
    verdicts = grade_many(
        [Item(p, completion(p), sample, sample) for p in found for sample in (0, 1)]
    )
    assert {v.task_id: v.message for v in verdicts if not v.passed} == {}


@pytest.mark.parametrize("part", ["errata", pytest.param("all", marks=pytest.mark.slow)])
def test_published_verdicts_on_the_references(suite, published, part):
    failing = known_failures("chipbench", find_icarus().version, official=True)
    names = suite if part == "all" else {*failing, *FEW}
    items = [Item(suite[name], completion(suite[name]), protocol="official") for name in names]
    assert {v.task_id for v in grade_many(items) if not v.official["passed"]} == failing


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("not_self_contain_Prob002", "!E", "E"), ("not_self_contain_Prob005", "A&B", "A^B")],
)
def test_a_wrong_copy_of_a_given_module_passes_the_published_testbench(
    suite, published, name, old, new
):
    blind = {e.problem for e in errata() if e.effect == "official_blind"}
    assert name in blind
    wrong = completion(suite[name], old, new)
    (verdict,) = grade_many([Item(suite[name], wrong, protocol="official")])
    assert verdict.official["passed"]
    if suite[name].testbench is not None:  # the other one's is made by `itertl-eval fetch`
        (verdict,) = grade_many([Item(suite[name], wrong)])
        assert verdict.stage == "simulate"


@pytest.mark.parametrize("missing", [0, 1])
def test_both_readings_of_a_difference_pass(suite, missing):
    """The text of 8_bit_alu and the adder that it gives differ by one."""
    text = f"""
        module TopModule(input [7:0] in_A, in_B, input [1:0] in_operation, output [7:0] out_c);
          assign out_c = in_operation == 0 ? in_A & in_B : in_operation == 1 ? in_A | in_B
                       : in_operation == 2 ? in_A + in_B : in_A - in_B - {missing};
        endmodule"""
    problem = suite["not_self_contain_Prob005"]
    mixed = text.replace(f"- {missing};", "- in_A[0];")
    right, wrong = grade_many([Item(problem, text), Item(problem, mixed)])
    assert right.passed, right.message
    assert wrong.stage == "simulate"
