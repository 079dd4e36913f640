"""The resources server for NeMo-Gym, in front of a real grading service."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from unittest.mock import MagicMock

import httpx
import pytest

from itertl_eval import load_suite
from tests.serve.test_app import response
from tests.serve.test_server import Server

gym = pytest.importorskip("nemo_gym.server_utils", exc_type=ImportError)
omegaconf = pytest.importorskip("omegaconf")
pytestmark = [pytest.mark.simulator, pytest.mark.slow]
FOLDER = Path(__file__).parents[2] / "integrations" / "nemo_gym"
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


def rollout(text):
    more = {"created_at": 0, "model": "m", "parallel_tool_calls": False, "tool_choice": "auto"}
    found = {**response(text), **more, "tools": []}
    found["output"][1]["status"] = "completed"
    return found


async def verify(server, texts):
    transport = httpx.ASGITransport(server.setup_webserver())
    gym.set_global_aiohttp_client(gym.GlobalAIOHTTPAsyncClientConfig())
    async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as http:
        for text in texts:
            body = {
                "responses_create_params": {"input": [{"role": "user", "content": "q"}]},
                "response": rollout(text),
                "verifier_metadata": {"suite": SUITE, "task_id": TASK},
            }
            answer = await http.post("/verify", json=body)
            assert answer.status_code == 200, answer.text
            yield answer.json()


def test_nemo_gyms_own_server_forwards_the_verdict(grader):
    app = load()
    place = {"host": "127.0.0.1", "port": 1, "entrypoint": "app.py", "name": "itertl_verilog"}
    config = app.ItertlResourcesServerConfig(**place, grader=grader.url, token="secret")
    client = MagicMock(spec=gym.ServerClient, global_config_dict=omegaconf.OmegaConf.create({}))
    server = app.ItertlResourcesServer(config=config, server_client=client)

    async def both():
        return [found async for found in verify(server, [REFERENCE, WRONG])]

    right, wrong = asyncio.run(both())
    assert (right["passed"], right["reward"], right["stage"]) == (True, 1.0, "pass")
    assert (wrong["passed"], wrong["stage"]) == (False, "simulate")
    assert 0 < wrong["reward"] < 0.5
