"""RecordedBench: what its tables mean."""

from __future__ import annotations

import pytest

from itertl_eval.bench import RecordedBench
from itertl_eval.bench._recorded import table_steps
from itertl_eval.bench._schedule import Skip

ADDER = RecordedBench(inputs={"a": 4, "b": 4}, outputs={"sum": 5, "zero": 1})
COUNTER = RecordedBench(clock="clk", inputs={"rst": 1}, outputs={"q": 4})


def test_a_line_without_a_clock_is_one_step():
    assert list(table_steps(ADDER.interface, "3 f | 12 0")) == [(0xF3, 0x12, 0x3F, 0)]


def test_a_dash_and_a_mask_take_bits_out_of_the_comparison():
    steps = list(table_steps(ADDER.interface, "0 0 | 1f/3 -\n0 0 | -\n"))
    assert steps == [(0, 3, 3, 0), (0, 0, 0, 1)]


def test_a_cycle_changes_the_inputs_before_the_clock():
    steps = list(table_steps(COUNTER.interface, "1 | - | 0\n0 | 0 | 1\n"))
    clock = 2
    assert steps == [
        (1, 0, 0, 0),
        (1 | clock, 0, 15, 0),
        (0 | clock, 0, 15, 1),
        (0, 0, 15, 1),
        (0 | clock, 1, 15, 1),
    ]


def test_a_late_cycle_changes_the_inputs_after_the_clock():
    steps = list(table_steps(COUNTER.interface, "late 1 | 5 | 6\nlate 0 | 1 | 2 | 3\n"))
    clock = 2
    assert steps == [
        (1, 5, 15, 0),
        (1 | clock, 6, 15, 0),
        (1, 1, 15, 1),
        (0, 2, 15, 1),
        (0 | clock, 3, 15, 1),
    ]


def test_the_idle_step_may_expect_something_else():
    steps = list(table_steps(COUNTER.interface, "1 | 0 | 1\n0 | 2 | 3 | 4\n"))
    assert [step[1] for step in steps] == [0, 1, 2, 3, 4]


def test_equals_repeats_the_group_before():
    steps = list(table_steps(COUNTER.interface, "1 | 3/7 | =\n"))
    assert [step[1:3] for step in steps] == [(3, 7), (3, 7)]


def test_hold_leaves_the_clock_and_run_skips_cycles():
    steps = list(table_steps(COUNTER.interface, "hold 0 | 5\nrun 100 0 | 6\nhold 1 | 6\n"))
    assert steps == [(0, 5, 15, 0), Skip(0, 2, 100), (2, 6, 15, 1), (3, 6, 15, 2)]


@pytest.mark.parametrize("line", ["0 0 0 | 0 0", "0 g | 0 0", "0 0 | 0", "run x 0 0 | 0 0"])
def test_a_bad_line_is_named(line):
    with pytest.raises(ValueError, match="recorded table"):
        list(table_steps(ADDER.interface, line))
