"""Extra steps that change inputs alone, so that every output is seen to follow."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

from itertl_eval.bench import Bench, Model
from itertl_eval.bench._schedule import LATE_EVERY, schedule
from tests.bench.test_schedule import register

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

    def early(steps):
        return [step for step in steps if step[3] % LATE_EVERY != LATE_EVERY - 1]

    assert [step for step in early(probed) if step in plain] == early(plain)
    added = [step for step in probed if step not in plain]
    assert added
    masks = (0b11, 0b1100, 0b11111_0000, 1 << 9)
    for before, step in pairwise(probed):
        if step in added:
            assert sum(bool((before[0] ^ step[0]) & mask) for mask in masks) == 1
    pairs = {(item["a"], item["b"]) for item in items}
    assert {(step[0] & 3, step[0] >> 2 & 3) for step in added} <= pairs


def test_outputs_that_do_not_follow_inputs_at_once_need_no_probes():
    items = [{"d": k, "rst": 0} for k in range(LATE_EVERY - 1)]
    interface = register().interface
    assert list(schedule(interface, items, False, probes=True)) == list(
        schedule(interface, items, False)
    )


def test_in_some_cycles_inputs_change_after_the_clock_returned_to_idle():
    interface = register().interface
    items = [{"d": k, "rst": 0} for k in range(2 * LATE_EVERY)]
    probed = [*schedule(interface, items, False, probes=True)]
    plain = [*schedule(interface, items, False)]
    assert len(probed) == len(plain)
    for cycle in range(1, len(items)):
        middle = [step[0] for step in probed if step[3] == cycle][:2]
        clock, before, after = 1 << 4, (cycle - 1 & 7) << 1, (cycle & 7) << 1
        late = cycle % LATE_EVERY == LATE_EVERY - 1
        assert middle == [before if late else after | clock, after], cycle
    other = register(edge="falling").interface
    assert [step[0] ^ 1 << 4 for step in schedule(other, items, False, probes=True)] == [
        step[0] for step in probed
    ]


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
