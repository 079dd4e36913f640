"""Connections whose clients stop halfway: none holds the service, its descriptors or its end."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import time
from contextlib import suppress

import pytest

from itertl_eval.cli import _serve, main
from itertl_eval.client import Client
from itertl_eval.serve import Connection, _connection, _gate, create_app
from itertl_eval.serve._queue import GradingQueue
from tests.serve.test_app import item, post, served
from tests.serve.test_server import items, passes

pytestmark = pytest.mark.simulator


def connect(url):
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def has_ended(connection):
    """Whether the service ends a connection before long, whatever it sends first."""
    try:
        while connection.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def test_a_client_that_stops_halfway_is_left(monkeypatch):
    """Nothing sent, half a header byte by byte, half a body; the same after a good request."""
    monkeypatch.setattr(_connection, "SECONDS", 0.3)
    with served(create_app(jobs=1, token="secret")) as url:
        health = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        starts = (
            b"",
            health[:20],
            b"POST /grade HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
        )
        connections = [connect(url) for _ in range(2 * len(starts))]
        for at, connection in enumerate(connections):
            good, start = divmod(at, len(starts))
            with suppress(ConnectionError):  # a busy machine may come too late
                connection.sendall(health * good + starts[start])
        for letter in b"/1.1\r\nAccept":
            with suppress(ConnectionError):
                connections[1].sendall(bytes([letter]))
            time.sleep(0.01)
        assert [has_ended(each) for each in connections] == [True] * len(connections)
        rows = Client(url, "secret").grade(items(4), cache=False)  # longer than 0.3 s
    assert passes(rows) == [True, False] * 2


def test_a_client_that_is_left_is_told(monkeypatch):
    monkeypatch.setattr(_connection, "SECONDS", 0.1)
    with (  # noqa: PT012 - a busy machine may come too late to send
        served(create_app(jobs=1)) as url,
        connect(url) as slow,
        pytest.raises(ConnectionResetError),
    ):
        slow.sendall(b"GET /health HTTP/1.1")
        slow.recv(1)


def test_a_client_that_does_not_read_is_left(monkeypatch):
    monkeypatch.setattr(_connection, "SECONDS", 0.3)
    with served(create_app(jobs=1)) as url, connect(url) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        stuck.settimeout(0.1)
        sent, deadline = 0, time.monotonic() + 30
        with pytest.raises(ConnectionError):  # noqa: PT012 - the service ends it while we send
            while time.monotonic() < deadline:
                try:
                    sent += stuck.send(request * 100)
                except TimeoutError:
                    continue
    assert sent


def test_connections_leave_descriptors_for_grading(monkeypatch):
    with served(create_app(jobs=1)) as url:
        limits = lambda _: (5, 5)  # noqa: E731
        with monkeypatch.context() as patch:
            patch.setattr(_connection.resource, "getrlimit", limits)
            first = [connect(url) for _ in range(2)]
            time.sleep(0.2)
            with suppress(ConnectionResetError):  # it may end before we have connected
                assert has_ended(connect(url))
        for each in first:
            each.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b"200 OK" in each.recv(100)


def test_a_length_does_not_count_beside_chunks():
    head = (
        "POST /grade HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with served(create_app(jobs=1)) as url, connect(url) as connection:
        connection.sendall(head.encode())
        assert b"411 Length Required" in connection.recv(100)


def test_a_stranger_who_leaves_in_the_middle_is_no_error():
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", b"9")]
    scope = {"type": "http", "method": "POST", "path": "/grade", "headers": headers}
    asyncio.run(_gate.Gate(None, "secret")(scope, receive, send))
    assert sent == []


def test_a_machine_without_descriptors_is_not_a_bad_request(monkeypatch):
    def nothing_left(self, items, **_):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(GradingQueue, "submit", nothing_left)
    answer = post("/grade", {"items": [item()]})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Too many open files" in json.loads(answer.text)["detail"]


def test_the_command_serves_with_these_limits(monkeypatch):
    asked = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **settings: asked.update(settings))
    monkeypatch.setattr("itertl_eval.grader.preflight", lambda: None)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert main(["serve"]) == 0
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert asked["http"] is Connection
    assert soft == hard
    assert asked["port"] == _serve.PORT
