"""The tasks inside lm-eval, with its own evaluator and back ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from itertl_eval import load_suite
from itertl_eval._resources import shipped
from tests.lm_eval_harness.stub_server import stub_server

pytestmark = [pytest.mark.lm_eval, pytest.mark.simulator]


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


def api(url):
    return {"model": "stub", "base_url": url, "tokenizer_backend": None, "num_concurrent": 2}


def reference_when(right):
    """Answer rtl_core prompts with the reference for seeds that are `right`, else wrongly."""
    suite = load_suite("rtl_core")
    by_prompt = {problem.prompt.text.strip(): problem for problem in suite.values()}

    def answer(prompt, seed):
        problem = by_prompt[prompt.strip()]
        return problem.reference if right(seed) else f"module {problem.top}(); endmodule"

    return answer


def test_five_right_of_twenty():
    with stub_server(reference_when(lambda seed: seed % 4 == 0)) as (url, requests):
        results = evaluate(
            ["rtl_core"], "local-completions", api(url), limit=3, metadata={"n_samples": 20},
            gen_kwargs="temperature=0.8,do_sample=True",
        )  # fmt: skip
    numbers = results["results"]["rtl_core"]
    assert numbers["pass@1,graded"] == pytest.approx(0.25, abs=1e-12)
    assert numbers["pass@5,graded"] == pytest.approx(0.80630, abs=5e-5)
    assert numbers["pass@10,graded"] == pytest.approx(0.98374, abs=5e-5)
    assert numbers["pass@20,graded"] == 1.0
    assert numbers["pass@1_stderr,graded"] == 0.0
    seeds = [request["seed"] for request in requests]
    assert len(seeds) == 60
    assert set(seeds) == set(range(1234, 1254))


def test_logged_samples_show_completion_and_verdict():
    with stub_server(reference_when(lambda _: True)) as (url, _):
        results = evaluate(["rtl_core"], "local-completions", api(url), limit=2)
    sample = results["samples"]["rtl_core"][0]
    verdict = json.loads(sample["filtered_resps"][0][0])
    assert verdict["passed"]
    assert verdict["simulator"].startswith("Icarus")
    assert "module" in sample["resps"][0][0]
    assert "testbench" not in sample["doc"]


def test_dummy_scores_nothing():
    results = evaluate(["rtl_core"], "dummy", {}, limit=2)
    assert results["results"]["rtl_core"]["pass@1,graded"] == 0


def test_predict_only_does_not_grade(monkeypatch):
    import itertl_eval.lm_eval_task as module

    def never(*_, **__):
        raise AssertionError("graded")

    monkeypatch.setattr(module, "grade_many", never)
    results = evaluate(["rtl_core"], "dummy", {}, limit=1, predict_only=True)
    assert len(results["samples"]["rtl_core"]) == 1


@pytest.mark.data
def test_prompt_reaches_the_model_unchanged_and_stops_are_put_back():
    suite = load_suite("verilogeval_human")
    by_prompt = {problem.prompt.text: problem for problem in suite.values()}

    def answer(prompt, _):
        problem = by_prompt[prompt]
        return problem.reference[len(problem.prompt.header) :]

    with stub_server(answer) as (url, _):
        results = evaluate(["verilogeval_human"], "local-completions", api(url), limit=5)
    assert results["results"]["verilogeval_human"]["pass@1,graded"] == 1.0


@pytest.mark.data
def test_v2_also_as_its_own_script_reports_it(published):
    right = load_suite("verilogeval_spec_to_rtl")["Prob001_zero"].reference

    def answer(prompt, seed):
        return f"[BEGIN]\n{right if seed != 1234 else 'no'}\n[DONE]\n"

    with stub_server(answer) as (url, _):
        results = evaluate(
            ["verilogeval_spec_to_rtl"], "local-completions", api(url), limit=1,
            metadata={"n_samples": 3, "protocol": "both"},
        )  # fmt: skip
    numbers = results["results"]["verilogeval_spec_to_rtl"]
    assert numbers["official_percent_as_v2_reports_it,graded"] == 66
    assert numbers["official_pass@1,graded"] == numbers["pass@1,graded"] == pytest.approx(2 / 3)


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300,
        env={**os.environ, **environment}, check=True,
    ).stdout.strip()  # fmt: skip


# The folders that lm-eval would search, without the ten seconds that the search takes.
SEARCHED = """
import json, lm_eval.tasks
from lm_eval.tasks import manager
show = lambda paths: print(json.dumps([str(path) for path in paths])) or {{}}
manager.TaskIndex.build = lambda self, paths, **_: show(paths)
lm_eval.tasks.TaskManager({})
"""


def searched(options="", **environment):
    return json.loads(run_python(SEARCHED.format(options), **environment))


def test_bridge_adds_our_folder_after_lm_evals_own_and_before_the_users():
    ours = str(shipped("tasks"))
    assert searched()[1:] == [ours]
    assert searched("include_path='/mine'")[1:] == [ours, "/mine"]
    assert searched("include_path=['/mine', '/too']")[1:] == [ours, "/mine", "/too"]
    assert searched(ITERTL_EVAL_TASKS="/own")[1:] == [ours, "/own"]


def test_bridge_steps_aside():
    assert len(searched(ITERTL_EVAL_NO_BRIDGE="1")) == 1
    assert searched("include_defaults=False") == []


@pytest.mark.slow
def test_lm_eval_lists_the_tasks():
    done = subprocess.run(
        [sys.executable, "-m", "lm_eval", "ls", "tasks"], capture_output=True, text=True, check=True
    )
    for name in ("verilogeval_human", "verilogeval_machine", "rtl_core"):
        assert f"|{name} " in done.stdout


def test_the_bridge_imports_nothing_at_start():
    code = "import sys; print('itertl_eval' in sys.modules or 'lm_eval' in sys.modules)"
    assert run_python(code) == "False"


def test_path_command_names_the_folder():
    done = subprocess.run(
        [sys.executable, "-m", "itertl_eval.cli", "tasks", "--path"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    folder = Path(done.stdout.strip())
    assert (folder / "rtl_core" / "rtl_core.yaml").exists()
