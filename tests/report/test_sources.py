"""Reading inputs: each kind, what goes together, and what is refused with what to do."""

import json
import xml.etree.ElementTree as ET
from dataclasses import fields, replace

import pytest

from itertl_eval import load_suite
from itertl_eval.errors import UsageError
from itertl_eval.report import _benchmark, collect, junit
from itertl_eval.report._benchmark import verdict_of
from itertl_eval.verdict import Verdict
from tests.report.inputs import records, row, rows_of, write_lines, write_lm_eval, write_run

ROWS = rows_of({"adder": "pass syntax", "counter": "extract pass"})


def test_lm_eval_folder_results_and_samples_file_are_the_same(tmp_path):
    results = write_lm_eval(tmp_path / "out" / "model", ROWS)
    samples = next(results.parent.glob("samples_*"))
    for path in (tmp_path / "out", results, samples):
        (benchmark,) = collect([path]).benchmarks
        assert (benchmark.name, benchmark.task) == ("some/model", "rtl_core")
        assert [v.stage for v in benchmark.verdicts] == ["pass", "syntax", "extract", "pass"]
        assert benchmark.prompts == dict.fromkeys(["adder", "counter"], "Write a module.")
        assert benchmark.facts["lm_eval"] == "0.4.13"


def test_samples_per_request(tmp_path):
    """With API back ends each sample is a request of its own, and a list of its own."""
    results = write_lm_eval(tmp_path, ROWS)
    samples = next(tmp_path.glob("samples_*"))
    rows = [json.loads(line) for line in samples.read_text().splitlines()]
    for one in rows:
        one["filtered_resps"] = [[text] for text in one["filtered_resps"][0]]
        one["resps"] = [[text] for text in one["resps"][0]]
    write_lines(samples, rows)
    assert len(collect([results]).benchmarks[0].verdicts) == 4


def test_a_chats_messages_are_the_prompt(tmp_path):
    """Chat back ends log what they sent as JSON in a list, the system message included."""
    results = write_lm_eval(tmp_path, ROWS)
    samples = next(tmp_path.glob("samples_*"))
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "An adder."}]
    rows = [json.loads(line) for line in samples.read_text().splitlines()]
    for one in rows:
        one["arguments"] = {"gen_args_0": {"arg_0": [json.dumps(turns)], "arg_1": {"until": []}}}
    write_lines(samples, rows)
    (benchmark,) = collect([results]).benchmarks
    assert benchmark.prompts["adder"] == "[system]\nBe brief.\n[user]\nAn adder."


def test_newest_results_of_a_folder(tmp_path):
    write_lm_eval(tmp_path, ROWS[:1], date="2026-01-01T00-00-00.0")
    write_lm_eval(tmp_path, ROWS, date="2026-01-02T00-00-00.0")
    (benchmark,) = collect([tmp_path]).benchmarks
    assert len(benchmark.verdicts) == 4
    assert "1 older results" in benchmark.notes[0]


def test_scores_without_samples(tmp_path):
    scores = {"pass@1,graded": 0.5, "pass@1_stderr,graded": 0.25}
    results = write_lm_eval(tmp_path, ROWS, scores=scores, logged=False)
    (benchmark,) = collect([results]).benchmarks
    assert benchmark.metrics == {"pass@1": {"value": 0.5, "stderr": 0.25}}
    assert "--log_samples" in benchmark.notes[0]


def test_scores_that_disagree_with_the_samples_are_noted(tmp_path):
    results = write_lm_eval(tmp_path / "a", ROWS, scores={"pass@1,graded": 0.75})
    assert "pass@1 = 0.7500" in collect([results]).benchmarks[0].notes[0]
    results = write_lm_eval(tmp_path / "b", ROWS, scores={"pass@1,graded": 0.5})
    assert not collect([results]).benchmarks[0].notes


def test_verdicts_with_samples_and_card(tmp_path):
    rows = [{key: value for key, value in one.items() if key != "code"} for one in ROWS]
    verdicts = write_lines(tmp_path / "v.jsonl", rows)
    samples = write_lines(
        tmp_path / "s.jsonl", [{"task_id": r["task_id"], "completion": f"code {r}"} for r in rows]
    )
    (bare,) = collect([verdicts]).benchmarks
    assert "--task" in bare.notes[0]
    summary = tmp_path / "summary.json"
    card = {"task": "rtl_core", "packages": {"cocotb": "2.1.0"}}
    summary.write_text(json.dumps({**bare.summary.as_dict(), "card": card}))
    (full,) = collect([verdicts, samples, summary]).benchmarks
    assert full.task == "rtl_core"
    assert full.facts["packages.cocotb"] == "2.1.0"
    assert full.text_of(3).startswith("code ")
    with pytest.raises(UsageError, match="right after its verdicts"):
        collect([write_lines(tmp_path / "w.jsonl", rows[:2]), samples])
    with pytest.raises(UsageError, match="right after its verdicts"):
        collect([write_lines(tmp_path / "w.jsonl", rows[:2]), summary])
    with pytest.raises(UsageError, match="itertl-eval grade"):
        collect([samples])


def test_suite_adds_prompts_and_code(tmp_path):
    from itertl_eval import load_suite

    suite = load_suite("rtl_core")
    task_id = next(iter(suite))
    verdict = row(task_id)
    completion = f"Here it is:\n```verilog\n{suite[task_id].reference}\n```\nGood luck!"
    paths = [
        write_lines(tmp_path / "v.jsonl", [verdict]),
        write_lines(tmp_path / "s.jsonl", [{"task_id": task_id, "completion": completion}]),
    ]
    (benchmark,) = collect(paths, suite).benchmarks
    assert benchmark.prompts[task_id] == suite[task_id].prompt.text
    assert "Good luck" not in benchmark.text_of(0)
    assert "module" in benchmark.text_of(0)
    with pytest.raises(UsageError, match="--task must name"):
        collect([write_lines(tmp_path / "u.jsonl", [row("no such")])], suite)


def test_training_folder_and_file(tmp_path):
    run = write_run(tmp_path / "run")
    for path in (run, run / "metrics.jsonl"):
        (found,) = collect([path]).runs
        assert found.labels == ["base", "1", "2"]
        assert found.facts == {"learning_rate": "0.001"}
    write_run(tmp_path / "arms" / "seed-0" / "once")
    write_run(tmp_path / "arms" / "seed-1" / "once")
    names = [found.name for found in collect([tmp_path / "arms"]).runs]
    assert names == ["seed-0/once", "seed-1/once"]


def test_equal_names_are_told_apart(tmp_path):
    results = [write_lm_eval(tmp_path / name, ROWS) for name in ("first", "second")]
    names = [benchmark.name for benchmark in collect(results).benchmarks]
    assert names == ["some/model", "some/model (2)"]


BAD = {
    "empty.jsonl": ("", "is empty"),
    "torn.jsonl": (json.dumps(ROWS[0]) + '\n{"task_id": "a', "torn.jsonl:2: not JSON"),
    "list.jsonl": ("[1]\n", "expected a JSON object"),
    "other.jsonl": ('{"a": 1}\n', "holds rows of an unknown kind"),
    "stage.jsonl": (json.dumps({**ROWS[0], "stage": "<b>"}), "stage '<b>' is unknown"),
    "type.jsonl": (json.dumps({**ROWS[0], "message": 3}), "'message' is 3"),
    "official.jsonl": (json.dumps({**ROWS[0], "official": {}}), "'passed' and 'label'"),
    "second.jsonl": (json.dumps(ROWS[0]) + '\n{"task_id": "a"}\n', "itertl-eval grade"),
    "metrics.jsonl": (json.dumps(records()[0]) + '\n{"stage": 1}\n', "no stage or iteration"),
    "odd.json": ("{}", "neither lm_eval's results"),
    "deep.json": ("[" * 100_000, "not JSON"),
    "bytes.jsonl": (b"\xff\xfe", "not UTF-8"),
    "mmlu.json": (
        '{"results": {"mmlu": {"acc,none": 1}}, "configs": {"mmlu": {}}}',
        "none of the tasks",
    ),
    "predict.jsonl": (
        json.dumps({"doc": {}, "filtered_resps": ["module m; endmodule"], "resps": [["x"]]}),
        "--predict_only",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_its_place(tmp_path, name):
    content, message = BAD[name]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError) as caught:
        collect([path])
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_every_field_of_a_verdict_is_read(tmp_path):
    """A row of a broken testbench ended in a KeyError."""
    broken = verdict_of({**ROWS[0], "code": None}, "a.jsonl", 0)
    broken = replace(broken, status="infra_error", testbench_fault=True, protocol="official")
    path = tmp_path / "verdicts.jsonl"
    path.write_text(json.dumps(broken.as_row()))
    (benchmark,) = collect([path]).benchmarks
    assert benchmark.verdicts == [broken]
    assert {field.name for field in fields(Verdict)} == set(_benchmark._TYPES)


def test_what_is_not_there(tmp_path):
    with pytest.raises(UsageError, match=r"does not exist. Give a folder or file that lm_eval"):
        collect([tmp_path / "nothing"])
    write_lines(tmp_path / "v.jsonl", ROWS)
    with pytest.raises(UsageError, match=r"name the file itself, such as .*v.jsonl"):
        collect([tmp_path])


def test_the_same_file_or_folder_twice_is_shown_once(tmp_path):
    verdicts = write_lines(tmp_path / "v.jsonl", [row("adder")])
    write_lm_eval(tmp_path / "out" / "model", ROWS)
    given = [
        verdicts,
        tmp_path / "out" / ".." / "v.jsonl",
        tmp_path / "out",
        tmp_path / "out/model",
    ]
    assert [benchmark.name for benchmark in collect(given).benchmarks] == ["v", "some/model"]


def test_a_samples_file_that_ends_early_is_noted(tmp_path):
    results = write_lm_eval(tmp_path, ROWS)
    samples = next(tmp_path.glob("samples_*"))
    samples.write_text(samples.read_text().splitlines()[0] + "\n")
    (benchmark,) = collect([results]).benchmarks
    (note,) = [note for note in benchmark.notes if "ended early" in note]
    assert "2 problems were run, but the samples file holds 1" in note


def test_a_suite_names_the_problems_without_a_sample(tmp_path):
    verdicts = write_lines(tmp_path / "v.jsonl", [row("gray_counter")])
    (benchmark,) = collect([verdicts], load_suite("rtl_core")).benchmarks
    assert len(benchmark.summary.missing) == len(load_suite("rtl_core")) - 1
    (suite,) = ET.fromstring(junit([benchmark]).encode())
    assert suite.get("skipped") == str(len(benchmark.summary.missing))
    assert suite[1][0].tag == "skipped"
    assert "have no sample" in suite.find("system-out").text
