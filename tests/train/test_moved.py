"""How far a fit moves the model, on completions that it was not trained on."""

import json

import pytest
import torch

from itertl_eval.suites import load_suite
from itertl_eval.train._loop import run
from itertl_eval.train.data._instruction import from_suite
from itertl_eval.train.models import Encoder, checkpoints
from itertl_eval.train.run import Rows

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_each_evaluation_says_how_far_the_model_has_moved(recipe, tmp_path, tiny_model, tiny_suite):
    fields = {"iterations": 0, "tuning": "full", "sft_updates": 3, "sft_learning_rate": 3e-3}
    base, sft = run(recipe(**fields))
    assert "heldout_moved" not in base
    encoder = Encoder(checkpoints.load_tokenizer(str(tiny_model)))
    models = [checkpoints.load(str(path)) for path in (tiny_model, tmp_path / "run/sft/fit/model")]

    prompts = {one.id: one.problem.prompt for one in from_suite(load_suite(str(tiny_suite)))}
    gaps = []
    for row in Rows(tmp_path / "run/base/heldout-sample/samples-0.jsonl"):
        prompt = encoder.prompt(prompts[row["task"]])
        ids = torch.tensor([prompt + row["ids"] + ([row["end"]] if "end" in row else [])])
        logs = []
        for model in models:
            with torch.no_grad():
                whole = model(ids).logits[0].log_softmax(-1)
            at = torch.arange(len(prompt) - 1, ids.shape[1] - 1)
            logs.append(whole[at, ids[0, len(prompt) :]].mean().item())
        gaps.append(logs[0] - logs[1])
    assert len(gaps) == 4
    assert sft["heldout_moved"] == pytest.approx(sum(gaps) / 4, abs=1e-4)
    assert abs(sft["heldout_moved"]) > 1e-3
    kept = tmp_path / "run/sft/heldout-sample/moved.json"
    assert json.loads(kept.read_text()) == sft["heldout_moved"]
    kept.write_text("0.5")  # a resumed run does not compute it again
    assert run(recipe(**fields))[1]["heldout_moved"] == 0.5
