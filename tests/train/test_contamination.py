"""Closeness to benchmarks: tokens of designs, and the suites of the package themselves."""

from __future__ import annotations

import pytest

from itertl_eval.suites import PUBLISHED, SHIPPED, load_suite
from itertl_eval.train.contamination import Benchmarks, normal_tokens
from itertl_eval.train.instruction import Instruction


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("q = 8'hF_0;", "n0 = 8'240 ;"),
        ("q = 8 'sd 3;", "n0 = 8'3 ;"),
        ("q = 4'b1x0z;", "n0 = 4'b1x0z ;"),
        ("q = '0;", "n0 = '0 ;"),
        ("q = 'X;", "n0 = 'x ;"),
        ("q = PW'(1_000);", "n0 = n1 ' ( 1000 ) ;"),
        ("q = '{a, 1};", "n0 = ' { n1 , 1 } ;"),
        ("q = '{default: '1};", "n0 = ' { default : '1 } ;"),
        ("q = '", "n0 = '"),
    ],
)
def test_tokens(text, tokens):
    assert normal_tokens(text) == tokens.split()


@pytest.mark.parametrize(
    "name", [*SHIPPED, *(pytest.param(name, marks=pytest.mark.data) for name in PUBLISHED)]
)
def test_every_suite_knows_its_own_references(name):
    suite = load_suite(name)
    benchmarks = Benchmarks([suite])
    for problem in suite.values():
        if problem.reference.strip():
            assert benchmarks.closest(Instruction(problem)) is not None, problem.id
