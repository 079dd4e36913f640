"""The filter: its rules, its command, and candidates of rows with several responses."""

from __future__ import annotations

import json

import pytest

from itertl_eval.problem import Port
from itertl_eval.train.filter import _command as filtering
from itertl_eval.train.filter._self_contained import faults
from itertl_eval.verdict import Verdict

pytestmark = pytest.mark.train
GOOD = "module top(input a, output y);\n  assign y = ~a;\nendmodule\n"


def write(path, rows):
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        (GOOD, None),
        (
            "module top(input a, output y); inv i(a, y); endmodule\n"
            "module inv(input a, output y); assign y = ~a; endmodule",
            None,
        ),
        ("module top(output reg y); initial y = 0; endmodule", None),
        (
            "module top(output y); sub s(.q(y)); endmodule "
            "module sub(output q); assign q = 1; endmodule",
            None,
        ),
        ("", "empty"),
        ("module top(input a, output y); assign y = a;", "cut off"),
        ('`include "defs.vh"\n' + GOOD, "include"),
        ("// `include in a comment\n" + GOOD, None),
        ("module top(output y); assign y = `WIDTH; endmodule", "undefined macro"),
        ("module top(input a, output y); inv i(a, y); endmodule", "unknown module"),
        (
            'module top(output y); reg [7:0] m [3:0]; initial $readmemh("m.hex", m); '
            "assign y = m[0][0]; endmodule",
            "reads a file",
        ),
        (
            'module top(output y); reg [7:0] m [3:0]; initial $display("a /* b"); '
            'initial $readmemh("m.hex", m); assign y = m[0][0]; endmodule',
            "reads a file",
        ),
        (GOOD + '// $readmemh("m.hex", m);\n/* $readmemh("m.hex", m); */', None),
        (GOOD + "module other(input a); endmodule", "not one root module"),
        ("module inverter(input a, output y); assign y = ~a; endmodule", "another top module"),
        ("module top(input b, output y); assign y = ~b; endmodule", "ports"),
        ("module top(input a, output y); assign y = ~a endmodule", "syntax"),
        ("module top(input a, output y); wire z = a; endmodule", "undriven output"),
    ],
)
def test_rules_of_the_filter(code, rule):
    ports = (
        (Port("a", "input"), Port("y", "output")) if "input a" in code or rule == "ports" else ()
    )
    got = next(iter(faults(code, "top", ports)), None)
    assert (got.rule if got else None) == rule


@pytest.mark.simulator
def test_filter_command(tmp_path, capsys):
    rows = [
        {"instruction": "keep this one", "output": GOOD},
        {"instruction": "i", "output": "module top(output y); gone g(y); endmodule"},
        {"instruction": "i", "output": "nothing"},
        # slang accepts it, Icarus does not: a register driven by a continuous assignment.
        {
            "instruction": "i",
            "output": "module top(input a, output y); reg y2; initial y2.z = 1; "
            "assign y = a; endmodule",
        },
    ]
    path = write(tmp_path / "p.jsonl", rows)
    kept, gone = tmp_path / "kept.jsonl", tmp_path / "gone.jsonl"
    assert filtering.main([str(path), "-o", str(kept), "--report", str(gone)]) == 0
    assert kept.read_text() == json.dumps(rows[0]) + "\n"
    assert len(gone.read_text().splitlines()) == 3
    assert "4 rows: 1 kept, 3 removed" in capsys.readouterr().out


@pytest.mark.simulator
@pytest.mark.parametrize("option", ["-o", "--report"])
def test_the_filter_keeps_its_sources_and_says_first_what_it_can_not_write(
    tmp_path, capsys, option
):
    path = tmp_path / "pairs.jsonl"
    path.write_text("not read before that\n")
    assert filtering.main([str(path), option, str(path)]) == 2
    assert "would overwrite what is read" in capsys.readouterr().err
    assert filtering.main([str(path), option, str(tmp_path)]) == 2
    assert f"{tmp_path} can't be written: Is a directory" in capsys.readouterr().err
    assert path.read_text() == "not read before that\n"


def test_the_filter_checks_candidates(tmp_path, capsys):
    another = GOOD.replace("top", "other")  # a candidate may name its module as it likes
    refused = "module top(input a, output y); reg z; initial z.q = 1; assign y = a; endmodule"
    lost = "module top(output y); gone g(y); endmodule"
    bad = [lost, GOOD, "no design", another, refused, None]
    rows = [
        {"Instruction": "Ä", "Input": "", "Response": [*bad, GOOD], "Score": [1, 2, 3, 4, 5, 6, 7]},
        {"Instruction": "i", "Input": "", "Response": [GOOD, lost], "Score": [0.5, 1]},
        {"Instruction": "i", "Input": "", "Response": [GOOD, GOOD], "Score": [0.5, 1]},
        {"Instruction": "i", "Input": "", "Response": [lost, GOOD], "Score": [1]},
        {"Instruction": "i", "Response": [GOOD]},
        {"instruction": "i", "output": GOOD},
    ]
    path = write(tmp_path / "p.jsonl", rows)
    kept, gone = tmp_path / "kept.jsonl", tmp_path / "gone.jsonl"
    command = [str(path), "-o", str(kept), "--report", str(gone)]
    assert filtering.main([*command, "--candidates"]) == 0
    left = {**rows[0], "Response": [GOOD, another, GOOD], "Score": [2, 4, 7]}
    found = [json.loads(line) for line in kept.read_text().splitlines()]
    assert found == [left, rows[2], rows[4], rows[5]]
    reported = [json.loads(line) for line in gone.read_text().splitlines()]
    assert {(r["where"], r.get("candidate"), r["rule"]) for r in reported} == {
        (f"{path}:1", 1, "unknown module"),
        (f"{path}:1", 3, "bad candidate"),
        (f"{path}:1", 5, "does not compile"),
        (f"{path}:1", 6, "bad candidate"),
        (f"{path}:2", None, "unknown module"),
        (f"{path}:4", None, "bad row"),
    }
    said = capsys.readouterr().out
    assert said.startswith("6 rows: 4 kept, 2 removed\n")
    assert "\n7 candidates in the rows kept: 3 kept, 4 removed\n       2  bad candidate\n" in said
    # Without the flag, candidates and scores are not looked at.
    assert filtering.main(command) == 0
    assert "6 rows: 5 kept, 1 removed" in capsys.readouterr().out


@pytest.mark.simulator
def test_a_gap_of_the_simulator_is_not_the_references_fault(tmp_path):
    gap = GOOD.replace("assign", "let same(x) = x; assign", 1)
    path = write(tmp_path / "p.jsonl", [{"instruction": "i", "output": gap}])
    report = tmp_path / "gone.jsonl"
    assert (
        filtering.main([str(path), "-o", str(tmp_path / "k.jsonl"), "--report", str(report)]) == 0
    )
    (row,) = [json.loads(line) for line in report.read_text().splitlines()]
    assert row["rule"] == "not supported by this simulator"


def test_what_can_not_be_compiled_here_is_counted_and_kept(tmp_path, capsys, monkeypatch):
    failed = Verdict("p", 0, "infra_error", "syntax", 0.0, 0, 0, "disk full", 0.0, False, 0)
    monkeypatch.setattr(filtering, "grade_many", lambda items, **_: [failed for _ in items])
    rows = [{"Instruction": "i", "Input": "", "Response": [GOOD, GOOD], "Score": [0.5, 1]}] * 2
    path, kept = write(tmp_path / "p.jsonl", rows), tmp_path / "kept.jsonl"
    assert filtering.main([str(path), "-o", str(kept)]) == 3
    said = capsys.readouterr().out
    assert "2 rows: 2 kept, 0 removed\n" in said
    assert "\n2 could not be compiled here and are kept unchecked: disk full\n" in said
    assert kept.read_text() == path.read_text()
    assert filtering.main([str(path), "--candidates"]) == 3
    assert "\n4 could not be compiled here" in capsys.readouterr().out


def test_candidates_and_scores_of_own_columns(tmp_path):
    row = {"ask": "i", "code": ["no design", GOOD], "z": [0, 1], "tags": ["x", "y"]}
    path = write(tmp_path / "p.jsonl", [row])
    names = ["instruction=ask", "reference=code", "score=z"]
    fields = [part for name in names for part in ("--field", name)]
    kept = tmp_path / "kept.jsonl"
    command = [str(path), "-o", str(kept), "--candidates", "--no-compiler", *fields]
    assert filtering.main(command) == 0
    assert json.loads(kept.read_text()) == {**row, "code": [GOOD], "z": [1]}
