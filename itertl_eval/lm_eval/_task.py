"""The lm-eval task: prompts from a Suite, grading by grade_many, pass@k as metrics.

lm-eval hands all completions of all problems to `apply_filters` at once, after generation;
they are graded there in parallel. What lm-eval logs for each sample is the verdict as JSON.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import datasets
from lm_eval.api.instance import Instance
from lm_eval.api.metrics import mean
from lm_eval.api.task import ConfigurableTask

from itertl_eval._util.progress import Progress, say
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader import Item, find_icarus, grade_many, keep, open_worker, unsafe
from itertl_eval.lm_eval._metadata import misspelt, protocol_of, require_published
from itertl_eval.lm_eval._metrics import describe, metric_names, scores_of, verdict_rows
from itertl_eval.lm_eval._responses import put_back, remarks, text_of
from itertl_eval.lm_eval._sampling import sampling_of
from itertl_eval.problem import Problem
from itertl_eval.results import protocol_card
from itertl_eval.suites import V2_TASKS, load_suite, load_v2

log = logging.getLogger(__name__)
FILTER = "graded"


class VerilogTask(ConfigurableTask):
    """A Suite as an lm-eval task.

    The YAML's `metadata.suite` names the suite. From the command line `--metadata` takes
    `n_samples` (completions per problem, default 1), `protocol` (cocotb, official or both),
    `seed` (of the grading run) and `jobs`.
    """

    def __init__(self, config: dict[str, Any] | None = None, **_: Any) -> None:
        config = {key: value for key, value in (config or {}).items() if key != "class"}
        metadata = dict(config.get("metadata") or {})
        self.settings = metadata
        self.protocol = protocol_of(metadata)
        # `repeats` of a task file or of a group's entry means the same.
        self.n_samples = int(metadata.get("n_samples", config.get("repeats") or 1))
        if self.n_samples < 1:
            raise ValueError("--metadata n_samples must be at least 1")
        config.update(
            output_type="generate_until",
            test_split="test",
            doc_to_text="prompt",
            doc_to_target="",
            target_delimiter="",
            repeats=1,  # every sample is a request of its own, see construct_requests
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
        """Each metric, and whether higher is better."""
        return metric_names(self.n_samples, self.protocol, self.settings.get("suite") in V2_TASKS)

    # -- problems -----------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """The suite as `load_suite` and `itertl-eval grade --task` name it."""
        return str(self.settings["suite"])

    def download(self, *_: Any, **__: Any) -> None:
        """Make the documents: one per problem that has a testbench."""
        self.suite = load_suite(self.source)
        covered = self.suite.covered
        left_out = [task_id for task_id in self.suite if task_id not in covered]
        if left_out:
            log.warning(
                "%s: %d of %d problems have no testbench yet and are left out: %s",
                self.config.task, len(left_out), len(self.suite), ", ".join(left_out),
            )  # fmt: skip
        if not covered:
            raise InfrastructureError(f"no problem of {self.suite.name} has a testbench")
        require_published(self.suite[covered[0]], self.protocol)
        # The system message goes where lm-eval puts a task's description: before the prompt, or
        # into the system turn of a chat. Base models get none, as in the papers.
        if self.settings.get("chat"):
            self.config.description = self.suite[covered[0]].prompt.system.strip() + "\n"
        rows = [{"task_id": t, "prompt": self.prompt_of(self.suite[t])} for t in covered]
        self.dataset = {"test": datasets.Dataset.from_list(rows)}

    def prompt_of(self, problem: Problem) -> str:
        return problem.prompt.text

    def use_examples(self, shots: int) -> None:
        """Put a benchmark's own examples in front of each prompt. Only v2 has published ones."""
        if self.suite.name not in V2_TASKS:
            raise UsageError(
                f"{self.suite.name} has no published examples: leave --num_fewshot out"
            )
        self.suite = load_v2(V2_TASKS[self.suite.name], shots=shots)
        prompts = [
            self.prompt_of(self.suite[task_id]) for task_id in self.dataset["test"]["task_id"]
        ]
        table = self.dataset["test"].remove_columns("prompt").add_column("prompt", prompts)
        self.dataset = {"test": table}

    def fewshot_context(self, doc: dict, num_fewshot: int = 0, **kwargs: Any) -> Any:  # noqa: ARG002
        # lm-eval would take other problems of the benchmark as examples.
        return super().fewshot_context(doc, num_fewshot=0, **kwargs)

    # -- generation ---------------------------------------------------------------------------

    def build_all_requests(self, **kwargs: Any) -> None:
        # lm-eval's request cache ignores the number of samples, the prompt and the sampling
        # settings (its issue #3881): it would replay another run's requests.
        kwargs["cache_requests"] = False
        if self.config.repeats > 1:
            raise UsageError(
                "--repeats would draw samples that nothing tells apart: "
                f"use --metadata '{{\"n_samples\": {self.config.repeats}}}'"
            )
        if self.dataset is None:  # 0.5 makes the documents on first use, which this is
            raise InfrastructureError(f"{self.config.task} has no documents")
        if not self._predict_only:
            # Refuse before hours of generation what grading would refuse after them.
            open_worker(find_icarus(), unsafe=unsafe()).close()
        if self.config.num_fewshot:
            self.use_examples(int(self.config.num_fewshot))
        self.sampling = sampling_of(
            self.config.generation_kwargs or {}, self.settings, kwargs.get("chat_template")
        )
        # lm-eval writes the configuration into its results file.
        self.config.metadata = {**self.settings, "card": self.card(), "warnings": []}
        for warning in misspelt(self.settings):
            self.warn(warning)
        if self.n_samples > 1 and not self.sampling.temperature:
            self.warn(
                f"greedy decoding: all {self.n_samples} samples of a problem will be equal; "
                "sample with --gen_kwargs temperature=0.8,top_p=0.95"
            )
        super().build_all_requests(**kwargs)

    def card(self) -> dict[str, Any]:
        """The protocol card of this run."""
        return protocol_card(
            self.suite, task_version=self.settings.get("version"), samples=self.n_samples,
            sampling=self.sampling.settings, seeds_per_sample=self.sampling.seeds,
            shots=int(self.config.num_fewshot or 0), seed=int(self.settings.get("seed", 0)),
            protocol=self.protocol,
        )  # fmt: skip

    def warn(self, warning: str) -> None:
        """Say it now and in the results file."""
        log.warning("%s: %s", self.config.task, warning)
        self.config.metadata["warnings"].append(warning)

    def construct_requests(self, doc: dict, ctx: Any, **kwargs: Any) -> Any:
        """One request for each sample: lm-eval's own `repeats` would ask n times the same."""
        kwargs.pop("apply_chat_template", None)
        kwargs.pop("chat_template", None)
        return [
            Instance("generate_until", doc, (ctx, self.sampling.of(i)), i, **kwargs)
            for i in range(self.n_samples)
        ]

    # -- grading ------------------------------------------------------------------------------

    def apply_filters(self) -> Any:
        """Grade all answers of this rank. They are on disk before the first one is judged."""
        stops = self.sampling.stops
        # Where ranks have unequal shares lm-eval pads: it asks the last request again.
        texts = [text_of(instance.resps[0]) for instance in self._instances]
        seed, protocol = int(self.settings.get("seed", 0)), self.protocol
        items = [
            Item(
                self.suite[instance.doc["task_id"]], put_back(text, stops), instance.idx, seed,
                protocol=protocol,
            )
            for instance, text in zip(self._instances, texts, strict=True)
        ]  # fmt: skip
        kept = keep(items, self.config.task)
        say(f"  {self.config.task}: the answers are in {kept}")
        problems = [item.problem.id for item in items]
        found = remarks(texts, stops, self.sampling.limit, problems, self.sampling.temperature)
        for remark in found:
            self.warn(remark)
        if self._predict_only:
            return super().apply_filters()
        try:
            with Progress(f"grading {self.config.task}", len(items), "sample") as bar:
                verdicts = grade_many(
                    items, jobs=self.settings.get("jobs"), progress=lambda _: bar.update()
                )
        except BaseException:
            log.error(
                "%s: grading was cut short. The answers are on disk, and what was graded is in the "
                "cache; to finish: itertl-eval grade %s --task %s --seed %d --protocol %s",
                self.config.task, kept, self.source, seed, protocol,
            )  # fmt: skip
            raise
        lost = sum(verdict.status == "infra_error" for verdict in verdicts)
        if lost and protocol == "official":  # otherwise ended_infra_error says it
            self.warn(f"{lost} of {len(verdicts)} samples could not be judged and are in no score")
        for instance, verdict in zip(self._instances, verdicts, strict=True):
            instance.filtered_resps[FILTER] = [describe(verdict)]
        return self._instances

    def process_results(self, doc: dict, results: Any) -> dict[str, float]:
        """Metrics of one problem from its verdicts; infrastructure errors are not samples."""
        if self._predict_only:
            return {"bypass": 999}  # lm-eval's own placeholder
        rows = verdict_rows(results)
        for row in rows:
            if row["status"] == "infra_error":
                log.error("%s: not graded, left out: %s", doc["task_id"], row["message"])
        return scores_of(rows, self.metric_names())

    @property
    def _predict_only(self) -> bool:
        """--predict_only replaces all metrics with this one."""
        if hasattr(self, "_metric_fn_list"):
            return "bypass" in self._metric_fn_list
        return self._has_metric("bypass")  # 0.5

    def aggregation(self) -> dict[str, Any]:
        if self._predict_only:
            return super().aggregation()
        return dict.fromkeys(self.metric_names(), mean)

    def higher_is_better(self) -> dict[str, bool]:
        if self._predict_only:
            return super().higher_is_better()
        return self.metric_names()


class CorpusTask(VerilogTask):
    """The held-out problems of a generated corpus; `--metadata` names its folder as `corpus`."""

    @property
    def source(self) -> str:
        folder = self.settings.get("corpus")
        if not folder:
            raise UsageError(
                'corpus_heldout needs a corpus: --metadata \'{"corpus": "runs/demo/corpus"}\' '
                "(python -m itertl_eval.corpus FOLDER makes one)"
            )
        return str(folder)


def folder_task(file: str) -> type[VerilogTask]:
    """The lm-eval task class of the task folder that `file` lies in."""

    class FolderTask(VerilogTask):
        @property
        def source(self) -> str:
            return str(Path(file).resolve().parent)

    return FolderTask
