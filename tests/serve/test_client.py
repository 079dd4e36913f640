"""The client: addresses, answers of something else, and requests that are too large."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from itertl_eval.client import Client
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader import _grading_pool, grade_item
from itertl_eval.serve import create_app
from tests.serve.test_app import REFERENCE, SUITE, TASK, WRONG, served


@pytest.mark.parametrize(
    "address", ["grader:8770", "", "http://", "ftp://grader", "http://grader:x"]
)
def test_what_is_no_address_is_refused_at_once(address):
    with pytest.raises(UsageError, match="is not like http://grader:8770"):
        Client(address).grade([{"completion": ""}])


ANSWERS = """\
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    connection, _ = server.accept()
    asked = b""
    while not asked.endswith(b"}"):  # closing with something unread would reset the connection
        asked += connection.recv(100_000)
    connection.sendall(b"HTTP/1.1 " + sys.argv[1].encode() + b"\\r\\n\\r\\n" + sys.argv[2].encode())
    connection.close()
    server.settimeout(0.2)
    try:
        print(server.accept()[0].recv(100_000))
    except TimeoutError:
        print("nothing else")
"""


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("302 Found\r\nLocation: /elsewhere", ""),
        ("200 OK", "<html>please log in</html>"),
        ("200 OK", "[1]"),
        ("200 OK", "{}"),
        ("200 OK", '{"verdicts": []}'),
        ("200 OK", '{"verdicts": "a"}'),
        ("500 Oops", '{"verdicts": [{}]}'),
    ],
)
def test_an_address_of_something_else_is_named(head, body):
    """The token follows no redirection, and nothing is asked twice."""
    command = [sys.executable, "-S", "-c", ANSWERS, head, body]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())
        client = Client(f"http://127.0.0.1:{port}", "secret", patience=10)
        with pytest.raises(UsageError, match=r"or is not `itertl-eval serve`: [2-5]0[02]"):
            client.grade([{"completion": ""}])
        assert server.stdout.readline() == "nothing else\n"


@pytest.fixture
def service():
    """A service that takes up to 5 samples and 100 letters, and repeats `sample`."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            items = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["items"]
            asked.append(len(items))
            letters = sum(len(each["completion"]) for each in items)
            fits = len(items) <= 5 and letters <= 100
            rows = [{"sample": each["sample"]} for each in items]
            body = json.dumps({"verdicts": rows} if fits else {"detail": "too large"}).encode()
            self.send_response(200 if fits else 413)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_): ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Client(f"http://127.0.0.1:{server.server_port}"), asked
        server.shutdown()


def test_a_request_that_is_too_large_is_sent_in_parts(service):
    client, asked = service
    assert client.grade([]) == []
    many = [{"completion": "", "sample": at} for at in range(11)]
    assert [row["sample"] for row in client.grade(many)] == list(range(11))
    large = [{"completion": "x" * 40, "sample": at} for at in range(5)]
    assert [row["sample"] for row in client.grade(large)] == list(range(5))
    assert asked == [0, 11, 5, 6, 3, 3, 5, 2, 3, 1, 2]
    with pytest.raises(UsageError, match="413"):  # no smaller part is left
        client.grade([{"completion": "x" * 101, "sample": 9}])


def test_half_of_a_surrogate_pair_is_sent(service):
    client, _ = service
    assert client.grade([{"completion": "\ud800", "sample": 1}]) == [{"sample": 1}]


@pytest.mark.parametrize("columns", [{}, {"suite": ["s"]}, {"reference": ["x"]}])
def test_a_missing_column_is_named(columns):
    missing = "instruction" if "reference" in columns else "task_id" if columns else "suite"
    with pytest.raises(UsageError, match=f"needs the column '{missing}'"):
        Client("http://x").trl_reward(["x"], **columns)


def test_a_client_is_copied_and_pickled_as_data_sets_do():
    client = pickle.loads(pickle.dumps(Client("http://x", "secret")))
    assert (client.url, client._headers["Authorization"]) == ("http://x", "Bearer secret")


@pytest.mark.parametrize("status", [429, 503])
def test_the_service_says_when_to_try_again_and_why_not(status, monkeypatch):
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Retry-After", "7")
            self.end_headers()
            self.wfile.write(b"no room")

        def log_message(self, *_): ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        client = Client(f"http://127.0.0.1:{server.server_port}", patience=15)
        with pytest.raises(InfrastructureError, match=f"did not grade: {status} no room"):
            client.trl_reward(["x"], suite=["s"], task_id=["t"])
        server.shutdown()
    assert waits == [7, 7, 7]


@pytest.mark.simulator
def test_a_sample_that_was_not_graded_has_no_reward(monkeypatch):
    def lose(item):
        if item.completion == "lost":
            raise OSError("the disk is gone")
        return grade_item(item)

    monkeypatch.setattr(_grading_pool, "grade_item", lose)
    columns = {"suite": [SUITE] * 3, "task_id": [TASK] * 3}
    completions = [REFERENCE, "lost", "no code"]
    with served(create_app(jobs=1)) as url:
        assert Client(url).trl_reward(completions, **columns) == [1.0, None, 0.0]
        monkeypatch.setattr("importlib.metadata.version", lambda _: "1.5.1")
        with pytest.raises(UsageError, match="takes for 0"):
            Client(url).trl_reward(completions, **columns)


@pytest.mark.simulator
def test_a_pair_is_rewarded_by_its_columns(monkeypatch, tmp_path):
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path))
    references = [REFERENCE, REFERENCE, "module none(input a); endmodule"]
    columns = {"instruction": ["Count in Gray code."] * 3, "reference": references}
    with served(create_app(jobs=1)) as url:
        chat = [{"role": "assistant", "content": REFERENCE}]
        right, wrong, refused = Client(url).trl_reward([chat, WRONG, REFERENCE], **columns)
    assert right == 1.0
    assert 0 < wrong < 0.5
    assert refused is None  # no testbench can be made from that reference
