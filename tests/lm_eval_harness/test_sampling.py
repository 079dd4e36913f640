"""n samples of a problem are n samples, whatever the back end and lm-eval's caches do."""

import json

import pytest

from itertl_eval.lm_eval._sampling import sampling_of
from tests.lm_eval_harness.run import (
    api,
    chat,
    completions,
    evaluate,
    numbers,
    reference_when,
    warnings,
)
from tests.lm_eval_harness.stub_server import stub_server

pytestmark = [pytest.mark.lm_eval, pytest.mark.simulator]
HOT = "temperature=0.8"


def test_five_right_of_twenty():
    with stub_server(reference_when(lambda seed: seed % 4 == 0)) as (url, requests):
        results = evaluate(
            ["rtl_core"],
            "local-completions",
            api(url, num_concurrent=4),
            limit=2,
            metadata={"n_samples": 20},
            gen_kwargs=f"{HOT},do_sample=True",
        )
    found = numbers(results)
    # 1 - C(15, k) / C(20, k)
    assert found["pass@1"] == pytest.approx(1 / 4, abs=1e-12)
    assert found["pass@5"] == pytest.approx(1 - 3003 / 15504, abs=1e-12)
    assert found["pass@10"] == pytest.approx(1 - 3003 / 184756, abs=1e-12)
    assert found["pass@20"] == 1.0
    assert found["pass@1_stderr"] == 0.0
    # The wrong completion has no ports; with parameters it does not even elaborate.
    ended = found["ended_interface"] + found["ended_elaborate"]
    assert ended == pytest.approx(3 / 4, abs=1e-12)
    assert found["ended_simulate"] == found["ended_infra_error"] == 0.0
    seeds = [request["seed"] for request in requests]
    assert len(seeds) == 40
    assert set(seeds) == set(range(1234, 1254))
    assert not warnings(results)


def test_an_interrupted_run_resumes_with_the_same_numbers(tmp_path):
    """lm-eval caches no request with do_sample, and identifies others by their settings."""
    options = {"limit": 2, "metadata": {"n_samples": 4}, "gen_kwargs": f"{HOT},do_sample=True"}
    right, left = reference_when(lambda seed: seed % 4 == 0), [5]

    def dying(prompt, seed):
        left[0] -= 1
        return right(prompt, seed) if left[0] >= 0 else None

    def run(url, folder):
        return evaluate(
            ["rtl_core"],
            "local-completions",
            api(url, max_retries=1),
            use_cache=str(tmp_path / folder),
            **options,
        )

    with stub_server(dying) as (url, requests), pytest.raises(Exception, match="500"):
        run(url, "cut")
    assert len(requests) == 5
    with stub_server(right) as (url, requests):
        resumed = run(url, "cut")
        assert len(requests) == 3
        whole = run(url, "whole")
        again = run(url, "whole")
        assert len(requests) == 3 + 8
    assert completions(resumed) == completions(whole) == completions(again)
    assert numbers(resumed) == numbers(whole) == numbers(again)
    assert numbers(whole)["pass@1"] == 0.25


@pytest.mark.train
def test_a_local_models_samples_are_cached_one_by_one(tiny_model, tmp_path):
    def run(settings):
        return evaluate(
            ["rtl_core"],
            "hf",
            {"pretrained": str(tiny_model)},
            limit=1,
            device="cpu",
            metadata={"n_samples": 3},
            gen_kwargs=settings,
            use_cache=str(tmp_path / "cache"),
        )

    first = completions(run(f"{HOT},max_gen_toks=16,do_sample=True"))
    assert len(set(first[0])) == 3
    assert completions(run(f"{HOT},max_gen_toks=16")) == first
    greedy = completions(run(f"{HOT},max_gen_toks=16,do_sample=False"))
    assert len(set(greedy[0])) == 1


def test_the_request_cache_does_not_replay_another_n(tmp_path, monkeypatch):
    monkeypatch.setattr("lm_eval.caching.cache.PATH", str(tmp_path))
    for n in (1, 3):
        results = evaluate(
            ["rtl_core"], "dummy", {}, limit=1, metadata={"n_samples": n}, cache_requests=True
        )
        assert len(completions(results)[0]) == n


def test_a_groups_repeats_are_samples():
    group = {"group": "twice", "task": [{"task": "rtl_core", "repeats": 2}]}
    assert len(completions(evaluate([group], "dummy", {}, limit=1))[0]) == 2


def test_a_padded_request_is_one_sample():
    """With several ranks lm-eval pads smaller shares by repeating the last request."""
    from lm_eval.tasks import TaskManager

    from itertl_eval._util.paths import shipped

    manager = TaskManager(include_path=str(shipped("tasks")), include_defaults=False)
    task = manager.load(["rtl_core"])["tasks"]["rtl_core"]
    task.build_all_requests(limit=1)
    (instance,) = task.instances
    problem = task.suite[instance.doc["task_id"]]
    instance.resps = [problem.reference, f"module {problem.top}; endmodule"]
    task.apply_filters()
    (verdict,) = instance.filtered_resps["graded"]
    assert json.loads(verdict)["passed"]


def test_an_api_that_refuses_seeds_gets_none(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    with stub_server(reference_when(lambda _: True)) as (url, requests):
        results = evaluate(
            ["rtl_core"],
            "anthropic-chat-completions",
            {"model": "claude", "base_url": f"{url}/messages"},
            limit=1,
            metadata={"n_samples": 2},
            gen_kwargs=HOT,
            apply_chat_template=True,
        )
    assert numbers(results)["pass@1"] == 1.0
    assert len(requests) == 2
    assert all("seed" not in request for request in requests)
    assert all(abs(request["temperature"] - 0.8) < 1e-9 for request in requests)


def test_a_model_object_without_arguments_gets_seeds():
    """Only the object shows then that it is an API, as where environment variables set the
    address of azure."""
    from lm_eval.models.openai_completions import LocalChatCompletion

    with stub_server(reference_when(lambda seed: seed == 1235)) as (url, requests):
        model = LocalChatCompletion(**chat(url))
        results = evaluate(
            ["rtl_core"],
            model,
            {},
            limit=1,
            metadata={"n_samples": 2},
            gen_kwargs=HOT,
            apply_chat_template=True,
        )
    assert sorted(request["seed"] for request in requests) == [1234, 1235]
    assert numbers(results)["pass@1"] == 0.5


@pytest.mark.parametrize("temperature", [1.0, 0.8, 2e-12])
def test_temperatures_of_samples_differ_within_bounds(temperature):
    sampling = sampling_of({"temperature": temperature}, {"pretrained": "x"}, None)
    sent = [sampling.of(sample)["temperature"] for sample in range(20)]
    assert sent[0] == temperature
    assert len(set(sent)) == 20
    assert all(0 < value <= max(temperature, 1e-10) for value in sent)


def test_warns_of_a_back_end_that_ignores_the_temperature():
    results = evaluate(
        ["rtl_core"], "dummy", {}, limit=1, metadata={"n_samples": 2}, gen_kwargs=HOT
    )
    assert warnings(results)[0].startswith("all samples of each problem are equal")


def test_warns_of_several_greedy_samples():
    with stub_server(reference_when(lambda _: True)) as (url, _):
        results = evaluate(
            ["rtl_core"],
            "local-chat-completions",
            chat(url),
            limit=1,
            metadata={"n_samples": 2},
            apply_chat_template=True,
        )
    assert "all 2 samples of a problem will be equal" in warnings(results)[0]
