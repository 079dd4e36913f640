"""The reward in verl's own managers. Runs where verl is installed; no engine and no GPU needed."""

from __future__ import annotations

import json

import pytest

from itertl_eval import rewards
from tests.train.conftest import MODULE, write_model, write_suite

reward_loader = pytest.importorskip("verl.trainer.ppo.reward", exc_type=ImportError)
pytestmark = [pytest.mark.simulator, pytest.mark.train]
TEXTS = [MODULE.format(name="and", expression=body) for body in ("a & b", "a | b")]


@pytest.fixture(scope="module")
def gates(tmp_path_factory):
    return str(write_suite(tmp_path_factory.mktemp("verl") / "gates"))


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    from transformers import AutoTokenizer

    folder = write_model(tmp_path_factory.mktemp("verl") / "model")
    return AutoTokenizer.from_pretrained(folder)


def batch(gates, tokenizer):
    """TEXTS as verl's workers hand them over: padded tokens, and the columns of the data set."""
    import numpy as np
    import torch
    from verl import DataProto

    rows = [tokenizer(text, add_special_tokens=False).input_ids for text in TEXTS]
    longest = max(map(len, rows))
    responses = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    prompts = torch.ones(len(rows), 3, dtype=torch.long)
    lengths = torch.tensor([len(row) for row in rows])
    mask = (torch.arange(longest) < lengths[:, None]).long()
    tensors = {
        "prompts": prompts,
        "responses": responses,
        "attention_mask": torch.cat([torch.ones_like(prompts), mask], 1),
    }
    named = {"ground_truth": json.dumps({"suite": gates, "task_id": "and_gate"})}
    columns = {"data_source": "rtl", "reward_model": named, "extra_info": {}}
    arrays = {k: np.array([v] * len(rows), dtype=object) for k, v in columns.items()}
    arrays["extra_info"] = np.array([{"index": at} for at in range(len(rows))], dtype=object)
    return DataProto.from_dict(tensors, arrays), lengths


def config(function):
    import omegaconf

    custom = {"path": rewards.__file__, "name": function}
    manager = {"source": "register", "name": "naive"}
    return omegaconf.OmegaConf.create(
        {"reward": {"custom_reward_function": custom, "reward_manager": manager}}
    )


@pytest.mark.parametrize("function", ["compute_score", "verl_reward_async"])
def test_the_reward_loops_manager(function, gates, tokenizer):
    import asyncio

    data, _ = batch(gates, tokenizer)

    async def score():
        manager = reward_loader.load_reward_manager(config(function), tokenizer)
        return await asyncio.gather(*(manager.run_single(data[at : at + 1]) for at in range(2)))

    right, wrong = asyncio.run(score())
    assert right["reward_score"] == 1.0
    assert right["reward_extra_info"] == {"score": 1.0, "passed": 1.0, "stage": "pass"}
    assert 0 < wrong["reward_score"] < 0.5
    assert wrong["reward_extra_info"]["stage"] == "simulate"


def test_the_batch_manager(gates, tokenizer):
    from verl.workers.reward_manager.batch import BatchRewardManager

    data, lengths = batch(gates, tokenizer)
    function = reward_loader.get_custom_reward_fn(config("verl_reward_batch"))
    found = BatchRewardManager(tokenizer, 0, function)(data, return_dict=True)
    at_end = found["reward_tensor"][[0, 1], lengths - 1]
    assert at_end[0] == 1
    assert 0 < at_end[1] < 0.5
    assert found["reward_tensor"].sum() == at_end.sum()
    assert found["reward_extra_info"]["stage"] == ["pass", "simulate"]
