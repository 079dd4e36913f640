"""The errata are valid data about problems that exist."""

from __future__ import annotations

import pytest

from itertl_eval import load_suite
from itertl_eval.grader.icarus import SUPPORTED
from itertl_eval.suites._errata import errata, rejected_references


def test_each_says_why_and_where():
    assert len(errata()) > 10
    for erratum in errata():
        assert erratum.reason.strip()
        assert erratum.suites
        assert set(erratum.simulators) <= set(SUPPORTED)
        assert bool(erratum.simulators) == (erratum.effect == "reference_rejected")
        assert not erratum.link or erratum.link.startswith("https://github.com/NVlabs/verilog-eval")
    keys = [(e.problem, e.effect, tuple(e.suites)) for e in errata()]
    assert len(set(keys)) == len(keys)


def test_rejected_references_by_simulator():
    assert "review2015_fsm" in rejected_references("11.0")
    assert rejected_references("12.0") == rejected_references("13.0 (devel)") == set()


@pytest.mark.data
def test_their_problems_exist():
    known = {
        "v1": set(load_suite("verilogeval_human")) | set(load_suite("verilogeval_machine")),
        "v2": {name.split("_", 1)[1] for name in load_suite("verilogeval_spec_to_rtl")},
    }
    for erratum in errata():
        for version in erratum.suites:
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
