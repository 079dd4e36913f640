"""The vLLM sampler: against a stand-in that writes what it is told, and against a real vLLM."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time

import pytest
import torch

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.problem import Prompt
from itertl_eval.train.config._recipe import make_recipe
from itertl_eval.train.models import checkpoints
from itertl_eval.train.models._encoder import Encoder
from itertl_eval.train.models.checkpoints import Checkpoint
from itertl_eval.train.sampling._engines import Engines
from itertl_eval.train.sampling._hf_sampler import TransformersSampler
from itertl_eval.train.sampling._protocol import Request, SamplingParams
from itertl_eval.train.sampling._vllm_sampler import VllmSampler, environment
from tests.train.conftest import write_model

pytestmark = pytest.mark.train

HEADER = "module and_gate (\n"
VLLM = """\
import json
import time
from pathlib import Path
from types import SimpleNamespace

FOLDER = Path(__file__).parents[2]
PLAN = json.loads((FOLDER / "plan.json").read_text())

class LLM:
    def __init__(self, **settings):
        print("vLLM prints to stdout", settings)
        self.note(engine=settings)
        time.sleep(PLAN["seconds"])
        facts = SimpleNamespace(max_model_len=PLAN["context"])
        self.llm_engine = SimpleNamespace(model_config=facts)
    def note(self, **facts):
        with open(FOLDER / "calls.jsonl", "a") as file:
            file.write(json.dumps(facts) + "\\n")
    def generate(self, prompts, params, lora_request=None, use_tqdm=True):
        for each in params:
            self.note(lora=lora_request and lora_request.facts, **each.settings)
        return [
            SimpleNamespace(outputs=[self.answer(prompt["prompt_token_ids"], **each.settings)])
            for prompt, each in zip(prompts, params)
        ]
    def answer(self, ids, stop, stop_token_ids, max_tokens, **_):
        answer = PLAN["answer"]
        drawn = next(n for n in range(len(answer), -1, -1) if not n or ids[-n:] == answer[:n])
        one = SimpleNamespace(token_ids=[], finish_reason="length", stop_reason=None, logprobs=[])
        text = ""
        for token in answer[drawn : drawn + max_tokens]:
            one.token_ids.append(token)
            one.logprobs.append({token: SimpleNamespace(logprob=-float(token))})
            text += PLAN["pieces"][str(token)]
            if token in stop_token_ids:
                one.finish_reason = "stop"
                break
            if stop and stop[0] in text:
                one.finish_reason, one.stop_reason = "stop", stop[0]
                break
        return one
class SamplingParams:
    def __init__(self, **settings):
        self.settings = settings
"""
LORA = "class LoRARequest:\n    def __init__(self, *facts):\n        self.facts = facts\n"


@pytest.fixture(scope="module")
def encoder(tiny_model):
    return Encoder(checkpoints.load_tokenizer(str(tiny_model)))


class StandIn:
    """A Python that finds a stand-in for vLLM, which answers every prompt with the same text."""

    def __init__(self, folder, encoder, text, context=512, seconds=0):
        self.folder = folder
        self.ids = [*encoder.tokenizer(text)["input_ids"], encoder.eos_id]
        pieces = {token: encoder.text([token]) for token in self.ids}
        plan = {"answer": self.ids, "pieces": pieces, "context": context, "seconds": seconds}
        (folder / "plan.json").write_text(json.dumps(plan))
        (folder / "lib/vllm/lora").mkdir(parents=True)
        (folder / "lib/vllm/__init__.py").write_text(VLLM)
        (folder / "lib/vllm/lora/__init__.py").write_text("")
        (folder / "lib/vllm/lora/request.py").write_text(LORA)
        self.python = folder / "python"
        self.python.write_text(f'#!/bin/sh\nPYTHONPATH={folder}/lib exec {sys.executable} "$@"\n')
        self.python.chmod(self.python.stat().st_mode | stat.S_IXUSR)

    def calls(self):
        return [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]


def request(encoder, text=HEADER, k=0):
    return Request("and", k, 100 + 10 * k, text, tuple(encoder.prompt(Prompt(text))), True)


def draw(sampler, wanted):
    try:
        return [sample for part in sampler.sample(wanted) for sample in part]
    finally:
        sampler.close()


@pytest.mark.parametrize("adapter", [False, True])
def test_an_engine_under_another_interpreter(encoder, tmp_path, adapter):
    path = tmp_path / "model"
    path.mkdir()
    if adapter:
        facts = {"base_model_name_or_path": "BASE", "r": 12}
        (path / "adapter_config.json").write_text(json.dumps(facts))
    python = StandIn(tmp_path, encoder, "assign y = a;\n")
    settings = SamplingParams(0.5, 0.9, 40, 4)
    base = "MOVED" if adapter else None
    sampler = VllmSampler(str(python.python), str(path), settings, encoder, {"seed": 3}, base)
    samples = draw(sampler, [request(encoder, k=k) for k in range(6)])
    assert [sample.number for sample in samples] == list(range(6))
    assert {sample.text for sample in samples} == {"assign y = a;\n"}
    first, *rest = python.calls()
    lora = {"enable_lora": True, "max_lora_rank": 16}  # no 12 for vLLM
    assert first["engine"] == (
        {"model": "MOVED", "seed": 3, **lora} if adapter else {"model": str(path), "seed": 3}
    )
    assert [call["seed"] for call in rest] == [100, 110, 120, 130, 140, 150]
    for call in rest:
        assert call["lora"] == (["adapter", 1, str(path)] if adapter else None)
        assert (call["temperature"], call["top_p"], call["max_tokens"]) == (0.5, 0.9, 40)


BODY = "  // no endmodule here\n  assign y = a;\nendmodule"


@pytest.mark.parametrize(
    ("answer", "tokens", "context", "wanted", "finish"),
    [
        (f"{BODY}\n", 200, 512, f"{BODY}\n", "eos"),
        (BODY, 200, 512, BODY, "eos"),
        (f"{BODY}\nmodule next(", 200, 512, f"{BODY}\n", "endmodule"),
        (f"{BODY}\n", 9, 512, None, "length"),
        (f"{BODY}\n", 200, 20, None, "length"),
    ],
)
def test_an_answer_ends_where_the_transformers_sampler_would_end_it(
    encoder, tmp_path, answer, tokens, context, wanted, finish
):
    python = StandIn(tmp_path, encoder, answer, context)
    one = request(encoder)
    settings = SamplingParams(1.0, 1.0, tokens, 4)
    (sample,) = draw(VllmSampler(str(python.python), "model", settings, encoder), [one])
    assert sample.finish == finish
    assert sample.ids == python.ids[: len(sample.ids)]
    assert sample.text == encoder.text(sample.ids)
    if wanted is None:
        assert len(sample.ids) == min(tokens, context - len(one.ids))
    else:
        assert sample.text == wanted
    counted = [*sample.ids, encoder.eos_id] if finish == "eos" else sample.ids
    assert sample.logprob == pytest.approx(-sum(counted) / len(counted))
    seeds = [call["seed"] for call in python.calls()[1:]]
    assert seeds == list(range(100, 100 + len(seeds)))


@pytest.mark.parametrize("room", [0, -3])
def test_a_prompt_that_fills_the_engines_context_is_refused(encoder, tmp_path, room):
    one = request(encoder)
    python = StandIn(tmp_path, encoder, "assign y = a;\n", context=len(one.ids) + room)
    sampler = VllmSampler(str(python.python), "model", SamplingParams(1, 1, 9, 4), encoder)
    with pytest.raises(UsageError, match=r"^and: .*Raise max_model_len in vllm_engine"):
        draw(sampler, [one])


def test_one_engine_serves_all_settings_of_a_model(encoder, tmp_path):
    python = StandIn(tmp_path, encoder, "assign y = a;\n")
    engine = '{"max_num_seqs": 8}'
    recipe = make_recipe(
        sampler="vllm",
        vllm_python=str(python.python),
        vllm_engine=engine,
        dtype="float64",
        model_revision="v2",
    )
    engines = Engines(recipe.sampling, recipe.trainer, encoder, "A", "v2")
    for model, temperature in (("A", 0.0), ("A", 0.7), ("B", 0.7)):
        sampler = engines.get(Checkpoint(model, model), SamplingParams(temperature, 1.0, 9, 4))
        list(sampler.sample([request(encoder)]))
    engines.release()
    given = {"dtype": "float32", "revision": "v2", "tokenizer_revision": "v2", "max_num_seqs": 8}
    calls = python.calls()
    assert [call.get("engine") for call in calls] == [
        {"model": "A", **given},
        None,
        None,
        {"model": "B", **given},
        None,
    ]
    assert [call.get("temperature") for call in calls] == [None, 0.0, 0.7, None, 0.7]


def test_an_engine_gets_a_card_of_its_own():
    rank = {"RANK": "5", "LOCAL_RANK": "1", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "2"}
    quiet = {"VLLM_LOGGING_LEVEL": "WARNING"}
    assert environment(rank) == {**quiet, "CUDA_VISIBLE_DEVICES": "1"}
    cards = {"CUDA_VISIBLE_DEVICES": "4,6"}
    assert environment(rank | cards) == {**quiet, "CUDA_VISIBLE_DEVICES": "6"}
    assert environment(cards) == {**quiet, **cards}
    loud = {"VLLM_LOGGING_LEVEL": "DEBUG"}
    assert environment(loud) == loud


def test_a_process_that_dies_is_an_infrastructure_error(encoder, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o755)
    with pytest.raises(InfrastructureError, match="status 3"):
        VllmSampler(str(python), "model", SamplingParams(1, 1, 9, 4), encoder)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells of a parent's death")
def test_an_engine_ends_with_a_trainer_that_is_killed(encoder, tmp_path):
    python = StandIn(tmp_path, encoder, "", seconds=60)
    code = (
        "from itertl_eval.train.sampling._vllm_sampler import VllmSampler\n"
        f"VllmSampler({str(python.python)!r}, 'model', None, None)"
    )
    trainer = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    while not (tmp_path / "calls.jsonl").exists():
        assert trainer.poll() is None
        time.sleep(0.05)
    trainer.kill()
    trainer.communicate(timeout=30)  # until the engine, too, has let go of stderr


def write_adapter(base, folder):
    """A random adapter of a rank that vLLM does not know."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(1)
    config = LoraConfig(
        task_type="CAUSAL_LM", r=12, target_modules="all-linear", init_lora_weights=False
    )
    get_peft_model(checkpoints.load(str(base)), config).save_pretrained(folder)
    return folder


@pytest.mark.vllm
@pytest.mark.slow
@pytest.mark.parametrize("adapter", [False, True])
def test_a_real_vllm_draws_what_the_model_would(encoder, tmp_path, adapter):
    base = write_model(tmp_path / "base", hidden=64)  # its CPU kernels begin at heads of 32
    path = str(write_adapter(base, tmp_path / "adapter") if adapter else base)
    prompts = [HEADER, "x", "assign y = a & b;"] * 4
    wanted = [request(encoder, text, k) for k, text in enumerate(prompts)]
    sampler = VllmSampler(
        os.environ["ITERTL_EVAL_VLLM_PYTHON"],
        path,
        SamplingParams(1.0, 1.0, 24, 12),
        encoder,
        {"dtype": "float32", "enforce_eager": True, "gpu_memory_utilization": 0.2},
    )
    drawn = [sample for part in sampler.sample(wanted) for sample in part]
    sampler.settings = SamplingParams(1.0, 1.0, 24, 5)
    assert [sample.ids for part in sampler.sample(wanted) for sample in part] == [
        sample.ids for sample in drawn
    ]
    assert len({tuple(sample.ids) for sample in drawn}) == len(drawn)

    model = checkpoints.load(path)
    for one, sample in zip(wanted, drawn, strict=True):
        ended = [encoder.eos_id] if sample.finish == "eos" else []
        answer = torch.tensor([[*sample.ids, *ended]])
        with torch.no_grad():
            logits = model(torch.cat([torch.tensor([one.ids]), answer], 1)).logits
        logs = logits.log_softmax(-1)[:, len(one.ids) - 1 : -1].gather(2, answer[..., None])
        assert sample.logprob == pytest.approx(logs.mean().item(), abs=1e-4)

    greedy = SamplingParams(0.0, 1.0, 24, 12)
    sampler.settings = greedy
    ours = [s for part in TransformersSampler(model, encoder, greedy).sample(wanted) for s in part]
    theirs = draw(sampler, wanted)
    assert {(s.text, s.finish) for s in theirs} == {(s.text, s.finish) for s in ours}
