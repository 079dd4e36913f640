"""Every setting of a run, by group, with its default, its range and its help text."""

# ruff: noqa: RUF009 (`_field` makes a dataclasses.field, a new one for each use)
from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

ADAPTER_RATE = 2e-4
FULL_RATE = 1e-5


def _field(default: Any, text: str) -> Any:
    metadata = {"help": text}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass
class DataArguments:
    """The instructions to learn from, the held-out problems, and the base model."""

    model: str | None = _field(
        None, "base model: a folder or a hub name; none: a small one is trained first"
    )
    model_folder: str | None = _field(
        None, "folder for that small model; none: a folder of the run"
    )
    model_revision: str | None = _field(None, "revision of a hub model")
    model_size: Literal["tiny", "small", "medium"] = _field(
        "tiny", "size of the small model that is trained without `model`"
    )
    model_steps: int = _field(300, "training steps of that small model")
    model_levels: list[int] = _field(
        [1, 2, 3], "levels of its training data; a level named twice comes twice as often"
    )
    corpus: str | None = _field(
        None, "folder of a generated corpus; it is generated there if missing"
    )
    corpus_train: int = _field(200, "instructions of the generated corpus")
    corpus_heldout: int = _field(40, "held-out problems of the generated corpus")
    corpus_levels: list[int] = _field([], "its levels of difficulty; none: 1 to 6")
    corpus_families: list[str] = _field(
        [], "its families of circuits, which the small model learns as well; none: all"
    )
    corpus_seed: int = _field(0, "seed of the generated corpus")
    train_data: list[str] = _field(
        [],
        "instead of the corpus: suites, folders of tasks, or pairs: JSONL, JSON, Parquet, "
        "a folder of `datasets`, a hub name ORG/NAME[@REVISION]",
    )
    heldout_data: list[str] = _field(
        [], "held-out problems: suites or folders of tasks; none: those of the generated corpus"
    )
    field_names: list[str] = _field(
        [],
        "columns of a pairs file: instruction=COLUMN reference=COLUMN [input=COLUMN], "
        "or messages=COLUMN",
    )
    on_bad_row: Literal["skip", "refuse"] = _field("refuse", "what to do with an unusable row")
    testbench: Literal["from-reference", "ports-only"] = _field(
        "from-reference",
        "what grades an instruction without a testbench: one made from its reference, or only "
        "its ports",
    )
    prove_testbenches: bool = _field(
        False,
        "prove that mutants which such a testbench misses behave the same, or test the "
        "counterexample too (extra `formal`)",
    )
    max_instructions: int = _field(0, "use only the first N instructions; 0: all")
    references: float = _field(
        1.0, "share of the instructions whose reference is shown to training"
    )
    self_contained: bool = _field(True, "remove references that do not elaborate alone")
    contamination: list[str] = _field(
        [], "suites; instructions too close to one of their problems are removed"
    )
    chat_template: bool = _field(False, "wrap prompts in the tokenizer's chat template")
    chat_template_arguments: str = _field(
        "{}", 'JSON: arguments of the chat template, such as {"enable_thinking": false}'
    )


@dataclass
class SampleArguments:
    """How completions are sampled."""

    sampler: Literal["transformers", "server", "vllm"] = _field("transformers", "back end")
    samples_per_instruction: int = _field(4, "new completions per instruction and iteration (K-1)")
    instructions_per_iteration: int = _field(
        0,
        "instructions to sample for in an iteration, other ones each time; 0: all. References "
        "and replayed samples of the remaining ones are still trained on",
    )
    difficulty: Literal["any", "unsolved", "between"] = _field(
        "any",
        "which instructions an iteration prefers, by the samples of earlier ones: unsolved "
        "(never solved), between (solved sometimes). Needs instructions_per_iteration",
    )
    temperature: float = _field(1.0, "sampling temperature; 0 is greedy")
    top_p: float = _field(1.0, "nucleus sampling: smallest set of tokens with this probability")
    max_new_tokens: int = _field(512, "longest completion, in tokens")
    max_prompt_tokens: int = _field(1024, "instructions with longer prompts are left out")
    sample_batch: int = _field(64, "sequences that are generated at once")
    stop_at_endmodule: bool = _field(
        True, "end a completion that continues a module header at endmodule"
    )
    sample_from: Literal["last", "first"] = _field(
        "last", "the model that samples: that of the previous iteration, or always the first one"
    )
    server_url: str = _field("http://127.0.0.1:8000/v1", "OpenAI-compatible server")
    server_model: str | None = _field(
        None, "the model's name there; none: the first one that the server lists"
    )
    server_concurrency: int = _field(16, "requests in flight")
    vllm_python: str = _field("python", "interpreter of the environment that has vLLM")
    vllm_engine: str = _field("{}", "JSON: more arguments of vllm.LLM, tensor_parallel_size or so")


@dataclass
class ObjectiveArguments:
    """How completions are scored and what is minimised."""

    objective: Literal[
        "clean", "rtlcoder-paper", "rtlcoder-code", "rrhf", "rft", "dpo", "clipped", "grpo"
    ] = _field(
        "clean", "preset of the loss; the formulas are in itertl_eval/train/fitting/_objectives.py"
    )
    score: Literal["functional", "paper"] = _field("functional", "preset of the score z")
    reference_weight: float = _field(1.0, "weight of the reference's likelihood (clean)")
    passing_weight: float = _field(1.0, "weight of a passing sample's likelihood (clean)")
    ranking_weight: float = _field(0.5, "weight of the ranking term (clean)")
    margin: float = _field(0.1, "margin in nats per token and unit of score (clean)")
    gap: float = _field(0.02, "pairs closer in score than this are not ranked (clean)")
    paper_margin: float = _field(0.3, "margin of the RTLCoder presets")
    paper_gap: float = _field(0.2, "smallest score gap of rtlcoder-code")
    dpo_beta: float = _field(0.1, "strength of the tie to the fit's first model (dpo)")
    dpo_likelihood: float = _field(0.0, "weight of the chosen completion's likelihood (dpo)")
    clip: float = _field(0.2, "how far a token's importance ratio may move from 1 (clipped, grpo)")
    kl_weight: float = _field(0.0, "weight of the KL penalty to the base (LoRA only)")
    replay: int = _field(2, "passing samples of earlier iterations kept per instruction")
    max_group: int = _field(8, "samples per group; more are split into several groups")


@dataclass
class TrainerArguments:
    """One fit: a transformers.Trainer run with a fresh optimizer."""

    tuning: Literal["lora", "qlora", "full"] = _field("lora", "which weights are trained")
    lora_r: int = _field(16, "rank")
    lora_alpha: int = _field(32, "scale times rank")
    lora_dropout: float = _field(0.0, "dropout of the adapter")
    lora_targets: list[str] = _field(["all-linear"], "module names, or all-linear")
    learning_rate: float | None = _field(
        None, "peak learning rate of an iteration; none: 2e-4 for adapters, 1e-5 for all weights"
    )
    lr_scheduler_type: str = _field("cosine", "as in transformers.TrainingArguments")
    warmup_ratio: float = _field(0.1, "share of the updates that warm up")
    weight_decay: float = _field(0.0, "AdamW's weight decay")
    optim: str | None = _field(
        None, "optimizer, as in transformers.TrainingArguments; none: its default, an AdamW"
    )
    adam_epsilon: float = _field(1e-8, "AdamW's epsilon")
    max_grad_norm: float = _field(1.0, "gradients are clipped to this norm")
    updates: int = _field(0, "optimizer updates per iteration; 0: by `epochs`")
    epochs: float = _field(1.0, "passes over the groups per iteration when `updates` is 0")
    batch_size: int = _field(8, "groups per update, over all ranks")
    micro_batch_size: int = _field(4, "groups per forward pass and rank")
    split_gradients: bool = _field(False, "two passes, one candidate in memory at a time; exact")
    split_rows: int = _field(1, "candidates in memory at once with split_gradients")
    group_by_length: bool = _field(
        True, "groups of similar length share a forward pass of an update, for less padding"
    )
    attn_implementation: str | None = _field(
        None, "attention of the fits, as in transformers: sdpa, eager, flash_attention_2"
    )
    gradient_checkpointing: bool = _field(False, "recompute activations in the backward pass")
    head_chunk: int = _field(1024, "response tokens per chunk of the output head; 0: all at once")
    bf16: bool = _field(False, "bfloat16 autocast")
    dtype: Literal["float32", "bfloat16", "float64"] = _field("float32", "the weights' type")
    fsdp: str = _field("", "as in transformers.TrainingArguments")
    deepspeed: str | None = _field(None, "a DeepSpeed configuration file")
    save_steps: int = _field(20, "updates between checkpoints, from which a killed fit resumes")

    def __post_init__(self) -> None:
        if self.learning_rate is None:  # a run folder records the number
            self.learning_rate = FULL_RATE if self.tuning == "full" else ADAPTER_RATE

    @property
    def peak_rate(self) -> float:
        """Return the learning rate, given or by default."""
        assert self.learning_rate is not None
        return self.learning_rate


@dataclass
class LoopArguments:
    """The iterations and what ends them."""

    run_dir: str = _field(
        "runs/demo", "folder of this run; the same command resumes it after a kill"
    )
    iterations: int = _field(3, "rounds of sample, grade, fit")
    sft: bool = _field(True, "supervised fine-tuning on the references first")
    sft_updates: int = _field(0, "its updates; 0: by `sft_epochs`")
    sft_epochs: float = _field(1.0, "its passes over the references when `sft_updates` is 0")
    sft_learning_rate: float = _field(0.0, "its learning rate; 0: the same as the iterations'")
    restart_from_base: bool = _field(
        False, "start each fit from the model before iteration 1 instead of the last one"
    )
    evaluate_base: bool = _field(True, "also evaluate the model before any training")
    eval_samples: int = _field(1, "completions per held-out problem; 1 is greedy")
    eval_temperature: float = _field(0.8, "their temperature when there are several")
    patience: int = _field(0, "stop after this many iterations without a better pass@1; 0: never")
    jobs: int = _field(0, "completions graded at a time; 0: one per core")
    executor: str = _field("local", "where they are graded: local, ray or MODULE:FACTORY")
    max_infra_errors: float = _field(
        0.1, "largest share of samples that this machine may fail to grade before the run stops"
    )
    seed: int = _field(0, "the run's seed; all others are derived from it")


@dataclass
class ReportArguments:
    """What is written and shown."""

    report_to: list[str] = _field(
        ["none"], "tensorboard, wandb, trackio, as transformers knows them"
    )
    logging_steps: int = _field(5, "updates between two log lines")
    merge: bool = _field(False, "also write the merged weights to final/merged")
    push_to_hub: str | None = _field(None, "repository that final/ is uploaded to")
    dry_run: bool = _field(False, "print counts and estimates and stop")


GROUPS = (
    DataArguments,
    SampleArguments,
    ObjectiveArguments,
    TrainerArguments,
    LoopArguments,
    ReportArguments,
)


FREE = frozenset(
    {
        "run_dir", "dry_run", "report_to", "logging_steps", "jobs", "executor", "max_infra_errors",
        "push_to_hub", "merge", "server_url", "server_concurrency", "vllm_python", "save_steps",
        "micro_batch_size", "head_chunk", "gradient_checkpointing", "split_gradients",
        "split_rows", "group_by_length", "attn_implementation", "fsdp", "deepspeed", "iterations",
        "patience",
    }
)  # fmt: skip
"""Fields that may differ between two starts of one run: they change no finished step."""

FIT_ONLY = frozenset(
    {
        *(entry.name for entry in fields(ObjectiveArguments) if entry.name != "score"),
        *(e.name for e in fields(TrainerArguments) if e.name not in ("dtype", "bf16")),
        "sft_updates",
        "sft_epochs",
        "sft_learning_rate",
    }
)
"""Fields that no step before the first fit uses."""
