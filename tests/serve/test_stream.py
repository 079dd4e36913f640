"""Verdicts as lines: each is sent as soon as it is ready, and no item ends in silence."""

from __future__ import annotations

import json
import threading

import httpx
import pytest

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import _grading_pool, grade_item
from itertl_eval.serve import create_app
from tests.serve.test_app import REFERENCE, TASK, WRONG, item, post, served

pytestmark = pytest.mark.simulator
LINES = {"Accept": "application/x-ndjson"}


@pytest.fixture
def held(monkeypatch):
    """What happens to a sample whose completion is "held": it waits, then runs `ends`."""
    release = threading.Event()
    ends = []

    def hold(item):
        if item.completion == "held":
            assert release.wait(120)  # longer than the client waits
            for end in ends:
                end()
        return grade_item(item)

    monkeypatch.setattr(_grading_pool, "grade_item", hold)
    yield release, ends
    release.set()


def gone():
    raise InfrastructureError("no simulator any more")


def stream(url, items):
    body = {"items": items, "cache": False}
    return httpx.stream("POST", f"{url}/grade", json=body, headers=LINES, timeout=60)


def test_a_verdict_is_sent_while_another_sample_runs(held):
    release, _ = held
    items = [item("held", sample=5), item(WRONG)]
    with served(create_app(jobs=2)) as url, stream(url, items) as answer:
        lines = answer.iter_lines()
        first = json.loads(next(lines))
        assert not release.is_set()
        release.set()
        (last,) = map(json.loads, lines)
    assert answer.headers["content-type"].startswith(LINES["Accept"])
    assert (first["index"], first["stage"]) == (1, "simulate")
    assert (last["index"], last["status"], last["sample"]) == (0, "fail", 5)


def test_a_machine_that_fails_in_the_middle_is_a_line_for_each_item_it_hits(held):
    release, ends = held
    ends.append(gone)
    items = [item("held", sample=5), item(REFERENCE), item("held", sample=6), item(WRONG)]
    with served(create_app(jobs=2)) as url, stream(url, items) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        first = json.loads(next(lines))
        release.set()
        rest = sorted(map(json.loads, lines), key=lambda row: row["index"])
    assert (first["index"], first["passed"]) == (1, True)
    assert [(row["index"], row["sample"]) for row in rest] == [(0, 5), (2, 6), (3, 0)]
    assert rest.pop()["stage"] == "simulate"
    for row in rest:
        assert row.keys() == first.keys()
        assert (row["status"], row["task_id"], row["passed"]) == ("infra_error", TASK, False)
        assert row["message"] == "not graded: no simulator any more"


@pytest.mark.parametrize("headers", [LINES, {}])
def test_where_nothing_can_be_graded_the_status_says_so(headers, monkeypatch):
    monkeypatch.setattr(_grading_pool, "grade_item", lambda item: gone())
    answer = post("/grade", {"items": [item(), item(WRONG)]}, headers)
    assert answer.status_code == 503
    assert answer.json() == {"detail": "no simulator any more"}


def test_nothing_asked_is_no_line():
    answer = post("/grade", {"items": []}, LINES)
    assert (answer.status_code, answer.text) == (200, "")
