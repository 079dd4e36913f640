"""The lm-eval task: prompts from a Suite, grading by grade_many, pass@k as metrics.

lm-eval hands all completions of all problems to `apply_filters` at once, after generation;
they are graded there in parallel. What lm-eval logs for each sample is the verdict as JSON.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import datasets
from lm_eval.api.instance import Instance
from lm_eval.api.metrics import mean
from lm_eval.api.task import ConfigurableTask

from itertl_eval.card import protocol_card
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grading import Item, grade_many
from itertl_eval.passk import pass_at_k, report_ks, v2_percent
from itertl_eval.problem import Problem, Suite
from itertl_eval.progress import Progress
from itertl_eval.suites import V2_TASKS, load_suite, load_v2
from itertl_eval.summary import COMPILED
from itertl_eval.verdict import Verdict

log = logging.getLogger(__name__)
FILTER = "graded"
AS_V2_REPORTS_IT = "official_percent_as_v2_reports_it"


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
        self.n_samples = int(metadata.get("n_samples", 1))
        if self.n_samples < 1:
            raise ValueError("--metadata n_samples must be at least 1")
        self._seeds_per_sample = _is_api(metadata)
        config.update(
            output_type="generate_until",
            test_split="test",
            doc_to_text="prompt",
            doc_to_target="",
            target_delimiter="",
            repeats=1 if self._seeds_per_sample else self.n_samples,
            metric_list=[
                {"metric": name, "aggregation": "mean", "higher_is_better": True}
                for name in self.metric_names()
            ],
            process_results="graded",
        )
        super().__init__(config=config)

    def metric_names(self) -> list[str]:
        ks = report_ks(self.n_samples)
        names = ["pass", "syntax"]
        published = self.settings.get("protocol", "cocotb") != "cocotb"
        if published:
            names.append("official_pass")
        of_v2 = published and self.settings.get("suite") in V2_TASKS
        return [f"{name}@{k}" for name in names for k in ks] + [AS_V2_REPORTS_IT] * of_v2

    # -- problems -----------------------------------------------------------------------------

    def load_suite(self) -> Suite:
        return load_suite(self.settings["suite"])

    def download(self, *_: Any, **__: Any) -> None:
        """Make the documents: one per problem that has a testbench."""
        self.suite = self.load_suite()
        covered = self.suite.covered
        left_out = [task_id for task_id in self.suite if task_id not in covered]
        if left_out:
            log.warning(
                "%s: %d of %d problems have no testbench yet and are left out: %s",
                self.config.task, len(left_out), len(self.suite), ", ".join(left_out),
            )  # fmt: skip
        if not covered:
            raise InfrastructureError(f"no problem of {self.suite.name} has a testbench")
        # The system message goes where lm-eval puts a task's description: before the prompt, or
        # into the system turn of a chat. Base models get none, as in the papers.
        if self.settings.get("chat"):
            self.config.description = self.suite[covered[0]].prompt.system.strip() + "\n"
        # lm-eval writes the configuration into its results file.
        self.config.metadata = {
            **self.settings,
            "card": protocol_card(
                self.suite, samples=self.n_samples, protocol=self.settings.get("protocol", "cocotb")
            ),
        }
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
        if self.config.num_fewshot:
            self.use_examples(int(self.config.num_fewshot))
        super().build_all_requests(**kwargs)

    def construct_requests(self, doc: dict, ctx: Any, **kwargs: Any) -> Any:
        kwargs.pop("apply_chat_template", None)
        kwargs.pop("chat_template", None)
        settings = dict(self.config.generation_kwargs or {})
        if self.n_samples > 1 and not settings.get("do_sample") and not settings.get("temperature"):
            log.warning(
                "greedy decoding: all %d samples of a problem will be equal", self.n_samples
            )
        if not self._seeds_per_sample:
            return Instance("generate_until", doc, (ctx, settings), 0, **kwargs)
        # API back ends send one constant seed with every request; a server that honours it
        # would return the same sample n times.
        first = int(settings.pop("seed", 1234))
        return [
            Instance("generate_until", doc, (ctx, {**settings, "seed": first + i}), i, **kwargs)
            for i in range(self.n_samples)
        ]

    # -- grading ------------------------------------------------------------------------------

    def apply_filters(self) -> Any:
        if self._predict_only:
            return super().apply_filters()
        stops = self.config.generation_kwargs.get("until") or []
        items = [
            Item(
                self.suite[instance.doc["task_id"]], put_back(text, stops), instance.idx + n,
                int(self.settings.get("seed", 0)),
                protocol=self.settings.get("protocol", "cocotb"),
            )
            for instance in self._instances
            for n, text in enumerate(instance.resps)
        ]  # fmt: skip
        label = f"grading {self.config.task}"
        with Progress(label, len(items), "sample") as bar:
            verdicts = iter(
                grade_many(items, jobs=self.settings.get("jobs"), progress=lambda _: bar.update())
            )
        for instance in self._instances:
            graded = [next(verdicts) for _ in instance.resps]
            instance.filtered_resps[FILTER] = [describe(verdict) for verdict in graded]
        return self._instances

    def process_results(self, doc: dict, results: Any) -> dict[str, float]:
        """Metrics of one problem from its verdicts; infrastructure errors are not samples."""
        if self._predict_only:
            return {"bypass": 999}  # lm-eval's own placeholder
        rows = [json.loads(text) for text in _flatten(results)]
        judged = [row for row in rows if row["status"] != "infra_error"]
        for row in rows:
            if row["status"] == "infra_error":
                log.error("%s: not graded, left out: %s", doc["task_id"], row["message"])
        n = len(judged)
        passed = sum(row["passed"] for row in judged)
        compiled = sum(row["stage"] in COMPILED for row in judged)
        counts = {"pass": passed, "syntax": compiled}
        if any(row.get("official") for row in judged):
            counts["official_pass"] = sum(row["official"]["passed"] for row in judged)
        found: dict[str, float] = {
            f"{name}@{k}": pass_at_k(n, count, k)
            for name, count in counts.items()
            for k in report_ks(self.n_samples)
            if k <= n
        }
        if "official_pass" in counts and AS_V2_REPORTS_IT in self.metric_names():
            found[AS_V2_REPORTS_IT] = v2_percent(n, counts["official_pass"])
        return found

    @property
    def _predict_only(self) -> bool:
        """--predict_only replaces all metrics with this one."""
        return "bypass" in self._metric_fn_list

    def aggregation(self) -> dict[str, Any]:
        if self._predict_only:
            return super().aggregation()
        return dict.fromkeys(self.metric_names(), mean)

    def higher_is_better(self) -> dict[str, bool]:
        if self._predict_only:
            return super().higher_is_better()
        return dict.fromkeys(self.metric_names(), True)


class CorpusTask(VerilogTask):
    """The held-out problems of a generated corpus; `--metadata` names its folder as `corpus`."""

    def load_suite(self) -> Suite:
        from itertl_eval.corpus import load_corpus

        folder = self.settings.get("corpus")
        if not folder:
            raise UsageError(
                'corpus_heldout needs a corpus: --metadata \'{"corpus": "runs/demo/corpus"}\' '
                "(python -m itertl_eval.corpus FOLDER makes one)"
            )
        return load_corpus(Path(folder)).heldout


def folder_task(file: str) -> type[VerilogTask]:
    """The lm-eval task class of the task folder that `file` lies in."""

    class FolderTask(VerilogTask):
        def load_suite(self) -> Suite:
            return load_suite(str(Path(file).resolve().parent))

    return FolderTask


def describe(verdict: Verdict) -> str:
    """A verdict as the JSON text that --log_samples shows, with the code that was judged."""
    return json.dumps({**verdict.as_row(), "code": verdict.code})


def put_back(text: str, stops: list[str]) -> str:
    """The completion with the end that lm-eval cut off as a stop string."""
    if "endmodule" in stops and "endmodule" not in text:
        return f"{text}\nendmodule\n"
    if "[DONE]" in stops and "[BEGIN]" in text:  # v2's rules find no code without both marks
        return f"{text}\n[DONE]\n"
    return text


def _flatten(results: Any) -> list[str]:
    """0.4 gives a list of lists, 0.5 a flat list."""
    flat: list[str] = []
    for entry in results:
        flat += [entry] if isinstance(entry, str) else entry
    return flat


def _is_api(metadata: dict[str, Any]) -> bool:
    """lm-eval passes the model's arguments along with the metadata."""
    return "base_url" in metadata or ("model" in metadata and "pretrained" not in metadata)
