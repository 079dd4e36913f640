"""What this machine fails to do: whom it reaches, and how the service recovers."""

from __future__ import annotations

import asyncio
import threading

import pytest

from itertl_eval import load_suite
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import _grading_pool, grade_item
from itertl_eval.serve import _queue, _service
from tests.serve.test_app import REFERENCE, SUITE, TASK, WRONG, item, post, response, run

pytestmark = pytest.mark.simulator


def test_a_failure_of_the_machine_is_not_a_reward(monkeypatch):
    def lose(item):
        raise OSError("the disk is gone")

    monkeypatch.setattr(_grading_pool, "grade_item", lose)
    (row,) = post("/grade", {"items": [item()]}).json()["verdicts"]
    assert row["status"] == "infra_error"
    bodies = {
        "/verify": {"response": response(REFERENCE), "suite": SUITE, "task_id": TASK},
        "/get_reward": {"query": [REFERENCE], "prompts": [""], "labels": [f"{SUITE}/{TASK}"]},
    }
    for path, body in bodies.items():
        answer = post(path, body)
        assert answer.status_code == 503, path
        assert answer.json().keys() == {"detail"}
        assert "the disk is gone" in answer.json()["detail"]


def test_where_nothing_can_be_graded_each_request_and_health_say_so(monkeypatch):
    def gone(item):
        raise InfrastructureError("no simulator any more")

    monkeypatch.setattr(_grading_pool, "grade_item", gone)

    async def calls(client):
        body = {"items": [item()]}
        both = await asyncio.gather(*(client.post("/grade", json=body) for _ in range(2)))
        return [*both, await client.get("/health")]

    def no_icarus():
        raise InfrastructureError("no simulator at all")

    monkeypatch.setattr(_queue, "preflight", no_icarus)
    answers = run(calls)
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert "no simulator any more" in answers[0].text
    assert {answer.headers.get("Retry-After") for answer in answers[:2]} == {"5"}
    assert answers[2].json()["status"] == "broken"
    assert answers[2].json()["error"] == "no simulator at all"


def test_a_fault_that_is_over_leaves_the_service_healthy(monkeypatch):
    """Whoever sends requests to healthy services alone would never use this one again."""

    def fails(item):
        raise InfrastructureError("a worker did not start")

    monkeypatch.setattr(_grading_pool, "grade_item", fails)

    async def calls(client):
        failed = await client.post("/grade", json={"items": [item()]})
        return failed, await client.get("/health")

    failed, health = run(calls)
    assert (failed.status_code, health.status_code) == (503, 200)
    assert health.json()["status"] == "ok"


def test_a_suite_that_is_being_fetched_holds_up_no_other(monkeypatch):
    fetched = threading.Event()
    loads = []

    def load(name):
        loads.append(name)
        if name == "verilogeval_human":
            assert fetched.wait(60)
        return load_suite("rtl_core")

    monkeypatch.setattr(_service, "load_suite", load)

    async def calls(client):
        slow = [
            asyncio.create_task(client.post("/grade", json={"items": [item(suite=name)]}))
            for name in ["verilogeval_human"] * 2
        ]
        while not loads:
            await asyncio.sleep(0.01)
        other = await client.post("/grade", json={"items": [item()]})
        began = len(loads)
        fetched.set()
        return other, began, await asyncio.gather(*slow)

    other, began, slow = run(calls)
    assert other.status_code == 200
    assert began == 2  # the second request for the slow one waits for the first
    assert {answer.status_code for answer in slow} == {200}


def test_what_fails_for_one_request_fails_for_no_other(monkeypatch):
    all_wait = threading.Event()

    def grade(item):
        assert all_wait.wait(60)
        if item.completion == "fails":
            raise InfrastructureError("a worker did not start")
        return grade_item(item)

    monkeypatch.setattr(_grading_pool, "grade_item", grade)

    async def calls(client):
        bodies = ({"items": [item(text)]} for text in ("fails", REFERENCE, WRONG))
        tasks = [asyncio.create_task(client.post("/grade", json=body)) for body in bodies]
        while (await client.get("/health")).json()["waiting"] < 3:
            await asyncio.sleep(0.01)
        all_wait.set()
        return await asyncio.gather(*tasks)

    failed, *graded = run(calls, jobs=1)
    assert failed.status_code == 503
    assert [each.json()["verdicts"][0]["passed"] for each in graded] == [True, False]
