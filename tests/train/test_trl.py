"""TRL's GRPO with the grader as its reward: three steps teach a small model to pass."""

from __future__ import annotations

import pytest

from itertl_eval.rewards import trl_reward, trl_reward_async
from itertl_eval.suites import load_suite
from tests.train.conftest import GATES, MODULE, write_model, write_suite

pytestmark = [pytest.mark.train, pytest.mark.simulator]
STEPS, SAMPLES = 3, 64
TASK = "and_gate"


def half_taught(folder, prompt):
    """A model that writes one of four functions for the prompt, of which one passes."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    write_model(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer.pad_token = tokenizer.eos_token
    designs = [MODULE.format(name="and", expression=expression) for expression in GATES.values()]
    rows = tokenizer([f"{prompt}{text}</s>" for text in designs], return_tensors="pt", padding=True)
    rows["labels"] = rows.input_ids.masked_fill(rows.attention_mask == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(80):
        loss = model(**rows).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize(
    "reward", [trl_reward_async, pytest.param(trl_reward, marks=pytest.mark.slow)]
)
def test_three_steps_raise_the_reward(reward, tmp_path):
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    suite = str(write_suite(tmp_path / "gates"))
    prompt = load_suite(suite)[TASK].prompt.text
    settings = GRPOConfig(
        output_dir=str(tmp_path / "out"),
        max_steps=STEPS,
        per_device_train_batch_size=SAMPLES,
        num_generations=SAMPLES,
        max_completion_length=64,
        mask_truncated_completions=False,
        learning_rate=1e-3,
        lr_scheduler_type="constant",
        use_cpu=True,
        bf16=False,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        seed=1,
    )
    row = {"prompt": prompt, "suite": suite, "task_id": TASK}
    trainer = GRPOTrainer(
        model=half_taught(tmp_path / "model", prompt),
        reward_funcs=reward,
        args=settings,
        train_dataset=Dataset.from_list([row] * STEPS),
    )

    def mean_reward():
        # In train mode with gradient checkpointing, TRL's default, transformers 5.10 drops the
        # cache after the prompt and generates noise.
        trainer.model.eval()
        inputs = trainer.processing_class([prompt] * SAMPLES, return_tensors="pt")
        written = trainer.model.generate(**inputs, do_sample=True, max_new_tokens=64)
        texts = trainer.processing_class.batch_decode(
            written[:, inputs.input_ids.shape[1] :], skip_special_tokens=True
        )
        columns = {"suite": [suite] * SAMPLES, "task_id": [TASK] * SAMPLES}
        return sum(trl_reward([prompt] * SAMPLES, texts, **columns)) / SAMPLES

    before = mean_reward()
    trainer.train()
    logged = [entry["reward"] for entry in trainer.state.log_history if "reward" in entry]
    assert len(logged) == STEPS
    assert logged[0] < logged[-1]
    assert mean_reward() > before + 0.3
