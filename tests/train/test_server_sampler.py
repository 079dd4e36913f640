"""The back end that samples from a server, against a stand-in."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from itertl_eval.errors import InfrastructureError
from itertl_eval.train.models import checkpoints
from itertl_eval.train.models._encoder import Encoder
from itertl_eval.train.sampling import _server_sampler as sample_server
from itertl_eval.train.sampling._protocol import SamplingParams
from itertl_eval.train.sampling._server_sampler import ServerSampler
from itertl_eval.train.sampling._server_sampler import served_models as models
from tests.train.test_sample import by_key, requests

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def encoder(tiny_model):
    return Encoder(checkpoints.load_tokenizer(str(tiny_model)))


class Fake(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that answers with the seed, and fails once on the way."""

    failures = 1
    reason = "stop"
    odd = None  # what it says to everything instead
    missing = 0  # so many bytes of each body are never sent
    seen: list

    def do_GET(self):
        self._send(200, {"data": [{"id": "base"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).seen.append((self.path, body))
        if self.path.endswith("lora_adapter"):
            return self._send(404, {"error": "no adapters here"})
        if type(self).failures:
            type(self).failures -= 1
            return self._send(503, {"error": "busy"})
        text = f"  assign y = {body['seed']};\nendmodule\n trailing prose"
        return self._send(200, {"choices": [{"text": text, "finish_reason": self.reason}]})

    def _send(self, status, body):
        data = json.dumps(body).encode() if self.odd is None else self.odd
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) + self.missing))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    Fake.seen, Fake.failures = [], 1
    http = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}/v1"
    http.shutdown()
    thread.join()


def test_server_back_end(server, encoder, tmp_path):
    sampler = ServerSampler(server, None, SamplingParams(0.7, 0.9, 50, 8), encoder, "base", 4)
    wanted = requests(encoder, count=2)
    got = by_key([s for part in sampler.sample(wanted) for s in part])
    for request in wanted:
        sample = got[request.key]
        assert sample.text == f"  assign y = {request.seed};\nendmodule"
        assert sample.finish == "endmodule"
        assert sample.ids is None
    body = Fake.seen[-1][1]
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.7, 0.9, 50)
    assert body["model"] == "base"
    assert body["add_special_tokens"] is True


def test_a_server_adds_no_token_to_a_chat_templates(server, tiny_model):
    tokenizer = checkpoints.load_tokenizer(str(tiny_model))
    tokenizer.chat_template = "<s>{{ messages[0]['content'] }}"
    encoder = Encoder(tokenizer, chat=True)
    sampler = ServerSampler(server, "base", SamplingParams(1, 1, 5, 8), encoder, "base", 4)
    list(sampler.sample(requests(encoder, count=1, prompts=("x",))))
    assert Fake.seen[-1][1]["add_special_tokens"] is False


def test_a_server_that_is_not_there_is_named_with_what_to_do(encoder, monkeypatch):
    monkeypatch.setattr(sample_server.time, "sleep", lambda _: None)
    with pytest.raises(InfrastructureError, match="Is the server running"):
        ServerSampler("http://127.0.0.1:9/v1", None, SamplingParams(1, 1, 5, 8), encoder, "base", 4)


def test_server_without_adapters_is_an_error(server, encoder, tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(InfrastructureError, match="did not load the adapter"):
        ServerSampler(server, None, SamplingParams(1, 1, 5, 8), encoder, str(tmp_path), 4)


@pytest.mark.parametrize("reason", ["abort", "error", "content_filter", None, {"type": "stop"}])
def test_a_completion_that_the_model_did_not_end_is_an_error(server, encoder, monkeypatch, reason):
    monkeypatch.setattr(Fake, "reason", reason)
    sampler = ServerSampler(server, None, SamplingParams(1, 1, 5, 8), encoder, "base", 4)
    with pytest.raises(InfrastructureError, match="ended a completion with"):
        list(sampler.sample(requests(encoder, count=1)))


@pytest.mark.parametrize(
    "said", ['{"error": "no GPU"}', "<html>log in</html>", "[1]", '{"choices": [{"text": null}]}']
)
def test_what_is_no_completion_is_shown_with_the_server(server, encoder, monkeypatch, said):
    sampler = ServerSampler(server, "base", SamplingParams(1, 1, 5, 8), encoder, "base", 4)
    monkeypatch.setattr(Fake, "odd", said.encode())
    monkeypatch.setattr(Fake, "failures", 0)
    for ask in (lambda: list(sampler.sample(requests(encoder, count=1))), lambda: models(server)):
        with pytest.raises(InfrastructureError) as error:
            ask()
        assert server in str(error.value)
        assert f"It said: {said}" in str(error.value)


def test_a_server_without_a_model_is_an_error(server, monkeypatch):
    monkeypatch.setattr(Fake, "odd", b'{"data": []}')
    with pytest.raises(InfrastructureError, match="serves no model"):
        models(server)


def test_a_connection_that_is_cut_in_the_body_is_tried_again(server, encoder, monkeypatch):
    sampler = ServerSampler(server, "base", SamplingParams(1, 1, 5, 8), encoder, "base", 1)
    monkeypatch.setattr(sample_server.time, "sleep", lambda _: None)
    monkeypatch.setattr(Fake, "missing", 5)
    with pytest.raises(InfrastructureError, match="5 more expected"):
        list(sampler.sample(requests(encoder, count=1)[:1]))
    assert len(Fake.seen) == sample_server.ATTEMPTS
