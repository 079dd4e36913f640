"""Testbenches for pairs: the command, the prompts that state the interface, resuming."""

from __future__ import annotations

import json
from dataclasses import replace
from unittest.mock import Mock

import pytest

from itertl_eval.errors import InfrastructureError
from itertl_eval.suites import load_suite
from itertl_eval.train.data import load_pairs, with_header, with_interface
from itertl_eval.train.run import RunFolder
from itertl_eval.train.testbenches import _folder, make_testbenches
from itertl_eval.train.testbenches._command import main

AND = "module g(input a, input b, output y);\n  assign y = a & b;\nendmodule\n"
FLOP = """\
module f(clk, d, q);
  input clk, d;
  output reg q;
  always @(posedge clk) q <= d;
endmodule
"""
STUCK = "module s(input a, output y);\n  assign y = 1'b1 | a;\nendmodule\n"
ROWS = [
    {"instruction": "An AND gate.", "output": AND},
    {"instruction": "A module f with clk, d and q: a D flip-flop.", "output": FLOP},
    {"instruction": "Something that is stuck.", "output": STUCK},
    {"instruction": "", "output": AND},
]


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    return path


def test_an_instruction_without_names_is_asked_with_the_header(pairs):
    first, second, _ = load_pairs(pairs, on_bad_row="skip").instructions
    asked = with_interface(first)
    assert asked.problem.prompt.header == "module g(input a, input b, output y);\n"
    assert asked.reference == "  assign y = a & b;\nendmodule\n"
    assert with_interface(second) == second


def test_ports_that_the_header_does_not_declare_are_described(pairs):
    pair = load_pairs(pairs, on_bad_row="skip").instructions[1]
    text = pair.problem.prompt.description.replace("clk, ", "")
    vague = replace(pair.problem, prompt=replace(pair.problem.prompt, description=text))
    asked = with_interface(replace(pair, problem=vague))
    assert asked.problem.prompt.header == ""
    assert "input clk" in asked.problem.prompt.description
    assert asked.reference == pair.reference


NAMED = "A module g with inputs a and b\n\nand the output y: their AND."
COMMENTS = "// A module g with inputs a and b\n//\n// and the output y: their AND.\n"


def test_a_pair_can_be_asked_in_the_form_of_verilogeval(pairs):
    pairs.write_text(json.dumps({"instruction": NAMED, "output": AND}))
    (pair,) = map(with_interface, load_pairs(pairs).instructions)
    assert pair.problem.prompt.header == ""
    asked = with_header(pair)
    assert asked.problem.prompt.description == COMMENTS
    assert asked.problem.prompt.header == "module g(input a, input b, output y);\n"
    assert asked.reference == "  assign y = a & b;\nendmodule\n"
    assert with_header(asked) == asked


def test_a_header_that_declares_no_ports_is_not_asked_with(pairs):
    flop = load_pairs(pairs, on_bad_row="skip").instructions[1]
    assert with_header(flop) == flop


@pytest.mark.simulator
def test_the_command_asks_with_headers(pairs, tmp_path):
    pairs.write_text(json.dumps({"instruction": NAMED, "output": AND}))
    tasks = tmp_path / "tasks"
    assert main([str(pairs), "-o", str(tasks), "--mutants", "0", "--header"]) == 0
    (problem,) = load_suite(str(tasks)).values()
    assert problem.prompt.text.startswith(f"{COMMENTS}module g(")


@pytest.mark.simulator
def test_the_command_writes_tasks_and_a_report(pairs, tmp_path, capsys):
    report = tmp_path / "report.jsonl"
    arguments = [
        str(pairs),
        "-o",
        str(tmp_path / "tasks"),
        "--report",
        str(report),
        "--mutants",
        "5",
    ]
    assert main(arguments) == 0
    assert "4 pairs: 2 testbenches made" in capsys.readouterr().out
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    assert [row["outcome"] for row in rows] == ["made", "made", "constant outputs", "bad row"]
    assert [row["line"] for row in rows] == [1, 2, 3, 4]
    assert rows[0]["mutants"] >= rows[0]["killed"] > 0
    suite = load_suite(str(tmp_path / "tasks"))
    assert list(suite) == ["pairs-000001", "pairs-000002"]
    assert suite["pairs-000001"].prompt.header.startswith("module g(")


@pytest.mark.simulator
@pytest.mark.parametrize("option", ["-o", "--report"])
def test_a_place_that_would_be_overwritten_is_refused(pairs, tmp_path, capsys, option):
    kept = pairs.read_text()
    command = [str(pairs), "-o", str(tmp_path / "tasks"), option, str(pairs)]
    assert main(command) == 2
    assert f"{pairs} " in capsys.readouterr().err
    assert pairs.read_text() == kept
    assert not (tmp_path / "tasks").exists()


@pytest.mark.parametrize("wrong", ["--jobs=0", "--mutants=-1"])
def test_numbers_without_a_meaning_are_refused(pairs, tmp_path, wrong):
    with pytest.raises(SystemExit) as ended:
        main([str(pairs), "-o", str(tmp_path / "tasks"), wrong])
    assert ended.value.code == 2


def test_a_second_run_goes_on_and_the_bytes_do_not_depend_on_the_workers(pairs, tmp_path):
    tasks, other = tmp_path / "tasks", tmp_path / "again" / "tasks"
    assert main([str(pairs), "-o", str(tasks), "--jobs", "1"]) == 0
    rows = (tasks / "testbenches.jsonl").read_bytes()
    assert main([str(pairs), "-o", str(tasks)]) == 0
    assert (tasks / "testbenches.jsonl").read_bytes() == rows
    assert main([str(pairs), "-o", str(other), "--jobs", "3"]) == 0
    files = sorted(file.relative_to(tasks) for file in tasks.rglob("*") if file.is_file())
    assert len(files) > 8
    for file in files:
        if file.name != "testbenches.jsonl":
            assert (other / file).read_bytes() == (tasks / file).read_bytes()


@pytest.mark.simulator
def test_another_seed_makes_them_anew(pairs, tmp_path):
    tasks = tmp_path / "tasks"
    assert main([str(pairs), "-o", str(tasks), "--mutants", "0"]) == 0
    before = (tasks / "pairs-000002" / "test_pairs-000002.py").read_text()
    assert main([str(pairs), "-o", str(tasks), "--mutants", "0", "--seed", "1"]) == 0
    assert (tasks / "pairs-000002" / "test_pairs-000002.py").read_text() != before


@pytest.mark.simulator
def test_a_seed_that_comes_back_finds_no_testbenches_of_another(pairs, tmp_path, monkeypatch):
    instructions = load_pairs(pairs, on_bad_row="skip").instructions[:1]
    file = tmp_path / "pairs-000001" / "test_pairs-000001.py"
    texts = []
    for seed in (0, 1, 0):
        make_testbenches(instructions, tmp_path, limit=0, seed=seed)
        texts.append(file.read_text())
    assert texts[0] == texts[2] != texts[1]

    def killed(*_):
        file.write_text("a part")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(_folder, "write_task", killed)
        with pytest.raises(KeyboardInterrupt):
            make_testbenches(instructions, tmp_path, limit=0, seed=1)
    make_testbenches(instructions, tmp_path, limit=0, seed=0)
    assert file.read_text() == texts[0]


@pytest.mark.simulator
def test_a_pair_that_is_refused_now_leaves_no_task_of_its_earlier_text(pairs, tmp_path, capsys):
    tasks = tmp_path / "tasks"
    command = [str(pairs), "-o", str(tasks), "--mutants", "0"]
    assert main(command) == 0
    before = pairs.read_text()
    pairs.write_text("".join(f"{json.dumps(row)}\n" for row in [ROWS[2], *ROWS[1:]]))
    (tasks / "pairs-000002" / "notes.txt").write_text("a user's")
    capsys.readouterr()
    assert main(command) == 0
    assert "1 testbench made" in capsys.readouterr().out
    assert set(load_suite(str(tasks))) == {"pairs-000002"}
    assert not (tasks / "pairs-000001").exists()
    pairs.write_text(before)
    assert main(command) == 0
    assert set(load_suite(str(tasks))) == {"pairs-000001", "pairs-000002"}
    assert (tasks / "pairs-000002" / "notes.txt").exists()


@pytest.mark.simulator
def test_another_version_makes_them_anew(pairs, tmp_path, monkeypatch):
    instructions = load_pairs(pairs, on_bad_row="skip").instructions[:1]
    file = tmp_path / "pairs-000001" / "test_pairs-000001.py"
    make_testbenches(instructions, tmp_path, limit=0)
    text = file.read_text()
    file.write_text("made by an earlier version")
    monkeypatch.setattr(_folder, "maker_version", lambda: "another")
    make_testbenches(instructions, tmp_path, limit=0)
    assert file.read_text() == text


@pytest.mark.simulator
def test_one_process_at_a_time_makes_testbenches_in_a_folder(pairs, tmp_path, capsys):
    with RunFolder(tmp_path / "tasks").lock():
        assert main([str(pairs), "-o", str(tmp_path / "tasks"), "--mutants", "0"]) == 2
    assert "another process is working in" in capsys.readouterr().err


@pytest.mark.simulator
def test_an_interrupted_run_keeps_what_it_has_made(pairs, tmp_path, monkeypatch):
    instructions = load_pairs(pairs, on_bad_row="skip").instructions
    real, calls = _folder.make_testbench, []

    def interrupted(problem, **options):
        calls.append(problem.id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(problem, **options)

    monkeypatch.setattr(_folder, "make_testbench", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_testbenches(instructions, tmp_path, limit=0, jobs=1)
    made = make_testbenches(instructions, tmp_path, limit=0, jobs=1)
    assert [entry.outcome for entry in made] == ["made", "made", "constant outputs"]
    assert calls.count("pairs-000001") == 1
    assert calls.count("pairs-000002") >= 2


@pytest.mark.simulator
def test_who_interrupts_it_is_told_that_the_same_command_goes_on(
    pairs, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(_folder, "make_testbench", Mock(side_effect=KeyboardInterrupt))
    assert main([str(pairs), "-o", str(tmp_path / "tasks"), "--mutants", "0"]) == 130
    assert "interrupted: the same command goes on where it stopped\n" in capsys.readouterr().err


@pytest.mark.simulator
def test_a_fault_of_the_machine_is_tried_again(pairs, tmp_path, monkeypatch, capsys):
    def broken(*_, **__):
        raise InfrastructureError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(_folder, "make_testbench", broken)
        assert main([str(pairs), "-o", str(tmp_path / "t"), "--mutants", "0"]) == 3
        assert "3  infra_error" in capsys.readouterr().out
    assert main([str(pairs), "-o", str(tmp_path / "t"), "--mutants", "0"]) == 0
