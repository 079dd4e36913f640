"""The resources server for NeMo-Gym, in front of a real grading service."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock

import httpx
import pytest

from itertl_eval import load_suite
from itertl_eval.serve import create_app
from tests.integrations.chat import chat_server, response
from tests.serve.test_app import served
from tests.serve.test_server import Server

gym = pytest.importorskip("nemo_gym.server_utils", exc_type=ImportError)
omegaconf = pytest.importorskip("omegaconf")
pytestmark = [pytest.mark.simulator, pytest.mark.slow]
FOLDER = Path(__file__).parents[2] / "integrations" / "nemo_gym"
ACTIVATE = Path(sys.prefix) / "bin" / "activate"
# Ray gives its processes 30 s to start, which a busy machine may exceed.
RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_raylet_start_wait_time_s": "300",
    "RAY_py_gcs_connect_timeout_s": "300",
}
SUITE, TASK = "rtl_core", "gray_counter"
REFERENCE = load_suite(SUITE)[TASK].reference
WRONG = REFERENCE.replace("<= ", "<= ~")


def load():
    spec = importlib.util.spec_from_file_location("itertl_verilog_app", FOLDER / "app.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # pydantic looks there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def grader(tmp_path):
    server = Server(tmp_path)
    yield server
    server.process.kill()
    server.process.wait()


async def verify(server, texts):
    transport = httpx.ASGITransport(server.setup_webserver())
    gym.set_global_aiohttp_client(gym.GlobalAIOHTTPAsyncClientConfig())
    async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as http:
        for text in texts:
            body = {
                "responses_create_params": {"input": [{"role": "user", "content": "q"}]},
                "response": response(text),
                "verifier_metadata": {"suite": SUITE, "task_id": TASK},
            }
            yield await http.post("/verify", json=body)


def answers(texts, **settings):
    """What NeMo-Gym's server answers with a configuration of `settings`."""
    app = load()
    place = {"host": "127.0.0.1", "port": 1, "entrypoint": "app.py", "name": "itertl_verilog"}
    config = app.ItertlResourcesServerConfig(**place, **settings)
    client = MagicMock(spec=gym.ServerClient, global_config_dict=omegaconf.OmegaConf.create({}))
    server = app.ItertlResourcesServer(config=config, server_client=client)

    async def collect():
        return [answer async for answer in verify(server, texts)]

    try:
        return asyncio.run(collect())
    finally:
        gym.global_aiohttp_client_exit()  # it belongs to this event loop


def test_nemo_gyms_own_server_forwards_the_verdict(grader):
    found = answers([REFERENCE, WRONG], grader=grader.url, token="secret")
    assert [answer.status_code for answer in found] == [200] * 2
    right, wrong = (answer.json() for answer in found)
    assert (right["passed"], right["reward"], right["stage"]) == (True, 1.0, "pass")
    assert (wrong["passed"], wrong["stage"]) == (False, "simulate")
    assert 0 < wrong["reward"] < 0.5


def test_a_machine_that_fails_is_an_error_of_the_rollout(monkeypatch):
    def lose(item):
        raise OSError("the disk is gone")

    monkeypatch.setattr("itertl_eval.grader._grading_pool.grade_item", lose)
    with served(create_app(jobs=1)) as url, pytest.raises(RuntimeError) as raised:
        answers([REFERENCE], grader=url, attempts=2)
    assert "not graded: 503" in str(raised.value)
    assert "the disk is gone" in str(raised.value)


@pytest.mark.skipif(not ACTIVATE.exists(), reason="NeMo-Gym activates a virtual environment")
def test_a_whole_rollout_by_nemo_gyms_own_command(grader, tmp_path):
    """Its servers, agent, collector and data preparation; only the model is a stand-in."""
    shutil.copytree(FOLDER, tmp_path / "resources_servers" / "itertl_verilog")
    prompt = load_suite(SUITE)[TASK].prompt.text
    row = {
        "responses_create_params": {"input": [{"role": "user", "content": prompt}]},
        "verifier_metadata": {"suite": SUITE, "task_id": TASK},
    }
    data = tmp_path / "resources_servers" / "itertl_verilog" / "data" / "train.jsonl"
    data.parent.mkdir()
    data.write_text(json.dumps(row) + "\n")
    # Each server has an environment; this one has what they need.
    for server in (
        "resources_servers/itertl_verilog",
        "responses_api_agents/simple_agent",
        "responses_api_models/openai_model",
    ):
        environment = tmp_path / "environments" / server / ".venv"
        environment.parent.mkdir(parents=True)
        environment.symlink_to(sys.prefix)
    with chat_server([REFERENCE, WRONG]) as (address, seen):
        settings = {
            "split": "train",
            "output_jsonl_fpath": tmp_path / "out" / "rollouts.jsonl",
            "num_repeats": 2,
            "num_samples_in_parallel": 1,
            "upload_rollouts_to_wandb": "false",
            "policy_base_url": address,
            "policy_api_key": "none",
            "policy_model_name": "m",
            "uv_venv_dir": tmp_path / "environments",
            "skip_venv_if_present": "true",
            "+itertl_verilog.resources_servers.itertl_verilog.grader": grader.url,
            "+itertl_verilog.resources_servers.itertl_verilog.token": "secret",
        }
        command = [
            Path(sys.executable).with_name("gym"),
            "eval",
            "run",
            "--config",
            "resources_servers/itertl_verilog/configs/itertl_verilog.yaml",
            "--config",
            "responses_api_models/openai_model/configs/openai_model.yaml",
            *(f"+{name}={value}" for name, value in settings.items()),
        ]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **RAY},
        )
    output = tmp_path / "out" / "rollouts.jsonl"
    assert output.exists(), done.stdout + done.stderr
    right, wrong = map(json.loads, output.read_text().splitlines())
    assert (right["passed"], right["reward"], right["stage"]) == (True, 1.0, "pass")
    assert (wrong["passed"], wrong["stage"]) == (False, "simulate")
    assert 0 < wrong["reward"] < 0.5
    assert [request["input"] for request in seen] == [row["responses_create_params"]["input"]] * 2
