"""The client: addresses, answers of something else, and requests that are too large."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from itertl_eval.client import Client, _TooLarge
from itertl_eval.errors import UsageError


@pytest.mark.parametrize(
    ("address", "token", "url", "header"),
    [
        ("http://grader:8770/", "", "http://grader:8770", None),
        ("http://grader:8770", "abc", "http://grader:8770", "Bearer abc"),
        ("http://:a%20c@grader:8770/x", "", "http://grader:8770/x", "Bearer a c"),
        ("https://user:abc@[::1]:1", "", "https://[::1]:1", "Bearer abc"),
        ("http://:abc@grader", "def", "http://grader", "Bearer def"),
    ],
)
def test_a_token_may_be_part_of_the_address(address, token, url, header):
    client = Client(address, token)
    assert client.url == url
    assert client._headers.get("Authorization") == header


@pytest.mark.parametrize(
    "address", ["grader:8770", "", "http://", "ftp://grader", "http://grader:x", "http://grÄder"]
)
def test_what_is_no_address_is_refused_at_once_and_without_its_token(address):
    with pytest.raises(UsageError, match="is not an address") as refused:
        Client(address)
    assert "http://grader:8770" in str(refused.value)
    with pytest.raises(UsageError) as refused:
        Client(f"//:secret@{address}")
    assert "secret" not in str(refused.value)


ANSWERS = """\
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    connection, _ = server.accept()
    connection.recv(100_000)
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
    ],
)
def test_an_address_of_something_else_is_named(head, body):
    """The token follows no redirection, and nothing is asked twice."""
    command = [sys.executable, "-S", "-c", ANSWERS, head, body]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())
        client = Client(f"http://127.0.0.1:{port}", "secret", patience=10)
        with pytest.raises(UsageError, match=r"refuses: 302|does not answer as itertl-eval serve"):
            client.grade([{"completion": ""}])
        assert server.stdout.readline() == "nothing else\n"


def test_a_request_that_is_too_large_is_sent_in_parts(monkeypatch):
    asked = []

    def post(self, path, body):
        batch = json.loads(body)["items"]
        asked.append(len(batch))
        if len(batch) > 2 or batch[0]["sample"] == 9:
            raise _TooLarge("413")
        return {"verdicts": [{"sample": each["sample"]} for each in batch]}

    monkeypatch.setattr(Client, "_post", post)
    rows = Client("http://x").grade([{"sample": at} for at in range(5)])
    assert [row["sample"] for row in rows] == list(range(5))
    assert asked == [5, 2, 3, 1, 2]
    with pytest.raises(UsageError, match="413"):  # no smaller part is left
        Client("http://x").grade([{"sample": 9}])
