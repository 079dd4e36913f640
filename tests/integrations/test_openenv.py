"""The environment for OpenEnv, served by OpenEnv. Runs where it is installed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.errors import InfrastructureError

pytest.importorskip("openenv.core", exc_type=ImportError)
environment = pytest.importorskip(
    "itertl_openenv", reason="pip install ./integrations/openenv", exc_type=ImportError
)
pytestmark = pytest.mark.simulator
FOLDER = Path(__file__).parents[2] / "integrations" / "openenv"
SUITE, TASK = "rtl_core", "gray_counter"
REFERENCE = load_suite(SUITE)[TASK].reference
WRONG = REFERENCE.replace("<= ", "<= ~")


def test_the_manifest_is_valid():
    program = Path(sys.executable).with_name("openenv")
    command = [program, "validate", FOLDER, "--level", "static", "--skip-build"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "PASS" in done.stdout, done.stdout + done.stderr


@pytest.fixture
def address(request):
    """A server with the variables of the test's parameter, if it has one."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "server.app:app", "--port", str(port)],
        cwd=FOLDER,
        env={**os.environ, "ITERTL_TURNS": "3", **getattr(request, "param", {})},
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/health").close()
            break
        except OSError:
            time.sleep(0.2)
    yield url
    server.terminate()
    server.wait(60)


@pytest.mark.slow
def test_an_episode_over_openenvs_own_client_and_server(address):
    with environment.VerilogEnv(base_url=address).sync() as client:
        first = client.reset(task_id=TASK).observation
        assert load_suite(SUITE)[TASK].prompt.text.strip() in first.text
        wrong = client.step(environment.Completion(completion=WRONG))
        assert (wrong.done, wrong.observation.stage) == (False, "simulate")
        assert 0 < wrong.reward < 0.5
        assert "its behavior is wrong" in wrong.observation.text
        right = client.step(environment.Completion(completion=REFERENCE))
        assert (right.done, right.reward, right.observation.passed) == (True, 1.0, True)


def test_an_infrastructure_error_is_no_observation(monkeypatch):
    def lose(problem, completion):
        return replace(grade(problem, ""), status="infra_error", message="the disk is gone")

    monkeypatch.setattr(environment, "grade", lose)
    episode = environment.VerilogEnvironment()
    episode.reset(task_id=TASK)
    with pytest.raises(InfrastructureError, match=f"{TASK} was not graded: the disk is gone"):
        episode.step(environment.Completion(completion=REFERENCE))


@pytest.mark.slow
@pytest.mark.parametrize("address", [{"ITERTL_EVAL_ICARUS": "/nowhere"}], indirect=True)
def test_a_machine_that_cannot_grade_is_an_error_of_the_step(address):
    with environment.VerilogEnv(base_url=address).sync() as client:
        client.reset(task_id=TASK)
        with pytest.raises(RuntimeError, match="Icarus Verilog was not found"):
            client.step(environment.Completion(completion=REFERENCE))
