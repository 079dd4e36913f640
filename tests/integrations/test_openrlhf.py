"""The reward in OpenRLHF's own rollout. Runs where OpenRLHF is installed; its engine is a stub."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from itertl_eval import load_suite, rewards
from tests.serve.test_server import Server
from tests.train.conftest import write_model

agent = pytest.importorskip("openrlhf.utils.agent", exc_type=ImportError)
pytestmark = [pytest.mark.simulator, pytest.mark.train]
SUITE, TASK = "rtl_core", "gray_counter"
PROBLEM = load_suite(SUITE)[TASK]
WRONG = PROBLEM.reference.replace("<= ", "<= ~")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    from transformers import AutoTokenizer

    folder = write_model(tmp_path_factory.mktemp("openrlhf") / "model")
    return AutoTokenizer.from_pretrained(folder)


def rollouts(tokenizer, texts, where, label=f"{SUITE}/{TASK}"):
    """Run OpenRLHF's executor for one prompt with an engine that writes the texts."""
    written = iter(texts)

    class Engine:
        async def generate(self, tokens, *_, **__):
            ids = tokenizer(f"{next(written)}</s>", add_special_tokens=False).input_ids
            end = SimpleNamespace(token_ids=ids, finish_reason="stop", logprobs=None)
            return SimpleNamespace(outputs=[end])

    async def run():
        executor = agent.SingleTurnAgentExecutor(where)
        sampling = SimpleNamespace(max_tokens=1000, logprobs=None)
        more = sampling, 10_000, tokenizer, Engine()
        calls = (executor.execute(PROBLEM.prompt.text, label, *more) for _ in texts)
        return await asyncio.gather(*calls)

    return asyncio.run(run())


def floats(value):
    return [float(each) for each in value]


def check(found):
    right, wrong = found
    assert floats(right["reward"]) == floats(right["scores"]) == [1.0]
    assert 0 < floats(wrong["reward"])[0] < 0.5
    assert floats(wrong["scores"]) == floats(wrong["extra_logs"]["passed"]) == [0.0]


def test_a_function_is_the_reward_of_a_rollout(tokenizer):
    check(rollouts(tokenizer, [PROBLEM.reference, WRONG], rewards.__file__))


def test_a_machine_that_fails_gives_no_reward(tokenizer, monkeypatch):
    def broken(item):
        raise OSError("the disk is gone")

    monkeypatch.setattr("itertl_eval.grader._grading_pool.grade_item", broken)
    (found,) = rollouts(tokenizer, [PROBLEM.reference], rewards.__file__)
    assert found["reward"] is None


def test_the_service_is_the_reward_of_a_rollout(tokenizer, tmp_path):
    server = Server(tmp_path)
    address = f"{server.url.replace('//', '//:secret@')}/get_reward"  # its client has no headers
    try:
        check(rollouts(tokenizer, [PROBLEM.reference, WRONG], address))
    finally:
        server.process.kill()
        server.process.wait()
