"""Requests that no trainer means to send: each gets an answer, and none is read for strangers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection

import pytest

from itertl_eval.client import Client
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import _grading_pool
from itertl_eval.serve import _makers, _queue
from tests.serve.test_app import REFERENCE, SUITE, TASK, WRONG, item, post, response, run
from tests.serve.test_server import Server, items

pytestmark = pytest.mark.simulator
NAMED = {"suite": SUITE, "task_id": TASK}
JSON = {"content-type": "application/json"}


def send(path, text, **settings):
    return run(lambda client: client.post(path, content=text, headers=JSON), **settings)


def test_half_a_surrogate_pair_is_text_like_any_other():
    body = {"items": [item(f"{REFERENCE}// \ud800"), item(WRONG)]}
    answer = send("/grade", json.dumps(body))
    assert [row["passed"] for row in answer.json()["verdicts"]] == [True, False]
    body = {**NAMED, "note": "\udfff", "response": response(REFERENCE)}
    answer = send("/verify", json.dumps(body)).json()
    assert (answer["reward"], answer["note"]) == (1.0, "\ufffd")


@pytest.mark.parametrize(
    ("path", "text", "status"),
    [
        ("/grade", json.dumps({"items": [item(sample=float("nan"))]}), 422),
        ("/grade", json.dumps({"items": [item(sample="@")]}).replace('"@"', "1e999"), 422),
        ("/verify", json.dumps({**NAMED, "response": {"output": 5}}), 400),
        ("/verify", json.dumps({**NAMED, "response": {"output": [{"type": "message"}]}}), 400),
        ("/verify", '{"response": {"a": ' + "[" * 900 + "]" * 900 + "}}", 400),
        ("/verify", '{"response": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}", 400),
        ("/get_reward", b'{"query": ["\xff"]}', 400),
    ],
)
def test_odd_bodies_are_refused(path, text, status):
    answer = send(path, text)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_a_refusal_does_not_repeat_the_body():
    answer = post("/grade", {"items": [item("secret", sample="x")]})
    assert answer.status_code == 422
    assert "secret" not in answer.text


def test_more_samples_than_the_queue_can_ever_hold_are_not_worth_another_try():
    answer = post("/grade", {"items": [item(sample=at) for at in range(3)]}, capacity=2)
    assert answer.status_code == 413
    assert "send several" in answer.json()["detail"]


def test_a_machine_that_recovers_is_healthy_again(monkeypatch):
    def gone(*_):
        raise InfrastructureError("no simulator for a moment")

    async def calls(client):
        with monkeypatch.context() as patch:
            patch.setattr(_grading_pool, "grade_item", gone)
            patch.setattr(_queue, "preflight", gone)
            await client.post("/grade", json={"items": [item()]})
            before = await client.get("/health")
        await client.post("/grade", json={"items": [item()]})
        return before.status_code, (await client.get("/health")).status_code

    assert run(calls) == (503, 200)


def test_a_maker_that_was_killed_while_idle_costs_no_pair(monkeypatch, tmp_path):
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path))

    async def main():
        makers = _makers.Makers(1)
        pairs = [
            {"instruction": at, "reference": REFERENCE, "top": "", "header": ""} for at in "ab"
        ]
        first = await makers.make(pairs[0])
        (process,) = makers._running
        process.kill()
        await process.wait()
        second = await makers.make(pairs[1])
        await makers.close()
        return first, second

    first, second = asyncio.run(main())
    assert "text" in first
    assert "text" in second


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.process.kill()
    server.process.wait()


def memory(pid):
    """Peak resident MiB of a process."""
    with open(f"/proc/{pid}/status") as file:
        peak = next(line for line in file if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def test_a_stranger_gets_no_memory_and_the_client_an_answer(server):
    before = memory(server.process.pid)
    body = json.dumps({"items": [item("x" * 900_000) for _ in range(50)]})
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("POST", "/grade", body, {**JSON, "Authorization": "Bearer wrong"})
    assert connection.getresponse().status == 401
    assert memory(server.process.pid) - before < 20


def test_readers_that_stop_or_leave_do_not_hold_up_others(server):
    """One reads nothing of its stream, one closes at once, one waits for all as usual."""
    body = json.dumps({"items": items(40)})
    head = (
        f"POST /grade HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n"
        f"Accept: application/x-ndjson\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as stuck:
        stuck.sendall(f"{head}{body}".encode())
        with socket.create_connection(("127.0.0.1", server.port)) as gone:
            gone.sendall(f"{head}{body}".encode())
        rows = Client(server.url, "secret", patience=30).grade(items(40))
    assert [row["passed"] for row in rows] == [at % 2 == 0 for at in range(40)]


@pytest.mark.slow
def test_makers_end_with_a_killed_server(tmp_path):
    server = Server(tmp_path)
    pair = {"problem": {"reference": REFERENCE}, "completion": "x"}
    Client(server.url, "secret").grade([pair])
    listed = subprocess.run(
        ["pgrep", "-P", str(server.process.pid), "-f", "_maker"], capture_output=True, text=True
    )
    makers = [int(pid) for pid in listed.stdout.split()]
    assert makers
    os.kill(makers[0], signal.SIGSTOP)  # as busy as one that never ends
    server.stop(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _alive(makers[0]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(makers[0])


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


CUT_OFF = """\
import itertools, socket
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    for answer in (b"200 OK\\r\\nContent-Length: 99\\r\\n\\r\\n{", b"502 Bad Gateway\\r\\n\\r\\n",
                   b"200 OK\\r\\n\\r\\n{\\"verdicts\\": [{\\"sample\\": 7}]}"):
        connection, _ = server.accept()
        with connection:
            connection.recv(100_000)
            connection.sendall(b"HTTP/1.1 " + answer)
"""


def test_the_client_tries_again_after_half_an_answer_and_an_error_of_a_proxy(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with subprocess.Popen([sys.executable, "-c", CUT_OFF], stdout=subprocess.PIPE) as server:
        port = int(server.stdout.readline())
        rows = Client(f"http://127.0.0.1:{port}", patience=30).grade([{"completion": ""}])
    assert rows == [{"sample": 7}]
