"""A task folder gives the same verdict in lm-eval, as a reward in training and under pytest."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.authoring._scaffold import new_task
from itertl_eval.verdict import Verdict

pytestmark = pytest.mark.simulator
FIRST_SEED = 1234
"""The seed of the first request that lm-eval sends to a server."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return new_task("my_task", tmp_path_factory.mktemp("ways"))


@pytest.fixture(scope="module")
def designs(folder) -> dict[str, str]:
    right = (folder / "reference.sv").read_text()
    return {
        "right": right,
        "wrong": right.replace("4'd1", "4'd2"),
        "asynchronous": right.replace("posedge clk", "posedge clk or posedge rst"),
        "no_port": right.replace("enable", "en"),
        "no_module": "I can't.",
    }


@pytest.fixture(scope="module")
def expected(folder, designs) -> dict[str, Verdict]:
    problem = load_suite(str(folder))["my_task"]
    found = {name: grade(problem, completion(text)) for name, text in designs.items()}
    stages = {name: verdict.stage for name, verdict in found.items()}
    assert stages == {
        "right": "pass",
        "wrong": "simulate",
        "asynchronous": "simulate",
        "no_port": "interface",
        "no_module": "extract",
    }
    return found


def completion(text: str) -> str:
    return f"Here it is:\n```verilog\n{text}```\n" if "module " in text else text


@pytest.mark.lm_eval
@pytest.mark.parametrize("way", ["include_path", "ITERTL_EVAL_TASKS"])
def test_lm_eval(folder, designs, expected, way, monkeypatch):
    import lm_eval
    from lm_eval.tasks import TaskManager, manager

    from tests.lm_eval_harness.stub_server import stub_server

    texts = list(designs.values())
    settings = {"tokenizer_backend": None, "model": "stub", "n_samples": len(texts)}
    if way == "ITERTL_EVAL_TASKS":
        monkeypatch.setenv(way, str(folder.parent))
        # Without lm-eval's ten thousand tasks: listing them takes ten seconds.
        build = manager.TaskIndex.build
        monkeypatch.setattr(manager.TaskIndex, "build", lambda _, paths, **k: build(paths[1:], **k))
        where = {}
    else:
        where = {"include_defaults": False, "include_path": str(folder)}
    with stub_server(lambda _, seed: completion(texts[seed - FIRST_SEED])) as (url, requests):
        results = lm_eval.simple_evaluate(
            model="local-completions",
            tasks=["my_task"],
            bootstrap_iters=2,
            model_args={"base_url": url, "model": "stub", "tokenizer_backend": None},
            task_manager=TaskManager(metadata={**settings, "base_url": url}, **where),
            gen_kwargs="temperature=0.8,do_sample=True",
        )
    assert results["results"]["my_task"]["pass@1,graded"] == pytest.approx(1 / len(texts))
    prompt = load_suite(str(folder))["my_task"].prompt.text
    assert all(request["prompt"] in (prompt, [prompt]) for request in requests)
    [logged] = results["samples"]["my_task"]
    found = [json.loads(text) for [text] in logged["filtered_resps"]]
    assert [(row["stage"], row["message"], row["seed"]) for row in found] == [
        (verdict.stage, verdict.message, verdict.seed) for verdict in expected.values()
    ]


@pytest.mark.train
def test_reward_in_training(folder, designs, expected, tmp_path):
    from itertl_eval.train.config._recipe import parse
    from itertl_eval.train.inputs import load_all
    from itertl_eval.train.run._folder import Phase
    from itertl_eval.train.sampling._protocol import Sample
    from itertl_eval.train.scoring._phase import Graders, GradingPhase

    recipe = parse(["--run_dir", str(tmp_path), "--model", "none", "--train_data", str(folder)])
    [instruction] = load_all(recipe.data.train_data, recipe.data, {})
    samples = [
        Sample(instruction.id, k, completion(text), None, None, "stop")
        for k, text in enumerate(designs.values())
    ]
    graders = Graders(1, shared_cores=False)
    with graders.open():
        found = GradingPhase(
            Phase(tmp_path / "graded", {}),
            [instruction],
            graders,
            preset="functional",
            seed=0,
            label="grading",
        ).result(samples)
    judged = [found[instruction.id, k] for k in range(len(samples))]
    assert [(j.stage, j.message, j.passed) for j in judged] == [
        (v.stage, v.message, v.passed) for v in expected.values()
    ]
    assert [j.reward for j in judged] == [v.score for v in expected.values()]


@pytest.mark.parametrize("name", ["right", "wrong", "asynchronous"])
def test_pytest_in_the_folder(folder, designs, expected, name):
    reference = folder / "reference.sv"
    reference.write_text(designs[name])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
            capture_output=True,
            text=True,
            cwd=folder.parent,
            check=False,
        )
    finally:
        reference.write_text(designs["right"])
    verdict = expected[name]
    assert done.returncode == int(not verdict.passed), done.stdout
    assert verdict.message.partition(": ")[2] in done.stdout
