"""Run lm-eval's own evaluator on this package's tasks, without its ten thousand others."""

from __future__ import annotations

from itertl_eval import load_suite
from itertl_eval._util.paths import shipped


def evaluate(tasks, model, model_args, **options):
    import lm_eval
    from lm_eval.tasks import TaskManager

    # lm-eval's own ten thousand tasks take it ten seconds to list; they are not needed here.
    manager = TaskManager(
        include_path=str(shipped("tasks")), include_defaults=False,
        metadata={**model_args, **options.pop("metadata", {})},
    )  # fmt: skip
    return lm_eval.simple_evaluate(
        model=model, model_args=model_args, tasks=tasks, task_manager=manager,
        bootstrap_iters=2, **options,
    )  # fmt: skip


def api(url, **more):
    """Arguments of local-completions, which need no tokenizer."""
    return {"model": "stub", "base_url": f"{url}/completions", "tokenizer_backend": None, **more}


def chat(url, **more):
    """Arguments of local-chat-completions."""
    return {"model": "stub", "base_url": f"{url}/chat/completions", **more}


def reference_when(right):
    """Answer rtl_core prompts with the reference for seeds that are `right`, else wrongly."""
    suite = load_suite("rtl_core")
    by_prompt = {problem.prompt.text.strip(): problem for problem in suite.values()}

    def answer(prompt, seed):
        problem = by_prompt[prompt.strip()]
        return problem.reference if right(seed) else f"module {problem.top}(); endmodule"

    return answer


def numbers(results, task="rtl_core"):
    """Metric -> value, without lm-eval's name of the filter."""
    found = results["results"][task].items()
    return {key.removesuffix(",graded"): value for key, value in found if key.endswith(",graded")}


def answers(results, task="rtl_core"):
    """What the model said: a list for each problem."""
    return [[texts[0] for texts in sample["resps"]] for sample in results["samples"][task]]


def warnings(results, task="rtl_core"):
    return results["configs"][task]["metadata"]["warnings"]
