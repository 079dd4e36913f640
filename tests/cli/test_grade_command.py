"""`itertl-eval grade`: what it refuses, prints and writes."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest

from itertl_eval import load_suite
from itertl_eval.cli import main
from tests.cli.tools import refused, row, samples, wrong


@pytest.mark.simulator
def test_grade(folder, tmp_path, capsys):
    right = (folder / "reference.sv").read_text()
    file = samples(tmp_path, row(right), row(wrong(folder)), row("none"), row(right, sample=9))
    output = tmp_path / "verdicts.jsonl"
    assert main(["grade", file, "--task", str(folder), "--output", str(output)]) == 0
    said = capsys.readouterr().out
    assert "2 of 4 samples pass (1 problem)\n  pass@1     0.5000\n" in said
    assert "ended in   extract 1, simulate 1, pass 2" in said
    assert "mine[1] simulate: counts_and_wraps: count: expected 1" in said
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert [(r["sample"], r["stage"]) for r in rows] == [
        (0, "pass"),
        (1, "simulate"),
        (2, "extract"),
        (9, "pass"),
    ]
    said = ["grade", file, "--task", str(folder), "--output", str(output), "--no-partial"]
    assert main(said) == 0
    short = [json.loads(line) for line in output.read_text().splitlines()]
    assert [(r["stage"], r["message"]) for r in short] == [(r["stage"], r["message"]) for r in rows]


@pytest.mark.simulator
def test_grade_json(folder, tmp_path, capsys):
    file = samples(tmp_path, row((folder / "reference.sv").read_text()))
    assert main(["grade", file, "--task", str(folder), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["metrics"]["pass@1"] == {"value": 1.0, "stderr": None}
    assert facts["card"]["task"] == "mine"
    assert facts["card"]["simulator"].startswith("Icarus Verilog")
    assert facts["card"]["seed"] == 0


def test_grade_refuses_a_bad_row_before_it_grades(folder, tmp_path, capsys):
    file = samples(tmp_path, row(), "{")
    assert f"{file}:2: not JSON" in refused(capsys, 2, "grade", file, "--task", folder)
    file = samples(tmp_path, row(), row(), row(task_id="other"))
    said = refused(capsys, 2, "grade", file, "--task", folder)
    assert f"{file}:3: mine has no problem 'other'" in said


def test_grade_without_a_file_or_a_task(folder, tmp_path, capsys):
    nosuch = tmp_path / "nosuch.jsonl"
    assert f"{nosuch} can't be read" in refused(capsys, 2, "grade", nosuch, "--task", folder)
    said = refused(capsys, 2, "grade", samples(tmp_path, row()), "--task", "nosuch")
    assert "no suite 'nosuch'; there are: verilogeval_human" in said


def test_grade_keeps_the_samples_and_says_where_nothing_can_be_written(folder, tmp_path, capsys):
    file = samples(tmp_path, row(wrong(folder)))
    before = Path(file).read_text()
    grade = ["grade", file, "--task", folder, "--output"]
    assert "overwrite the samples" in refused(capsys, 2, *grade, file)
    assert Path(file).read_text() == before
    assert "No such file" in refused(capsys, 2, *grade, tmp_path / "nowhere" / "v.jsonl")
    assert "Is a directory" in refused(capsys, 2, *grade, tmp_path)


@pytest.mark.simulator
def test_grade_refuses_an_output_that_another_process_writes(folder, tmp_path, capsys):
    given, output = samples(tmp_path, row("module x; endmodule")), tmp_path / "verdicts.jsonl"
    output.write_text("of the first\n")
    with output.open("a") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        command = ["grade", given, "--task", str(folder), "--output", str(output)]
        assert "another process is writing" in refused(capsys, 2, *command)
        assert output.read_text() == "of the first\n"
    assert main(command) == 0
    assert len(output.read_text().splitlines()) == 1


@pytest.mark.simulator
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_grade_on_a_full_disk(folder, tmp_path, capsys):
    file = samples(tmp_path, row(wrong(folder)))
    said = refused(capsys, 3, "grade", file, "--task", folder, "--output", "/dev/full")
    assert "free some space" in said


def test_grade_refuses_what_holds_no_samples(folder, tmp_path, capsys):
    grade = ["--task", folder]
    assert "no samples" in refused(capsys, 2, "grade", samples(tmp_path, "", ""), *grade)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "not a regular file" in refused(capsys, 2, "grade", pipe, *grade)


def test_a_number_of_workers(folder, tmp_path, capsys):
    for jobs in ("0", "-1", "two"):
        with pytest.raises(SystemExit) as caught:
            main(["grade", samples(tmp_path, row()), "--task", str(folder), "--jobs", jobs])
        assert caught.value.code == 2
        assert "a positive integer" in capsys.readouterr().err


def test_grade_without_a_testbench(folder, tmp_path, capsys):
    (folder / "test_mine.py").unlink()
    said = refused(capsys, 3, "grade", samples(tmp_path, row("x")), "--task", folder)
    assert "no testbench for mine" in said
    assert "docs/add-a-testbench.md" in said


@pytest.mark.simulator
def test_grade_tells_what_was_not_graded(folder, tmp_path, capsys):
    (folder / "test_mine.py").write_text("import nothing_of_this_name\n")
    file = samples(tmp_path, row((folder / "reference.sv").read_text()))
    assert main(["grade", file, "--task", str(folder)]) == 3
    said = capsys.readouterr().out
    assert "NOT GRADED 1" in said
    assert "nothing_of_this_name" in said


def test_official_protocol_is_for_published_benches(folder, tmp_path, capsys):
    file = samples(tmp_path, row("module mine(); endmodule"))
    said = refused(capsys, 2, "grade", file, "--task", folder, "--protocol", "official")
    assert "has no published harness" in said


@pytest.mark.data
@pytest.mark.simulator
def test_a_v2_pass_rate_as_v2_reports_it(tmp_path, capsys, published):
    problem = load_suite("verilogeval_spec_to_rtl")["Prob001_zero"]
    right = f"[BEGIN]\n{problem.reference}\n[DONE]\n"
    rows = [row(text, task_id=problem.id) for text in (right, right, "no")]
    file = samples(tmp_path, *rows)
    for protocol in ("both", "official"):
        arguments = ["grade", file, "--task", problem.suite, "--protocol", protocol]
        assert main(arguments) == 0
        assert "as VerilogEval v2 reports it: pass_rate = 66.00\n" in capsys.readouterr().out
        assert main([*arguments, "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["as_v2_reports_it"] == {"pass_rate": 66.0, "problems": {problem.id: 66}}
        assert said["passed"] == 2
        assert said["metrics"]["official_pass@1"]["value"] == pytest.approx(2 / 3)
        # Our testbench does not run with "official": nothing is known of a stage.
        assert ("pass@1" in said["metrics"]) == (protocol == "both")
        assert sum(said["stages"].values()) == (3 if protocol == "both" else 0)
