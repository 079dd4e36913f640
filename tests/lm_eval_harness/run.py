"""Run lm-eval's evaluator on this package's tasks, without its ten thousand others."""

from __future__ import annotations

from itertl_eval import load_suite
from itertl_eval._util.paths import shipped


def evaluate(tasks, model, model_args, **options):
    import lm_eval
    from lm_eval.tasks import TaskManager

    # Listing lm-eval's ten thousand tasks takes ten seconds, and they are not needed here.
    manager = TaskManager(
        include_path=str(shipped("tasks")),
        include_defaults=False,
        metadata={**model_args, **options.pop("metadata", {})},
    )
    return lm_eval.simple_evaluate(
        model=model,
        model_args=model_args,
        tasks=tasks,
        task_manager=manager,
        bootstrap_iters=2,
        **options,
    )


def api(url, **more):
    """Return arguments for local-completions that need no tokenizer."""
    return {"model": "stub", "base_url": f"{url}/completions", "tokenizer_backend": None, **more}


def chat(url, **more):
    """Return arguments for local-chat-completions."""
    return {"model": "stub", "base_url": f"{url}/chat/completions", **more}


def reference_when(right):
    """Complete rtl_core prompts with the reference for seeds that are `right`, else wrongly."""
    suite = load_suite("rtl_core")
    by_prompt = {problem.prompt.text.strip(): problem for problem in suite.values()}

    def complete(prompt, seed):
        problem = by_prompt[prompt.strip()]
        return problem.reference if right(seed) else f"module {problem.top}(); endmodule"

    return complete


def numbers(results, task="rtl_core"):
    """Return metric -> value, without the name of lm-eval's filter."""
    found = results["results"][task].items()
    return {key.removesuffix(",graded"): value for key, value in found if key.endswith(",graded")}


def completions(results, task="rtl_core"):
    """Return the completions: a list per problem."""
    return [[texts[0] for texts in sample["resps"]] for sample in results["samples"][task]]


def warnings(results, task="rtl_core"):
    return results["configs"][task]["metadata"]["warnings"]
