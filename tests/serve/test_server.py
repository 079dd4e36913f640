"""A real server process: the client, kills in the middle, a stop that loses nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from itertl_eval import load_suite
from itertl_eval.cli import main
from itertl_eval.client import Client
from itertl_eval.errors import InfrastructureError, UsageError

pytestmark = pytest.mark.simulator
SUITE, TASK = "rtl_core", "gray_counter"
REFERENCE = load_suite(SUITE)[TASK].reference
WRONG = REFERENCE.replace("<= ", "<= ~")


def items(count):
    """Samples that are all different for the cache, right and wrong ones in turn."""
    # A comment alone makes no difference for the cache.
    ends = (f"wire [31:0] only_here = {at};\nendmodule" for at in range(count))
    texts = ((WRONG if at % 2 else REFERENCE).replace("endmodule", e) for at, e in enumerate(ends))
    return [{"suite": SUITE, "task_id": TASK, "completion": text} for text in texts]


def passes(rows):
    return [row["passed"] for row in rows]


class Server:
    """`itertl-eval serve` in a separate process."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = folder / "token"
        self.token.write_text("secret\n")
        self.log = folder / "log"
        self.environment = {**os.environ, "ITERTL_EVAL_CACHE": str(folder / "cache")}
        self.start()

    def start(self) -> None:
        command = [
            "serve",
            "--port",
            str(self.port),
            "--token-file",
            str(self.token),
            "--jobs",
            "2",
        ]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "itertl_eval.cli", *command],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # or `stop` would send Ctrl-C to the tests, too
            )
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/health") as health:
                    assert json.load(health)["status"] == "ok"
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def workers(self) -> list[int]:
        listed = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listed.stdout.split()]

    def stop(self, how: signal.Signals) -> int:
        if how == signal.SIGINT:  # a terminal sends it to the whole process group
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        return self.process.wait(60)


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.process.kill()
    server.process.wait()


def test_the_client_is_a_reward(server):
    client = Client(server.url, "secret", patience=10)
    columns = {"suite": [SUITE] * 2, "task_id": [TASK] * 2}
    good, bad = client.trl_reward(completions=[REFERENCE, [{"content": WRONG}]], **columns)
    assert good == 1.0
    assert bad < 0.5
    with pytest.raises(UsageError, match="401"):
        Client(server.url, "wrong").grade(items(1))
    with pytest.raises(UsageError, match="no problem"):
        client.grade([{**items(1)[0], "task_id": "nosuch"}])


def wait_for_grading(server):
    deadline = time.monotonic() + 30
    waiting = 0
    while not waiting and time.monotonic() < deadline:
        with urllib.request.urlopen(f"{server.url}/health") as health:
            waiting = json.load(health)["waiting"]
    assert waiting


def test_nothing_is_lost_when_a_worker_is_killed(server):
    client = Client(server.url, "secret")
    client.grade(items(2))  # now there are workers
    workers = server.workers()
    assert workers
    rows: list[dict] = []
    asking = threading.Thread(target=lambda: rows.extend(client.grade(items(40))))
    asking.start()
    wait_for_grading(server)
    os.kill(workers[0], signal.SIGKILL)
    assert not rows
    asking.join(120)
    assert passes(rows) == [at % 2 == 0 for at in range(40)]
    assert workers[0] not in server.workers()


def test_the_client_waits_for_a_server_that_is_killed_and_comes_back(server):
    client = Client(server.url, "secret", patience=60)
    rows: list[dict] = []
    asking = threading.Thread(target=lambda: rows.extend(client.grade(items(60))))
    asking.start()
    wait_for_grading(server)
    server.stop(signal.SIGKILL)
    assert not rows
    server.start()
    asking.join(120)
    assert passes(rows) == [at % 2 == 0 for at in range(60)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_was_accepted(server, how):
    client = Client(server.url, "secret", patience=0)
    rows: list[dict] = []
    asking = threading.Thread(target=lambda: rows.extend(client.grade(items(30))))
    asking.start()
    wait_for_grading(server)
    assert server.stop(how) in (0, -how)
    asking.join(60)
    assert passes(rows) == [at % 2 == 0 for at in range(30)]
    with pytest.raises(InfrastructureError, match="did not grade"):
        client.grade(items(1))


def test_an_address_that_others_reach_needs_a_token(tmp_path, capsys):
    assert main(["serve", "--host", "0.0.0.0"]) == 2
    assert "--token-file" in capsys.readouterr().err
    empty = tmp_path / "token"
    empty.touch()
    assert main(["serve", "--token-file", str(empty)]) == 2
    assert "is empty" in capsys.readouterr().err
