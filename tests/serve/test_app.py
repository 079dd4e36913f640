"""The HTTP interface: each contract, what is refused, and that nothing is lost under load."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import platform
import shutil
import threading
import time

import httpx
import pytest

from itertl_eval import load_suite
from itertl_eval.results import protocol_card
from itertl_eval.serve import Connection, _gate, _service, create_app
from itertl_eval.suites import _registry

pytestmark = pytest.mark.simulator
SUITE, TASK = "rtl_core", "gray_counter"
REFERENCE = load_suite(SUITE)[TASK].reference
WRONG = REFERENCE.replace("<= ", "<= ~")


def item(completion=REFERENCE, suite=SUITE, task_id=TASK, **more):
    return {"suite": suite, "task_id": task_id, "completion": completion, **more}


def run(calls, **settings):
    """Run a coroutine function with a client of a service made with `settings`."""

    async def main():
        app = create_app(**{"jobs": 2, **settings})
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client,
        ):
            return await calls(client)

    return asyncio.run(main())


@contextlib.contextmanager
def served(app):
    """Serve `app` from a thread and yield its URL: all requests meet one event loop."""
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="warning", ws="none", http=Connection)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.started
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(60)
    assert not thread.is_alive()


def post(path, body, headers=None, **settings):
    return run(lambda client: client.post(path, json=body, headers=headers), **settings)


def test_a_batch_comes_back_in_its_order():
    assert WRONG != REFERENCE
    answer = post("/grade", {"items": [item(), item("no code"), item(WRONG, sample=3), item()]})
    assert answer.status_code == 200
    rows = answer.json()["verdicts"]
    assert [row["passed"] for row in rows] == [True, False, False, True]
    assert [row["stage"] for row in rows] == ["pass", "extract", "simulate", "pass"]
    assert (rows[2]["sample"], rows[0]["task_id"]) == (3, TASK)


def response(text):
    """An OpenAI Responses object, as NeMo-Gym sends it."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    thought = {"type": "reasoning", "id": "r", "summary": []}
    message = {"type": "message", "id": "m", "role": "assistant", "content": content}
    return {"id": "x", "object": "response", "output": [thought, message]}


@pytest.mark.parametrize("place", ["request", "verifier_metadata"])
def test_verify_in_the_shape_of_nemo_gym(place):
    named = {"suite": SUITE, "task_id": TASK}
    body = {
        "responses_create_params": {"input": [{"role": "user", "content": "q"}]},
        "response": response(REFERENCE),
        **(named if place == "request" else {place: named}),
    }
    answer = post("/verify", body).json()
    assert answer["reward"] == 1.0
    assert answer["responses_create_params"] == body["responses_create_params"]
    body["response"] = response("module x; endmodule")
    assert post("/verify", body).json()["reward"] < 0.5


def test_verify_without_a_problem_says_how_to_name_one():
    answer = post("/verify", {"response": response(REFERENCE), "suite": SUITE})
    assert answer.status_code == 400
    assert "name the problem by `suite` and `task_id`" in answer.json()["detail"]


def test_get_reward_in_the_shape_of_openrlhf():
    body = {
        "query": [f"ask{REFERENCE}", "asknothing"],
        "prompts": ["ask", "ask"],
        "labels": [f"{SUITE}/{TASK}", json.dumps({"suite": SUITE, "task_id": TASK})],
    }
    answer = post("/get_reward", body).json()
    assert answer["rewards"] == [1.0, 0.0]
    assert answer["scores"] == [1.0, 0.0]
    assert post("/get_reward", {**body, "labels": ["x"]}).status_code == 400
    assert post("/get_reward", {**body, "labels": ["x", "y"]}).status_code == 400


def test_refusals(monkeypatch):
    assert post("/grade", {"items": [item(suite="nosuch")]}).status_code == 404
    assert post("/grade", {"items": [item(suite="./folder")]}).status_code == 404
    assert post("/grade", {"items": [item(task_id="nosuch")]}).status_code == 404
    assert post("/grade", {"items": [{}]}).status_code == 422
    answer = post("/grade", {"items": [item()], "seeds": 1})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "seeds"]
    monkeypatch.setattr(_gate, "MAX_BODY", 100)
    assert post("/grade", {"items": [item()]}).status_code == 413


def test_suites_are_named_as_the_tasks_are(monkeypatch):
    """Also those of lm-eval for chat models."""
    monkeypatch.setitem(_service.CHAT_TASKS, f"{SUITE}_instruct", SUITE)
    monkeypatch.setitem(_registry.CHAT_TASKS, f"{SUITE}_instruct", SUITE)
    answer = post("/grade", {"items": [item("module m; endmodule", suite=f"{SUITE}_instruct")]})
    assert [verdict["stage"] for verdict in answer.json()["verdicts"]] == ["extract"]


@pytest.mark.parametrize("kind", [{}, {"content-type": "application/x-www-form-urlencoded"}])
def test_a_body_that_is_not_sent_as_json_is_told_which_header_it_needs(kind):
    async def calls(client):
        return await client.post("/grade", content=json.dumps({"items": [item()]}), headers=kind)

    answer = run(calls)  # as `curl -d` sends it
    assert answer.status_code == 415
    assert answer.json()["detail"] == "send the header Content-Type: application/json"


def test_a_token_guards_everything_but_health_and_the_description():
    async def calls(client):
        codes = []
        basic = {"Authorization": f"Basic {base64.b64encode(b':secret').decode()}"}
        bearers = [{"Authorization": f"Bearer {token}"} for token in ("no", "secret")]
        for headers in ({}, *bearers, basic):
            paths = "/version", "/metrics", "/health"
            codes += [(await client.get(path, headers=headers)).status_code for path in paths]
            sent = await client.post("/grade", json={"items": []}, headers=headers)
            codes.append(sent.status_code)
        described = [await client.get(path) for path in ("/docs", "/redoc", "/openapi.json")]
        return codes, [answer.status_code for answer in described]

    codes, described = run(calls, token="secret")
    assert codes == [401, 401, 200, 401] * 2 + [200] * 8
    assert described == [200] * 3


def test_a_full_queue_says_when_to_come_back():
    async def calls(client):
        bodies = ({"items": [item(WRONG, sample=at)] * 2, "cache": False} for at in range(2))
        answers = await asyncio.gather(*(client.post("/grade", json=body) for body in bodies))
        return sorted(answers, key=lambda answer: answer.status_code)

    graded, refused = run(calls, capacity=3)
    assert (graded.status_code, refused.status_code) == (200, 429)
    assert int(refused.headers["Retry-After"]) >= 1


def test_health_version_and_metrics():
    async def calls(client):
        await client.post("/grade", json={"items": [item(), item("no code")]})
        return [await client.get(path) for path in ("/health", "/version", "/metrics")]

    health, version, metrics = run(calls)
    assert health.json() == {"status": "ok", "workers": 2, "waiting": 0, "capacity": 4096}
    assert version.json()["simulator"].startswith("Icarus")
    assert version.json()["python"] == platform.python_version()
    assert "itertl_eval_verdicts_total{" in metrics.text
    assert "itertl_eval_waiting 0.0" in metrics.text


def test_the_version_of_a_suite_is_its_protocol_card(monkeypatch):
    made = []

    def card(suite):
        made.append((suite.name, threading.current_thread()))
        return protocol_card(suite)

    monkeypatch.setattr(_service, "protocol_card", card)

    async def calls(client):
        names = SUITE, SUITE, "nosuch", "./folder"
        return [await client.get("/version", params={"suite": name}) for name in names]

    first, again, *unknown = run(calls)
    assert first.json() == again.json() == protocol_card(load_suite(SUITE))
    missing = {"revision", "dataset_and_testbenches", "errata", "mutation_score", "python"}
    assert missing <= first.json().keys()
    ((name, thread),) = made  # once, beside the event loop
    assert name == SUITE
    assert thread is not threading.current_thread()
    assert [answer.status_code for answer in unknown] == [404] * 2
    assert "no suite 'nosuch'; there are: verilogeval_human" in unknown[0].text


def test_the_card_of_a_task_follows_its_files(tmp_path, monkeypatch):
    shutil.copytree(load_suite(SUITE)[TASK].testbench.parent, tmp_path / TASK)
    monkeypatch.setenv("ITERTL_EVAL_TASKS", str(tmp_path))

    async def calls(client):
        found = []
        for _ in range(2):
            answer = await client.get("/version", params={"suite": TASK})
            found.append(answer.json()["dataset_and_testbenches"])
            with next(tmp_path.rglob("test_*.py")).open("a") as testbench:
                testbench.write("# changed\n")
        return found

    before, after = run(calls)
    assert before != after


def test_under_load_no_verdict_is_lost_or_mixed_up():
    """Each request asks for samples whose right verdicts it knows."""
    stages = {REFERENCE: "pass", WRONG: "simulate", "no code": "extract"}

    async def ask(client, number):
        texts = [list(stages)[(number + at) % 3] for at in range(7)]
        body = {"items": [item(text, sample=number * 10 + at) for at, text in enumerate(texts)]}
        while (answer := await client.post("/grade", json=body)).status_code == 429:
            await asyncio.sleep(0.05)
        found = [(row["sample"], row["stage"]) for row in answer.json()["verdicts"]]
        return found == [(number * 10 + at, stages[text]) for at, text in enumerate(texts)]

    async def calls(client):
        return await asyncio.gather(*(ask(client, number) for number in range(60)))

    assert run(calls, capacity=50) == [True] * 60


@pytest.mark.parametrize("token", ["", "secret"])
def test_the_schema_holds_for_generated_requests(token):
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, given, settings
    from schemathesis.specs.openapi.checks import positive_data_acceptance as rejected

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    count = 0
    with served(create_app(jobs=1, token=token)) as url:
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
        for found in schema.get_all_operations():

            @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
            @given(case=found.ok().as_strategy())
            def check(case):
                # Three lists of one length, and labels that name a problem, are in no schema.
                case.call_and_validate(headers=headers, excluded_checks=[rejected])

            check()
            count += 1
    assert count == 6
