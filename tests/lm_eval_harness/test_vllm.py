"""lm-eval's vLLM back end on our tasks, with a stand-in for vLLM itself: its interface by name,
and sampling parameters that refuse what vLLM's refuse."""

import sys

import pytest

from itertl_eval import load_suite
from tests.lm_eval_harness.run import evaluate, numbers

pytestmark = [pytest.mark.lm_eval, pytest.mark.simulator, pytest.mark.train]

FILES = {
    "vllm/__init__.py": '''
from dataclasses import dataclass, field
from types import SimpleNamespace

CALLS = []
ANSWER = None


@dataclass
class SamplingParams:
    """The fields that vLLM 0.11 knows and that lm-eval may set; any other is a TypeError."""

    n: int = 1
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None
    stop: list = field(default_factory=list)
    stop_token_ids: list = field(default_factory=list)
    ignore_eos: bool = False
    max_tokens: int = 16
    min_tokens: int = 0
    logprobs: int | None = None
    prompt_logprobs: int | None = None
    detokenize: bool = True
    skip_special_tokens: bool = True
    spaces_between_special_tokens: bool = True
    include_stop_str_in_output: bool = False


def TokensPrompt(prompt_token_ids):
    return {"prompt_token_ids": prompt_token_ids}


class LLM:
    def __init__(self, **arguments):
        config = SimpleNamespace(max_model_len=4096)
        self.llm_engine = SimpleNamespace(model_config=config)

    def generate(self, prompts, sampling_params, use_tqdm, lora_request):
        answers = []
        for prompt, settings in zip(prompts, sampling_params, strict=True):
            CALLS.append(settings)
            text = ANSWER(prompt["prompt_token_ids"], len(CALLS))
            answers.append(SimpleNamespace(outputs=[SimpleNamespace(text=text)]))
        return answers
''',
    "vllm/lora/__init__.py": "",
    "vllm/lora/request.py": "class LoRARequest: ...",
    "vllm/renderers/__init__.py": "",
    "vllm/renderers/hf.py": "def resolve_chat_template(**_): return None",
    "vllm/tokenizers.py": """
from transformers import AutoTokenizer

def get_tokenizer(name, **_):
    return AutoTokenizer.from_pretrained(name)
""",
    "vllm-0.11.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: vllm\nVersion: 0.11.0\n",
}


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vllm")
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        import vllm

        yield vllm
    for name in [name for name in sys.modules if name.split(".")[0] == "vllm"]:
        del sys.modules[name]


@pytest.fixture
def vllm(stand_in):
    stand_in.CALLS.clear()
    return stand_in


def test_vllm_draws_n_samples_by_its_own_settings(vllm, tiny_model):
    right = next(iter(load_suite("rtl_core").values())).reference

    def answer(ids, count):
        assert ids
        return right if count % 4 == 0 else "module nothing(); endmodule"

    vllm.ANSWER = answer
    results = evaluate(
        ["rtl_core"],
        "vllm",
        {"pretrained": str(tiny_model)},
        limit=1,
        metadata={"n_samples": 8},
        gen_kwargs="temperature=0.8,top_p=0.95",
    )
    assert len(vllm.CALLS) == 8
    assert numbers(results)["pass@1"] == pytest.approx(2 / 8)
    assert numbers(results)["pass@8"] == 1.0
    for settings in vllm.CALLS:
        assert settings.temperature == pytest.approx(0.8, abs=1e-9)
        assert settings.top_p == 0.95
        assert settings.seed is None  # one seed for all requests would draw one sample n times
        assert settings.max_tokens > 500
    # This distinguishes the samples, in lm-eval's cache too.
    assert len({settings.temperature for settings in vllm.CALLS}) == 8


def test_vllm_decodes_greedily_by_default(vllm, tiny_model):
    vllm.ANSWER = lambda ids, count: "module nothing(); endmodule"
    evaluate(["rtl_core"], "vllm", {"pretrained": str(tiny_model)}, limit=2)
    assert [settings.temperature for settings in vllm.CALLS] == [0.0, 0.0]
