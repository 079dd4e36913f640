"""Dataclasses between processes: the same on the other side, or an error."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from itertl_eval._util.wire import Kept, WireError, dump, load
from itertl_eval.grader._job import Job
from itertl_eval.grader._outcome import Case, Outcome
from itertl_eval.grader.worker import job


@dataclass
class Inner:
    name: str
    size: float = 0.0


@dataclass
class Outer:
    kind: Literal["a", "b"]
    count: int | None = None
    inner: list[Inner] = field(default_factory=list)
    values: Mapping[str, int] = field(default_factory=dict)
    pairs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Shared(Kept):
    names: tuple[str, ...] = ()
    size: float = 0.0


@dataclass
class Holder:
    number: int
    shared: Shared


def test_what_many_messages_hold_is_read_once():
    shared = Shared(("x", 'quoted "y"'), 1.5)
    first, second = (load(Holder, dump(Holder(number, shared))) for number in (1, 2))
    assert (first, second) == (Holder(1, shared), Holder(2, shared))
    assert first.shared is second.shared
    assert load(Holder, dump(Holder(3, Shared(size=1)))).shared.size == 1


@pytest.mark.parametrize("text", ["{}", '"{\\"other\\": 1}"', '"["', '"{\\"size\\": \\"x\\"}"'])
def test_a_held_dataclass_of_another_form_is_refused(text):
    for _ in range(2):
        with pytest.raises(WireError):
            load(Holder, f'{{"number": 1, "shared": {text}}}')


def test_a_dataclass_arrives_as_it_was_sent():
    sent = Outer("b", 3, [Inner("x", 1.5), Inner("y", 2)], {"W": 8}, (("f", 3),))
    assert load(Outer, dump(sent)) == sent
    assert load(Job, dump(job("~a"))) == job("~a")
    outcome = Outcome(stage="simulate", cases=[Case("a", True), Case("b", False, "why")], cpu=0.5)
    assert load(Outcome, dump(outcome)) == outcome


def test_only_what_differs_from_the_default_is_sent():
    assert dump(Outer("a", inner=[Inner("x")])) == b'{"kind": "a", "inner": [{"name": "x"}]}\n'


def test_a_default_of_another_type_is_sent():
    assert dump(Inner("x", 0)) == b'{"name": "x", "size": 0}\n'


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{}",
        '{"kind": "c"}',
        '{"kind": "a", "count": true}',
        '{"kind": "a", "count": 1.5}',
        '{"kind": "a", "other": 1}',
        '{"kind": "a", "inner": [{"size": 1}]}',
        '{"kind": "a", "inner": {"name": "x"}}',
        '{"kind": "a", "values": {"W": "8"}}',
        '{"kind": "a", "pairs": [["f", "3"]]}',
        '{"kind": "a", "pairs": [["f"]]}',
    ],
)
def test_anything_else_is_refused(line):
    with pytest.raises(WireError):
        load(Outer, line)


@pytest.mark.parametrize(
    "message", [[], {"passed": True}, {"finished": 1}, {"case": {"name": "x"}}, {"cases": []}]
)
def test_an_outcome_takes_only_messages(message):
    with pytest.raises(WireError):
        Outcome().update(message)


def test_an_outcome_collects_messages():
    outcome = Outcome()
    outcome.update({"stage": "simulate", "cases_total": 2})
    outcome.update({"case": {"name": "one", "passed": True}})
    outcome.update({"case": {"name": "two", "passed": False, "message": "no"}, "finished": True})
    assert outcome.cases == [Case("one", True), Case("two", False, "no")]
    assert (outcome.stage, outcome.cases_total, outcome.finished) == ("simulate", 2, True)
