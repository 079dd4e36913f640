"""Two thousand mixed samples, twice, in different orders: row by row the same verdicts."""

import random
from dataclasses import replace

import pytest

from itertl_eval import grade_many, load_suite
from itertl_eval.authoring.mutate import mutants
from itertl_eval.grader import Item

pytestmark = [pytest.mark.simulator, pytest.mark.slow]


def test_order_does_not_matter_for_two_thousand_samples():
    texts = []
    for problem in load_suite("rtl_core").values():
        designs = [problem.reference, "no design", "module x(); endmodule"]
        designs += [mutant.source for mutant in mutants(problem.reference, problem.top, limit=47)]
        texts += [(problem, design) for design in designs]
    items = [Item(problem, text, n, cache=False) for n, (problem, text) in enumerate(texts)]
    items = [items[n % len(items)] for n in range(2000)]
    order = list(range(len(items)))
    random.Random(0).shuffle(order)
    first = grade_many(items)
    shuffled = grade_many([items[n] for n in order])
    second = dict(zip(order, shuffled, strict=True))
    for n, verdict in enumerate(first):
        assert replace(verdict, seconds=0) == replace(second[n], seconds=0)
    assert {verdict.status for verdict in first} == {"pass", "fail"}
