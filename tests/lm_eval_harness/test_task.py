"""The tasks inside lm-eval, with its own evaluator and back ends."""

import inspect
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from itertl_eval import load_suite
from itertl_eval._util.paths import shipped
from itertl_eval.cli import main
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.lm_eval._metadata import misspelt
from tests.lm_eval_harness.run import api, evaluate, numbers, reference_when, warnings
from tests.lm_eval_harness.stub_server import stub_server

pytestmark = [pytest.mark.lm_eval, pytest.mark.simulator]


def test_logged_samples_show_completion_and_verdict():
    with stub_server(reference_when(lambda _: True)) as (url, _):
        results = evaluate(["rtl_core"], "local-completions", api(url), limit=2)
    sample = results["samples"]["rtl_core"][0]
    verdict = json.loads(sample["filtered_resps"][0][0])
    assert verdict["passed"]
    assert verdict["simulator"].startswith("Icarus")
    assert "module" in sample["resps"][0][0]
    assert "testbench" not in sample["doc"]


def test_dummy_scores_nothing_and_needs_no_network(monkeypatch):
    """Not even the metrics are fetched from a hub."""

    def refused(*_, **__):
        raise AssertionError("connects to somewhere")

    monkeypatch.setattr(socket.socket, "connect", refused)
    results = evaluate(["rtl_core"], "dummy", {}, limit=2)
    assert numbers(results)["pass@1"] == 0
    assert numbers(results)["ended_extract"] == 1


def test_a_crash_in_grading_loses_no_completion(monkeypatch, tmp_path, caplog, capsys):
    import itertl_eval.lm_eval._task as module

    def dies(*_, **__):
        raise RuntimeError("out of luck")

    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "grade_many", dies)
    lucky = stub_server(reference_when(lambda seed: seed == 1234))
    with lucky as (url, _), pytest.raises(RuntimeError, match="out of luck"):
        evaluate(["rtl_core"], "local-completions", api(url), limit=2, metadata={"n_samples": 2})
    message = next(r.getMessage() for r in caplog.records if "itertl-eval grade" in r.getMessage())
    command = message.partition("to finish: itertl-eval ")[2].split()
    assert Path(command[1]).parent == tmp_path / "completions"
    capsys.readouterr()
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["pass@1"]["value"] == 0.5


def test_warns_of_a_model_that_writes_nothing():
    with stub_server(lambda *_: " ") as (url, _):
        results = evaluate(["rtl_core"], "local-completions", api(url), limit=2)
    assert warnings(results)[0].startswith("all 2 completions are empty")


def built(monkeypatch, tmp_path, resps):
    """Return a task of one problem with the responses `resps`, before grading."""
    from lm_eval.tasks import TaskManager

    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path))
    manager = TaskManager(
        include_path=str(shipped("tasks")),
        include_defaults=False,
        metadata={"n_samples": len(resps)},
    )
    task = manager.load(["rtl_core"])["tasks"]["rtl_core"]
    task.build_all_requests(limit=1)
    for instance, response in zip(task.instances, resps, strict=True):
        instance.resps = [response]
    return task


def test_a_response_of_none_loses_no_other(monkeypatch, tmp_path):
    """lm-eval's gguf gives None for a request that failed."""
    task = built(monkeypatch, tmp_path, [None, None])
    task.instances[1].resps = [next(iter(task.suite.values())).reference]
    task.apply_filters()
    first, second = (json.loads(i.filtered_resps["graded"][0]) for i in task.instances)
    assert first["stage"] == "extract"
    assert second["passed"]


def test_completions_are_on_disk_before_anything_else_is_done_with_them(monkeypatch, tmp_path):
    def dies(*_, **__):
        raise RuntimeError("out of luck")

    monkeypatch.setattr("itertl_eval.lm_eval._task.Run", dies)
    with pytest.raises(RuntimeError, match="out of luck"):
        built(monkeypatch, tmp_path, ["one", None]).apply_filters()
    (kept,) = (tmp_path / "completions").iterdir()
    rows = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [row["completion"] for row in rows] == ["one", ""]


def test_a_cache_that_cannot_be_written_ends_no_run(monkeypatch, tmp_path, capsys):
    task = built(monkeypatch, tmp_path, ["one"])
    (tmp_path / "file").touch()
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    task.apply_filters()
    assert task.instances[0].filtered_resps["graded"]
    kept = Path(capsys.readouterr().err.partition("saved to ")[2].split()[0])
    assert kept.parent.parent == tmp_path
    assert json.loads(kept.read_text())["completion"] == "one"

    monkeypatch.setattr("tempfile.mkdtemp", Mock(side_effect=OSError("disk full")))
    task.apply_filters()
    assert "the completions were not saved: disk full" in task.config.metadata["warnings"]


def test_warns_of_completions_that_were_cut():
    with stub_server(lambda *_: "module m(input a); assign b = a &") as (url, _):
        results = evaluate(
            ["rtl_core"], "local-completions", api(url), limit=2, gen_kwargs="max_gen_toks=9"
        )
    assert warnings(results)[0].startswith("2 of 2 completions end in the middle")


@pytest.mark.data
def test_a_task_can_be_graded_under_the_name_that_lm_eval_knows():
    """The file of completions is named after it, and a killed run prints no command."""
    for file in shipped("tasks").rglob("verilogeval_*.yaml"):
        suite = re.search(r"suite: (.*)", file.read_text())
        assert load_suite(file.stem) is load_suite(suite[1])


def test_stop_strings_cut_no_completion():
    files = [*shipped("tasks").rglob("*.yaml"), *shipped("tasks").rglob("_*_yaml")]
    settings = {
        file.name: re.search(r"until: (.*)", file.read_text())
        for file in files
        if "generation_kwargs" in file.read_text()
    }
    assert len(settings) >= 4
    for name, found in settings.items():
        # One string ends a module and is put back; only a prompt asks for the other.
        completes = name in ("_completion_yaml", "corpus_heldout.yaml")
        assert json.loads(found[1]) == (["endmodule"] if completes else ["[DONE]"])


def test_results_carry_the_protocol_card():
    results = evaluate(["rtl_core"], "dummy", {}, limit=1, metadata={"seed": 3})
    card = results["configs"]["rtl_core"]["metadata"]["card"]
    assert card["task"] == "rtl_core"
    assert card["task_version"] == 1.0
    assert card["sampling"] == {"until": ["[DONE]"], "max_gen_toks": 2048, "temperature": 0.0}
    assert (card["samples"], card["shots"], card["seed"]) == (1, 0, 3)
    assert card["simulator"].startswith("Icarus")
    json.dumps(card)


def test_predict_only_does_not_grade(monkeypatch):
    import itertl_eval.lm_eval._task as module

    def never(*_, **__):
        raise AssertionError("graded")

    monkeypatch.setattr(module, "grade_many", never)
    results = evaluate(["rtl_core"], "dummy", {}, limit=1, predict_only=True)
    assert len(results["samples"]["rtl_core"]) == 1


@pytest.mark.data
def test_prompt_reaches_the_model_unchanged_and_stops_are_put_back():
    suite = load_suite("verilogeval_human")
    by_prompt = {problem.prompt.text: problem for problem in suite.values()}

    def complete(prompt, _):
        problem = by_prompt[prompt]
        return problem.reference[len(problem.prompt.header) :]

    with stub_server(complete) as (url, _):
        results = evaluate(["verilogeval_human"], "local-completions", api(url), limit=5)
    assert results["results"]["verilogeval_human"]["pass@1,graded"] == 1.0


@pytest.mark.data
def test_v2_also_as_its_own_script_reports_it(published):
    right = load_suite("verilogeval_spec_to_rtl")["Prob001_zero"].reference

    def complete(prompt, seed):
        return f"[BEGIN]\n{right if seed != 1234 else 'no'}\n[DONE]\n"

    with stub_server(complete) as (url, _):
        results = evaluate(
            ["verilogeval_spec_to_rtl"],
            "local-completions",
            api(url),
            limit=1,
            metadata={"n_samples": 3, "protocol": "both"},
        )
    numbers = results["results"]["verilogeval_spec_to_rtl"]
    assert numbers["official_percent_as_v2_reports_it,graded"] == 66
    assert numbers["official_pass@1,graded"] == numbers["pass@1,graded"] == pytest.approx(2 / 3)


def test_warns_of_a_misspelt_setting():
    right = {"seed": 1, "jobs": 1}
    results = evaluate(
        ["rtl_core"], "dummy", {}, limit=1, metadata={**right, "n_sample": 2, "Protocol": "both"}
    )
    assert warnings(results) == [
        "--metadata n_sample has no effect on this task: did you mean n_samples?",
        "--metadata Protocol has no effect on this task: did you mean protocol?",
    ]


def test_model_arguments_are_not_misspelt_settings():
    from lm_eval.models.api_models import TemplateAPI

    arguments = inspect.signature(TemplateAPI).parameters
    assert {"seed", "num_concurrent"} <= arguments.keys()
    assert misspelt([*arguments, "do_sample", "n_ctx", "dtype", "corpus"]) == []


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("bogus", "use one of cocotb, official, both"),
        ("both", "omit the protocol"),
        ("official", "omit the protocol"),
    ],
)
def test_refuses_an_impossible_protocol_before_generation(protocol, said):
    with stub_server(reference_when(lambda _: True)) as (url, requests):
        with pytest.raises(UsageError, match=said):
            evaluate(
                ["rtl_core"],
                "local-completions",
                api(url),
                limit=1,
                metadata={"protocol": protocol},
            )
        assert not requests


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"n_samples": "many"}, "n_samples='many' must be an integer of at least 1"),
        ({"n_samples": 0}, "n_samples=0 must be an integer of at least 1"),
        ({"seed": 1.5}, "seed=1.5 must be an integer"),
        ({"jobs": "all"}, "jobs='all' must be an integer of at least 0"),
    ],
)
def test_refuses_a_setting_that_is_no_number(setting, said):
    with pytest.raises(UsageError, match=said):
        evaluate(["rtl_core"], "dummy", {}, limit=1, metadata=setting)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        ("UsageError('omit it')", 2, "error: omit it\n"),
        ("InfrastructureError('no Icarus')", 3, "error: no Icarus\n"),
    ],
)
def test_an_error_of_the_command_line_is_one_line(error, code, said):
    start = "from lm_eval.__main__ import cli_evaluate; import utils"
    imports = "from itertl_eval.errors import InfrastructureError, UsageError"
    done = subprocess.run(
        [sys.executable, "-c", f"{start}; {imports}; raise {error}"],
        env={**os.environ, "PYTHONPATH": str(shipped("tasks") / "rtl_core")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, said)


def test_a_script_that_calls_lm_eval_keeps_its_tracebacks():
    code = "import sys, itertl_eval.lm_eval; assert sys.excepthook is sys.__excepthook__"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.data
def test_the_published_protocol_alone_gives_none_of_our_metrics(published):
    """Our testbenches have not run: garbage counts neither as compiled nor as simulated."""
    with stub_server(lambda *_: "no") as (url, _):
        results = evaluate(
            ["verilogeval_spec_to_rtl"],
            "local-completions",
            api(url),
            limit=1,
            metadata={"protocol": "official"},
        )
    found = numbers(results, "verilogeval_spec_to_rtl")
    scores = {name: value for name, value in found.items() if "_stderr" not in name}
    assert scores == {"official_pass@1": 0, "official_percent_as_v2_reports_it": 0}
    (sample,) = results["samples"]["verilogeval_spec_to_rtl"]
    assert json.loads(sample["filtered_resps"][0][0])["stage"] == "extract"


@pytest.fixture
def no_sandbox(monkeypatch):
    """Pretend that the machine lacks Landlock."""
    from itertl_eval.grader.isolation import sandbox

    monkeypatch.delenv("ITERTL_EVAL_UNSAFE_NO_SANDBOX", raising=False)
    monkeypatch.setattr("itertl_eval.grader.worker.pool._fork_server_works", True)
    monkeypatch.setattr(
        sandbox, "sandbox_status", lambda: sandbox.SandboxStatus(0, False, "no Landlock")
    )


def test_a_machine_that_cannot_grade_fails_before_generation(no_sandbox):
    with stub_server(reference_when(lambda _: True)) as (url, requests):
        with pytest.raises(InfrastructureError, match="ITERTL_EVAL_UNSAFE_NO_SANDBOX=1"):
            evaluate(["rtl_core"], "local-completions", api(url), limit=1)
        assert not requests


def test_a_machine_without_a_simulator_can_still_generate(monkeypatch):
    from itertl_eval.grader.compile import _icarus as icarus

    monkeypatch.setenv("PATH", "/nosuch")
    monkeypatch.delenv("ITERTL_EVAL_ICARUS", raising=False)
    icarus.find_icarus.cache_clear()
    try:
        with pytest.raises(InfrastructureError, match="Icarus Verilog was not found"):
            evaluate(["rtl_core"], "dummy", {}, limit=1)
        results = evaluate(["rtl_core"], "dummy", {}, limit=1, predict_only=True)
    finally:
        icarus.find_icarus.cache_clear()
    assert len(results["samples"]["rtl_core"]) == 1
    assert results["configs"]["rtl_core"]["metadata"]["card"]["simulator"] is None
