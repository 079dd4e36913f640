"""The command: files it writes, JUnit XML, and the format of a real lm-eval run."""

import argparse
import xml.etree.ElementTree as ET

import pytest

from itertl_eval.cli import _report
from itertl_eval.errors import UsageError
from itertl_eval.report import collect, junit, render
from tests.report.inputs import HOSTILE, row, write_lines, write_run
from tests.report.page import Page


def report(*arguments):
    parser = argparse.ArgumentParser()
    _report.add(parser.add_subparsers())
    options = parser.parse_args(["report", *map(str, arguments)])
    return options.run(options)


def test_files(tmp_path, capsys):
    verdicts = write_lines(tmp_path / "v.jsonl", [row("adder")])
    page, xml = tmp_path / "new" / "page.html", tmp_path / "junit.xml"
    assert report(verdicts, "-o", page, "--junit", xml, "--title", "<b>Mine</b>") == 0
    assert Page(page.read_text(encoding="utf-8")).texts["h1"] == ["<b>Mine</b>"]
    assert ET.parse(xml).getroot().tag == "testsuites"
    assert str(page) in capsys.readouterr().out


def test_refusals(tmp_path):
    verdicts = write_lines(tmp_path / "v.jsonl", [row("adder")])
    with pytest.raises(UsageError, match="would overwrite what is read"):
        report(verdicts, "-o", verdicts)
    with pytest.raises(UsageError, match="can't be written"):
        report(verdicts, "-o", verdicts / "page.html")
    page = tmp_path / "page.html"
    with pytest.raises(UsageError, match=r"--junit .* can't be written: Is a directory"):
        report(verdicts, "-o", page, "--junit", tmp_path)
    assert not page.exists()
    with pytest.raises(UsageError, match="needs verdicts"):
        report(write_run(tmp_path / "run"), "-o", tmp_path / "p.html", "--junit", tmp_path / "x")


def test_junit(tmp_path):
    rows = [
        row("adder"),
        row("adder", 1, "simulate", message=HOSTILE),
        row(f"fifo{HOSTILE}", 0, "simulate", status="infra_error", message="no simulator"),
    ]
    benchmarks = collect([write_lines(tmp_path / "v.jsonl", rows)]).benchmarks
    root = ET.fromstring(junit(benchmarks).encode())
    (suite,) = root
    counts = {key: suite.get(key) for key in ("tests", "failures", "errors", "time")}
    assert counts == {"tests": "3", "failures": "1", "errors": "1", "time": "0.750"}
    assert [len(case) for case in suite.iter("testcase")] == [0, 1, 1]
    assert suite[0].get("name") == "adder[0]"
    assert suite[1][0].get("type") == "simulate"
    assert "<script>alert(1)</script>" in suite[1][0].text
    assert suite[2][0].tag == "error"


@pytest.mark.lm_eval
@pytest.mark.simulator
def test_what_lm_eval_writes(tmp_path):
    import lm_eval
    from lm_eval.loggers import EvaluationTracker
    from lm_eval.tasks import TaskManager

    from itertl_eval._util.paths import shipped

    metadata = {"n_samples": 2}
    manager = TaskManager(
        include_path=str(shipped("tasks")), include_defaults=False, metadata=metadata
    )
    tracker = EvaluationTracker(output_path=str(tmp_path))
    results = lm_eval.simple_evaluate(
        "dummy",
        tasks=["rtl_core"],
        limit=2,
        task_manager=manager,
        metadata=metadata,
        bootstrap_iters=2,
        evaluation_tracker=tracker,
    )
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    tracker.save_results_samples(task_name="rtl_core", samples=samples["rtl_core"])
    collected = collect([tmp_path])
    (benchmark,) = collected.benchmarks
    assert [v.stage for v in benchmark.verdicts] == ["extract"] * 4
    assert benchmark.reported["pass@1"] == benchmark.metrics["pass@1"]
    assert benchmark.reported["syntax@2"] == benchmark.metrics["syntax@2"]
    greedy, limited = benchmark.notes
    assert greedy.startswith("greedy decoding: all 2 samples")
    assert "--limit" in limited
    assert benchmark.text_of(0) == "lol"
    Page(render(collected)).check_self_contained()
