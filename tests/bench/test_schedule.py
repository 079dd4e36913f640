"""From stimulus to steps: what is driven and what is compared, one step at a time."""

from __future__ import annotations

import random

import pytest

from itertl_eval.bench import Bench, Hold, Model, Run
from itertl_eval.bench._schedule import Skip, schedule


class Register(Model):
    """Stores d; `settled` counts the changes without an edge."""

    def __init__(self):
        self.q = 7 if self.power_on else None

    def reset(self):
        self.q = 0

    def edge(self, i):
        self.q = i.d

    def outputs(self, i):
        return self.q


def register(**options):
    return Bench(Register, clock="clk", inputs={"rst": 1, "d": 3}, outputs={"q": 3}, **options)


def steps(bench, items, fresh=True):
    """(clock, inputs, expected q or None) of every step."""
    found = []
    for driven, value, care, cycle in schedule(bench.interface, items, fresh):
        inputs = bench.interface.input_layout.unpack(driven)
        clock = driven >> bench.interface.input_layout.width
        found.append((clock, tuple(inputs.values()), value if care else None, cycle))
    return found


def test_rising_edge_in_three_steps():
    """Inputs change while the clock is high, it falls, it rises: never data and clock together."""
    assert steps(register(), [{"d": 5}, {"d": 2}]) == [
        (0, (0, 5), None, 0),
        (1, (0, 5), 5, 0),
        (1, (0, 2), 5, 1),
        (0, (0, 2), 5, 1),
        (1, (0, 2), 2, 1),
    ]


def test_falling_edge_idles_high():
    assert steps(register(edge="falling"), [{"d": 5}, {"d": 2}]) == [
        (1, (0, 5), None, 0),
        (0, (0, 5), 5, 0),
        (0, (0, 2), 5, 1),
        (1, (0, 2), 5, 1),
        (0, (0, 2), 2, 1),
    ]


def test_both_edges_in_two_steps():
    assert steps(register(edge="both"), [{"d": 5}, {"d": 2}, {}]) == [
        (0, (0, 5), None, 0),
        (1, (0, 5), 5, 0),
        (1, (0, 2), 5, 1),
        (0, (0, 2), 2, 1),
        (0, (0, 2), 2, 2),
        (1, (0, 2), 2, 2),
    ]


def test_without_a_clock_an_item_is_one_step():
    bench = Bench(lambda i: i.a ^ i.b, inputs={"a": 2, "b": 2}, outputs={"y": 2})
    assert [step[:2] for step in schedule(bench.interface, [{"a": 1}, {"b": 3}], True)] == [
        (1, 1),
        (13, 2),
    ]


def test_hold_changes_inputs_without_an_edge():
    held = steps(register(), [{"d": 5}, Hold(d=1), {}])
    assert held[2] == (1, (0, 1), 5, 1)
    assert held[3:] == [(1, (0, 1), 5, 2), (0, (0, 1), 5, 2), (1, (0, 1), 1, 2)]


def test_synchronous_reset_waits_for_the_edge():
    """Nothing is compared before the first reset; the model never sees an edge in reset."""
    bench = register(reset="rst")
    assert [s[2] for s in steps(bench, [{"d": 5}, {"rst": 1}, {"rst": 0, "d": 3}])] == [
        None,
        None,
        None,
        None,
        0,
        0,
        0,
        3,
    ]
    driven = [{"rst": 1}, {"rst": 0, "d": 3}, Hold(rst=1), {"rst": 1}]
    assert [s[2] for s in steps(bench, driven)][-4:] == [3, 3, 3, 0]


def test_asynchronous_reset_acts_at_once():
    bench = register(reset="rst", asynchronous=True)
    assert [s[2] for s in steps(bench, [{"rst": 1}, {"rst": 0, "d": 3}, Hold(rst=1)])] == [
        0,
        0,
        0,
        0,
        3,
        0,
    ]


def test_active_low_reset():
    bench = Bench(
        Register, clock="clk", reset="!rst_n", inputs={"rst_n": 1, "d": 3}, outputs={"q": 3}
    )
    assert steps(bench, [{"rst_n": 0}, {"rst_n": 1, "d": 4}])[-1][2] == 4
    assert all(item["rst_n"] == 0 for item in bench.in_reset(random.Random(1)))


def test_power_on_is_the_first_case_of_a_simulation_only():
    class PowerOn(Register):
        def outputs(self, i):
            return 7 if self.power_on else None

    bench = Bench(PowerOn, clock="clk", inputs={"d": 3}, outputs={"q": 3})
    assert next(schedule(bench.interface, [{}], True))[1:3] == (7, 7)
    assert next(schedule(bench.interface, [{}], False))[1:3] == (0, 0)


def test_latch_settles():
    class Latch(Model):
        q = None

        def settle(self, i):
            if i.enable:
                self.q = i.d

        def outputs(self, i):
            return self.q

    bench = Bench(Latch, inputs={"d": 1, "enable": 1}, outputs={"q": 1})
    items = [{"d": 1}, {"enable": 1}, {"enable": 0}, {"d": 0}, {"enable": 1}]
    assert [(v if c else None) for _, v, c, _ in schedule(bench.interface, items, True)] == [
        None,
        1,
        1,
        1,
        0,
    ]


def test_case_starts_in_reset_and_releases_it():
    bench = register(reset="rst")
    case = steps_of(bench, lambda rng: [{"d": 6}])
    assert [inputs[0] for _, inputs, _, _ in case] == [1, 1, 1, 1, 1, 0, 0, 0]
    assert case[-1][2] == 6
    kept = steps_of(bench, lambda rng: [Hold(d=1), {"rst": 1}])
    assert kept[5][1] == (0, 1)
    assert len(steps_of(bench, lambda rng: [{"d": 6}], reset=False)) == 2


def steps_of(bench, stimulus, reset=True):
    played = list(bench.steps(stimulus, random.Random(0), reset, True))
    width = bench.interface.input_layout.width
    return [
        (
            driven >> width,
            tuple(bench.interface.input_layout.unpack(driven).values()),
            v if c else None,
            n,
        )
        for driven, v, c, n in played
    ]


def test_values_wrap_and_unknown_names_are_refused():
    bench = Bench(lambda i: i.a + 1, inputs={"a": 2}, outputs={"y": 2})
    assert list(schedule(bench.interface, [{"a": -1}], True)) == [(3, 0, 3, 0)]
    with pytest.raises(KeyError, match="drives 'b'"):
        list(schedule(bench.interface, [{"b": 1}], True))


def test_a_broken_case_has_no_single_changes():
    bench = Bench(lambda i: 1 // i.a, inputs={"a": 1, "b": 1}, outputs={"y": 1})
    bench.case(lambda rng: bench.every())
    assert bench.single_changes == {}


def test_a_case_may_begin_with_a_run():
    bench = register(reset="rst")
    found = list(bench.steps(lambda _: [Run(50, d=5)], random.Random(0), True, False))
    (run,) = (step for step in found if isinstance(step, Skip))
    assert run.cycles == 50
    assert run.low == 5 << 1  # out of reset, the clock low
