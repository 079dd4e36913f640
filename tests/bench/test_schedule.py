"""From stimulus to steps: what is driven and what is compared, one step at a time."""

from __future__ import annotations

import random
from itertools import pairwise
from types import SimpleNamespace

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


# -- probes -----------------------------------------------------------------------------------


def test_all_inputs_move_before_the_first_comparison():
    bench = register(reset="rst")
    assert list(schedule(bench.interface, [{"d": 5}], True, probes=True))[:2] == [
        (0b0_010_1, 0, 0, 0),
        (0b0_101_0, 0, 0, 0),
    ]
    later = list(schedule(bench.interface, [{"d": 5}], False, probes=True))
    assert later == list(schedule(bench.interface, [{"d": 5}], False))


class Mealy(Model):
    """Adds its inputs to what it stores."""

    def __init__(self):
        self.sum = 0

    def edge(self, i):
        self.sum += i.a

    def outputs(self, i):
        return self.sum + i.a + i.b + i.wide


def mealy():
    return Bench(Mealy, clock="clk", inputs={"a": 2, "b": 2, "wide": 5}, outputs={"y": 8}).interface


def test_inputs_of_a_clocked_design_change_one_after_the_other():
    items = [{"a": k % 3, "b": k % 2, "wide": 7 * k} for k in range(12)]
    probed = list(schedule(mealy(), items, False, probes=True))
    plain = list(schedule(mealy(), items, False))
    assert [step for step in probed if step in plain] == plain
    added = [step for step in probed if step not in plain]
    assert added
    masks = (0b11, 0b1100, 0b11111_0000, 1 << 9)
    for before, step in pairwise(probed):
        if step in added:
            assert sum(bool((before[0] ^ step[0]) & mask) for mask in masks) == 1
    pairs = {(item["a"], item["b"]) for item in items}
    assert {(step[0] & 3, step[0] >> 2 & 3) for step in added} <= pairs


def test_outputs_that_do_not_follow_inputs_at_once_need_no_probes():
    items = [{"d": k, "rst": 0} for k in range(8)]
    interface = register().interface
    assert list(schedule(interface, items, False, probes=True)) == list(
        schedule(interface, items, False)
    )


def single(bench):
    """Return (input, state before, state after) of each single change of a bench."""
    found = []
    for items in bench.single_changes.values():
        for before, after in zip(items[::2], items[1::2], strict=True):
            (name,) = (key for key in before if before[key] != after[key])
            found.append((name, before, after))
    return found


def test_every_input_changes_alone_so_that_every_output_follows():
    def outputs(i):
        return {"y": i.a if i.sel else i.b, "same": i.a == i.b, "sel2": i.sel}

    bench = Bench(
        outputs, inputs={"sel": 1, "a": 8, "b": 8}, outputs={"y": 8, "same": 1, "sel2": 1}
    )
    bench.case(few_values(bench))
    found = single(bench)
    for name, output in [("sel", "y"), ("a", "y"), ("b", "y"), ("a", "same"), ("sel", "sel2")]:
        changes = [
            (before, after)
            for port, before, after in found
            if port == name
            and outputs(SimpleNamespace(**before))[output]
            != outputs(SimpleNamespace(**after))[output]
        ]
        assert len(changes) >= 3, (name, output)
    assert single(bench) == found, "the same for every seed"


def few_values(bench):
    return lambda rng: bench.random(rng, 50, a=range(4), b=range(4))


def test_single_changes_keep_to_what_a_case_produces():
    """Never both a and b, and c is a copy of a."""

    bench = Bench(lambda i: i.a + 2 * i.b + i.d, inputs=dict.fromkeys("abcd", 1), outputs={"y": 3})

    def legal(rng):
        for item in bench.random(rng, 200):
            if not (item["a"] and item["b"]):
                yield {**item, "c": item["a"]}

    bench.case(legal)
    found = single(bench)
    assert {name for name, _, _ in found} == {"b", "d"}
    for _, *states in found:
        assert all(s["c"] == s["a"] and not (s["a"] and s["b"]) for s in states)


def test_single_changes_of_listed_items():
    bench = Bench(lambda i: i.a ^ i.b, inputs={"a": 1, "b": 2}, outputs={"y": 2})
    items = [{"a": 0, "b": 1}, {"a": 1, "b": 2}, {"a": 0, "b": 2}]
    bench.case(lambda rng: items)
    found = {(name, *sorted((s["a"], s["b"]) for s in states)) for name, *states in single(bench)}
    assert found == {("a", (0, 2), (1, 2)), ("b", (0, 1), (0, 2))}


def test_an_output_that_is_compared_for_one_operation_alone_must_follow_it():
    """There is no value before the change that the one after it could differ from."""
    bench = Bench(
        lambda i: {"y": i.a + i.b if i.op == 1 else None},
        inputs={"a": 2, "b": 2, "op": 2},
        outputs={"y": 3},
    )
    bench.case(lambda rng: bench.every())
    begun = [after for name, before, after in single(bench) if name == "op"]
    assert len(begun) >= 3
    assert all(state["op"] == 1 and state["a"] + state["b"] for state in begun)


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
