"""Random items, all combinations and corners, as a bench makes them."""

from __future__ import annotations

import random

import pytest

from itertl_eval.bench import Bench
from tests.bench.test_schedule import Register, register


def sample(bench, count=400, seed=3, **weights):
    return list(bench.random(random.Random(seed), count, **weights))


def test_random_weights():
    bench = register(reset="rst")
    items = sample(bench, rst=0.1, d=(1, 2))
    assert 15 < sum(item["rst"] for item in items) < 70
    assert {item["d"] for item in items} == {1, 2}
    assert {item["d"] for item in sample(bench, d=3)} == {3}
    assert {item["d"] for item in sample(bench, d=lambda rng: rng.randrange(2))} == {0, 1}
    assert {item["d"] for item in sample(bench)} == set(range(8))
    assert sample(bench) == sample(bench) != sample(bench, seed=4)
    with pytest.raises(KeyError, match="'q' is not an input"):
        sample(bench, q=1)


def test_weight_of_a_reset_is_for_its_active_level():
    bench = Bench(Register, clock="c", reset="!r", inputs={"r": 1, "d": 3}, outputs={"q": 3})
    assert all(item["r"] == 1 for item in sample(bench, r=0.0))
    assert sum(item["r"] == 0 for item in sample(bench, r=0.1)) in range(15, 70)
    with pytest.raises(ValueError, match=r"r=0.97: the reset would be active .* such as 0.03"):
        sample(bench, r=0.97)


def test_every_combination():
    bench = Bench(lambda i: 0, inputs={"a": 1, "b": 2}, outputs={"y": 1})
    assert list(bench.every("a", b=2)) == [{"a": 0, "b": 2}, {"a": 1, "b": 2}]
    assert list(bench.every(a=1)) == [{"a": 1, "b": b} for b in range(4)]
    assert len(list(bench.every())) == 8


def test_corners_reach_every_edge_of_every_input():
    bench = Bench(lambda i: 0, inputs={"a": 4, "b": 5, "s": 1}, outputs={"y": 1})
    items = list(bench.corners(random.Random(0), s=1))
    assert {item["s"] for item in items} == {1}
    for name, width in (("a", 4), ("b", 5)):
        full = (1 << width) - 1
        single = {1 << k for k in range(width)}
        wanted = {0, full, *single, *(full ^ bit for bit in single)}
        assert wanted <= {item[name] for item in items}
        assert all(0 <= item[name] <= full for item in items)


def test_inconsistent_declarations_are_refused():
    with pytest.raises(ValueError, match="reset='rst' must be one of the inputs"):
        Bench(Register, clock="clk", reset="rst", inputs={"d": 1}, outputs={"q": 1})
    with pytest.raises(ValueError, match="derived from Model"):
        Bench(lambda i: 0, clock="clk", inputs={"d": 1}, outputs={"q": 1})
