"""RTLLM: names and additions, and that every reference passes its testbench."""

from __future__ import annotations

import pytest

from itertl_eval import grade_many, load_suite
from itertl_eval._util.paths import shipped
from itertl_eval.grader import Item, find_icarus
from itertl_eval.suites._errata import errata, known_failures
from itertl_eval.suites._rtllm import SPECIAL

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def suite():
    return load_suite("rtllm")


def test_fifty_designs_with_a_testbench_each(suite):
    assert len(suite) == len(suite.covered) == 50
    assert SPECIAL.keys() <= suite.keys()
    own = {path.stem for path in (shipped("testbenches") / "rtllm" / "references").glob("*.v")}
    assert own == {"accu", "alu", "float_multi", "radix2_div"}


def test_names_follow_the_text(suite):
    for problem in suite.values():
        text = problem.prompt.text
        assert problem.top in text
        assert [port.name for port in problem.ports if port.name not in text] == []
    assert suite["freq_divbyeven"].top == "freq_diveven"
    assert "reset_n" in {port.name for port in suite["sequence_detector"].ports}


def test_what_cannot_be_guessed_is_told(suite):
    for name, special in SPECIAL.items():
        text = suite[name].prompt.text
        assert special.addition in text
        assert text.rstrip().endswith("Give me the complete code.")


@pytest.mark.simulator
def test_every_reference_passes(suite):
    verdicts = grade_many([(problem, problem.reference) for problem in suite.values()])
    assert len(verdicts) == 50
    assert {v.task_id: v.message for v in verdicts if not v.passed} == {}


def stub(problem, value=None):
    """A module with all outputs at `value`, or undriven, and the parameters that are set."""
    ports = ", ".join(port.name for port in problem.ports)
    declared = "".join(f"  {port};\n" for port in problem.ports)
    outputs = [port.name for port in problem.outputs] if value is not None else []
    driven = "".join(f"  assign {name} = {value};\n" for name in outputs)
    values = {name: number for setting in problem.parameters for name, number in setting.items()}
    settings = ", ".join(f"parameter {name} = {number}" for name, number in values.items())
    ports = f"#({settings}) ({ports})" if settings else f"({ports})"
    return f"module {problem.top}{ports};\n{declared}{driven}endmodule\n"


QUICK = ("JC_counter", "adder_16bit", "alu", "counter_12", "freq_div", "fsm", "sub_64bit")
"""Designs whose published testbench ends with every stub; many others run into their time limit."""


@pytest.mark.simulator
@pytest.mark.parametrize("part", ["errata", pytest.param("all", marks=pytest.mark.slow)])
def test_published_verdicts_and_the_errata(suite, part):
    """Each reference by the published protocol; each stub that passes there is an erratum."""
    version = find_icarus().version
    failing = known_failures("rtllm", version, official=True)
    blind = {e.problem for e in errata() if "rtllm" in e.suites and e.effect == "official_blind"}
    chosen = suite if part == "all" else {*failing, *blind, *QUICK}
    problems = [problem for name, problem in suite.items() if name in chosen]
    assert len(problems) == len(chosen)
    items = [Item(p, f"```\n{p.reference}\n```", protocol="both") for p in problems]
    verdicts = grade_many(items)
    assert {v.task_id for v in verdicts if not v.official["passed"]} == failing
    items = [
        Item(problem, f"```\n{stub(problem, value)}```", protocol="both")
        for problem in problems
        for value in (None, "0", "-1", "'bx")
    ]
    verdicts = grade_many(items)
    assert {v.task_id for v in verdicts if v.official["passed"]} == blind
    assert not [v.task_id for v in verdicts if v.passed]
