"""The errata are valid data about problems that exist."""

from __future__ import annotations

import pytest

from itertl_eval import Item, grade_many, load_suite
from itertl_eval.grader.compile._icarus import SUPPORTED, find_icarus
from itertl_eval.grader.published import TOO_NEW
from itertl_eval.suites._errata import circuit_of, errata, errata_of, known_failures


def test_each_says_why_and_where():
    assert len(errata()) > 10
    for erratum in errata():
        assert erratum.reason.strip()
        assert erratum.suites
        assert set(erratum.simulators) <= set(SUPPORTED)
        rejected = erratum.effect == "reference_rejected"
        assert erratum.simulators or not rejected
        assert rejected or not erratum.simulators or erratum.effect == "official_fails"
        home = "hkust-zhiyao/RTLLM" if erratum.suites == ["rtllm"] else "NVlabs/verilog-eval"
        assert not erratum.link or erratum.link.startswith(f"https://github.com/{home}/")
    keys = [(e.problem, e.effect, tuple(e.suites)) for e in errata()]
    assert len(set(keys)) == len(keys)


def test_known_failures_by_suite_and_simulator():
    casts = {"review2015_fsm", "review2015_fancytimer"}
    slow = {"lfsr32", "count_clock", "review2015_fancytimer"}
    assert known_failures("verilogeval_human", "11.0") == casts
    assert known_failures("verilogeval_human", "12.0", official=True) == set()
    assert known_failures("verilogeval_code_complete", "11.0") == casts
    assert known_failures("verilogeval_code_complete", "12.0", official=True) == slow
    assert known_failures("verilogeval_spec_to_rtl", "12.0", official=True) == {*slow, "m2014_q6c"}
    assert known_failures("verilogeval_spec_to_rtl", "13.0 (devel)") == set()
    assert known_failures("rtl_core", "11.0") == set()


@pytest.mark.data
def test_their_problems_exist():
    v2 = {circuit_of(name) for name in load_suite("verilogeval_spec_to_rtl")}
    known = {
        "v1": set(load_suite("verilogeval_human")) | set(load_suite("verilogeval_machine")),
        "v1_machine": set(load_suite("verilogeval_machine")),
        "v2": v2,
        "v2_spec_to_rtl": v2,
        "v2_code_complete": v2,
        "rtllm": set(load_suite("rtllm")),
        "chipbench": set(load_suite("chipbench")),
        "cvdp_agentic": set(load_suite("cvdp_agentic")),
    }
    for erratum in errata():
        for version in {*erratum.suites} - {"cvdp", "cvdp_qor"}:  # their file may not be here
            assert erratum.problem in known[version]


@pytest.mark.data
def test_differing_ports_are_those_that_have_a_bench_of_their_own():
    differing = {e.problem for e in errata() if e.effect == "ports_differ"}
    suite = load_suite("verilogeval_spec_to_rtl")
    own = {
        name.split("_", 1)[1]
        for name, problem in suite.items()
        if problem.testbench is not None and problem.testbench.stem.endswith("_spec_to_rtl")
    }
    assert own == differing
    assert suite.covered == tuple(suite)


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.simulator
@pytest.mark.parametrize("name", ["verilogeval_human", "verilogeval_machine"])
def test_the_published_bench_is_blind_where_the_errata_say_so(name: str) -> None:
    version = find_icarus().version
    if int(version.split(".")[0]) >= TOO_NEW:
        pytest.skip(f"Icarus {version} compiles none of the published benches")
    suite = load_suite(name)
    items = [
        Item(problem, "\nendmodule\n", protocol="both", cache=False) for problem in suite.values()
    ]
    passed = {
        verdict.task_id: verdict.stage
        for verdict in grade_many(items)
        if verdict.official is not None and verdict.official["passed"]
    }
    blind = {f"{problem}: official_blind" for problem in passed}
    assert blind == {line for line in errata_of(name) if line.endswith("blind")}
    assert "pass" not in passed.values()
