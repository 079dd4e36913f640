"""The lm-eval task: prompts from a Suite, grading by grade_many, pass@k as metrics.

lm-eval hands all completions of all problems to `apply_filters` at once, after generation; they
are graded there in parallel. lm-eval's documented way would be a Filter class, but a filter sees
texts and documents only: neither the number of a sample, nor the task's settings, nor
--predict_only, which runs filters too.

A verdict travels from there to `process_results` as JSON text, although both run in one process:
lm-eval keeps filtered responses as strings, gathers them from all ranks and calls str() on them
for --log_samples, where they are the record of each sample.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Any

import datasets
from lm_eval.api.instance import Instance
from lm_eval.api.task import ConfigurableTask

import itertl_eval.lm_eval._metrics as metrics
from itertl_eval._util.progress import Progress
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader import Item, grade_many, preflight
from itertl_eval.lm_eval._back_end import BackEnd, model_of
from itertl_eval.lm_eval._metadata import (
    load_prompted,
    protocol_of,
    require_published,
    setting_remarks,
    whole_number,
)
from itertl_eval.lm_eval._remarks import Run, template_remarks
from itertl_eval.lm_eval._responses import completion_text, put_back, saved
from itertl_eval.lm_eval._sampling import sampling_of
from itertl_eval.prompts import ChatTemplate, prompt_text
from itertl_eval.results import FORGEABLE, protocol_card
from itertl_eval.suites import V2_TASKS, load_v2
from itertl_eval.verdict import Protocol, Verdict

log = logging.getLogger(__name__)
FILTER = "graded"


class VerilogTask(ConfigurableTask):
    """A Suite as an lm-eval task.

    The YAML's `metadata.suite` names the suite. From the command line `--metadata` takes
    `n_samples` (completions per problem, default 1), `protocol` (cocotb, official or both),
    `prompt` (ours or published, for CVDP), `seed` (of the grading run) and `jobs`.
    """

    def __init__(self, config: dict[str, Any] | None = None, **_: Any) -> None:
        config = {key: value for key, value in (config or {}).items() if key != "class"}
        metadata = dict(config.get("metadata") or {})
        self.settings = metadata
        # A group's entry can set the protocol; its `repeats`, or a task file's, are n_samples.
        self.protocol: Protocol = config.pop("protocol", None) or protocol_of(metadata)
        self.n_samples = whole_number(metadata, "n_samples", config.get("repeats") or 1, 1)
        self.seed = whole_number(metadata, "seed", 0, None)
        self.jobs = whole_number(metadata, "jobs", 0, 0) or None  # 0: one per core
        config.update(
            output_type="generate_until",
            test_split="test",
            doc_to_text="prompt",
            doc_to_target="",
            target_delimiter="",
            repeats=1,  # each sample is a separate request, see construct_requests
            metric_list=[
                {"metric": name, "aggregation": "mean", "higher_is_better": better}
                for name, better in self.metric_names().items()
            ],
            process_results="graded",
            # Ours is `apply_filters`; 0.5 takes the name from here.
            filter_list=[{"name": FILTER, "filter": [{"function": "take_first"}]}],
        )
        super().__init__(config=config)

    def metric_names(self) -> dict[str, bool]:
        """Return each metric, and whether higher is better."""
        return metrics.metric_names(self.n_samples, self.protocol, self.settings.get("suite", ""))

    # -- problems -----------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """The suite's name for `load_suite` and `itertl-eval grade --task`."""
        return str(self.settings["suite"])

    def download(self, *_: Any, **__: Any) -> None:
        """Make the documents: one per problem that has a testbench for the protocol."""
        self.suite = load_prompted(self.source, self.settings.get("prompt", "ours"))
        # The published protocol needs no testbench of ours.
        self.covered = tuple(self.suite) if self.protocol == "official" else self.suite.covered
        left_out = [task_id for task_id in self.suite if task_id not in self.covered]
        if left_out:
            log.warning(
                f"{self.config.task}: {len(left_out)} of {len(self.suite)} problems have no "
                f"testbench yet and are left out: {', '.join(left_out)}"
            )
        if not self.covered:
            raise InfrastructureError(f"no problem of {self.suite.name} has a testbench")
        require_published(self.suite[self.covered[0]], self.protocol)
        self._make_documents()

    def _make_documents(self) -> None:
        rows = [{"task_id": t, "prompt": self.suite[t].prompt.text} for t in self.covered]
        self.dataset = {"test": datasets.Dataset.from_list(rows)}

    def use_examples(self, shots: int) -> None:
        """Put a benchmark's published examples before each prompt. Only v2 has them."""
        if self.suite.name not in V2_TASKS:
            raise UsageError(f"{self.suite.name} has no published examples: omit --num_fewshot")
        self.suite = load_v2(V2_TASKS[self.suite.name], shots=shots)
        self._make_documents()

    def fewshot_context(
        self,
        doc: dict[str, Any],
        num_fewshot: int = 0,  # noqa: ARG002
        system_instruction: str | None = None,
        **_: Any,
    ) -> Any:
        """Return the prompt that training uses too, after the user's --system_instruction.

        Unlike lm-eval's, it never takes other problems of the benchmark as examples, and a chat
        template without a system turn doesn't drop the system text.
        """
        prompt = self.suite[doc["task_id"]].prompt
        given = [text for text in (system_instruction, self.config.description) if text]
        if given:
            prompt = replace(prompt, system="\n".join([*given, prompt.system]))
        text = prompt_text(prompt, self.template)
        if given and prompt.header and self.template is None:
            return "\n".join([*given, text])
        return text

    # -- generation ---------------------------------------------------------------------------

    def build_all_requests(
        self, *, chat_template: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        # lm-eval's request cache ignores the number of samples, the prompt and the sampling
        # settings (its issue #3881): it would replay another run's requests.
        kwargs["cache_requests"] = False
        if self.config.repeats > 1:
            raise UsageError(
                "--repeats would draw samples that nothing distinguishes: "
                f"use --metadata '{{\"n_samples\": {self.config.repeats}}}'"
            )
        if self.dataset is None:  # 0.5 makes the documents on first use, which this is
            raise InfrastructureError(f"{self.config.task} has no documents")
        if not self._predict_only:
            preflight()  # fail before hours of generation instead of after them
        if self.config.num_fewshot:
            self.use_examples(int(self.config.num_fewshot))
        self.back_end = BackEnd(model_of(chat_template))
        self.sampling = sampling_of(
            self.config.generation_kwargs or {}, self.settings, chat_template, self.back_end.model
        )
        self.template = None
        if chat_template is not None:
            self.template = ChatTemplate(partial(chat_template, add_generation_prompt=True))
        # lm-eval writes the configuration into its results file.
        self.config.metadata = {**self.settings, "card": self.card(), "warnings": []}
        ignored = setting_remarks(self.settings, self.protocol, self.suite)
        prompt = self.suite[self.covered[0]].prompt
        chat = bool(self.settings.get("chat"))
        for warning in ignored + template_remarks(prompt, self.template, chat):
            self.warn(warning)
        if self.n_samples > 1 and not self.sampling.temperature:
            self.warn(
                f"greedy decoding: all {self.n_samples} samples of a problem will be equal; "
                "sample with --gen_kwargs temperature=0.8,top_p=0.95"
            )
        super().build_all_requests(chat_template=chat_template, **kwargs)
        prompts = [request.arguments[0] for request in self._instances if request.idx == 0]
        for remark in self.back_end.remarks(prompts, self.sampling.limit):
            self.warn(remark)

    def card(self) -> dict[str, Any]:
        """Return the protocol card of this run."""
        return protocol_card(
            self.suite,
            task_version=self.settings.get("version"),
            samples=self.n_samples,
            sampling=self.sampling.settings,
            seeds_per_sample=self.sampling.seeds,
            chat=self.template is not None,
            shots=int(self.config.num_fewshot or 0),
            seed=self.seed,
            protocol=self.protocol,
            prompt=self.settings.get("prompt", "ours"),
        )

    def warn(self, warning: str) -> None:
        """Log a warning, and write it into the results file."""
        log.warning(f"{self.config.task}: {warning}")
        self.config.metadata["warnings"].append(warning)

    def construct_requests(self, doc: dict[str, Any], ctx: Any, **kwargs: Any) -> list[Instance]:
        """Make one request per sample: lm-eval's own `repeats` would send n equal ones."""
        kwargs.pop("apply_chat_template", None)
        kwargs.pop("chat_template", None)
        return [
            Instance("generate_until", doc, (ctx, self.sampling.of(i)), i, **kwargs)
            for i in range(self.n_samples)
        ]

    # -- grading ------------------------------------------------------------------------------

    def apply_filters(self) -> Any:
        """Grade all completions of this rank, after saving them to disk."""
        texts: list[str] = []
        opened: list[str] = []
        for request in self._instances:
            # Where ranks have unequal shares lm-eval pads: it repeats the last request.
            request.resps = [completion_text(response) for response in request.resps]
            texts.append(request.resps[0])
            opened.append(self.back_end.opened_thoughts(request.arguments[0]))
        items = [
            Item(
                self.suite[request.doc["task_id"]],
                put_back(text, self.sampling.stops, mark),
                request.idx,
                self.seed,
                protocol=self.protocol,
            )
            for request, text, mark in zip(self._instances, texts, opened, strict=True)
        ]
        kept = saved(items, self.config.task, self.warn)
        problems = [item.problem.id for item in items]
        run = Run(texts, problems, opened, self.sampling, self.back_end)
        for remark in run.remarks():
            self.warn(remark)
        if self._predict_only:
            for remark in run.cut_remark(None):
                self.warn(remark)
            return super().apply_filters()
        verdicts = self._grade(items, kept)
        for remark in run.cut_remark([verdict.passed for verdict in verdicts]):
            self.warn(remark)
        for request, verdict in zip(self._instances, verdicts, strict=True):
            request.filtered_resps[FILTER] = [metrics.describe(verdict)]
        return self._instances

    def _grade(self, items: list[Item], kept: Path | None) -> list[Verdict]:
        """Grade, or say how to finish what was interrupted."""
        try:
            with Progress(f"grading {self.config.task}", len(items), "sample") as bar:
                verdicts = grade_many(items, jobs=self.jobs, progress=lambda _: bar.update())
        except BaseException:
            if kept is not None:
                log.error(
                    f"{self.config.task}: grading was interrupted. The completions are on disk, "
                    "and finished verdicts are in the cache; to finish: "
                    f"itertl-eval grade {quote(str(kept))} --task {quote(self.source)} "
                    f"--seed {int(self.settings.get('seed', 0))} --protocol {self.protocol}"
                )
            raise
        if self.protocol == "official":
            self.warn(FORGEABLE)
        lost = sum(verdict.status == "infra_error" for verdict in verdicts)
        if lost and self.protocol == "official":  # otherwise ended_infra_error shows it
            self.warn(f"{lost} of {len(verdicts)} samples could not be graded and count nowhere")
        return verdicts

    def process_results(self, doc: dict[str, Any], results: Any) -> dict[str, float]:
        """Return the metrics of one problem; infrastructure errors are left out."""
        if self._predict_only:
            return {"bypass": 999}  # lm-eval's own placeholder
        rows = metrics.verdict_rows(results)
        for row in rows:
            if row["status"] == "infra_error":
                log.error(f"{doc['task_id']}: not graded, left out: {row['message']}")
        return metrics.scores_of(rows, self.metric_names())

    @property
    def _predict_only(self) -> bool:
        """Whether --predict_only has replaced all metrics."""
        if hasattr(self, "_metric_fn_list"):
            return "bypass" in self._metric_fn_list
        return bool(self._has_metric("bypass"))  # 0.5

    def aggregation(self) -> dict[str, Any]:
        if self._predict_only:
            return dict(super().aggregation())
        return {name: metrics.aggregation_of(name) for name in self.metric_names()}

    def higher_is_better(self) -> dict[str, bool]:
        if self._predict_only:
            return dict(super().higher_is_better())
        return self.metric_names()
