"""Task folders: every field is read; a mistake is reported with file, line, field and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from itertl_eval import load_suite
from itertl_eval.authoring._scaffold import new_task
from itertl_eval.corpus import make_corpus
from itertl_eval.errors import UsageError
from itertl_eval.problem import Limits, Port
from itertl_eval.suites import find_corpus, load_problem

HEAD = "top: mine\nports:\n  - {name: clk, direction: input}\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    return new_task("mine", tmp_path)


def load(folder: Path):
    return load_suite(str(folder))[folder.name]


def test_all_fields(folder):
    (folder / "problem.yaml").write_text(
        "top: other_name\n"
        "ports:\n"
        "  - {name: d, direction: input, width: 8}\n"
        "  - name: q\n"
        "    direction: output\n"
        "parameters: [{W: 8}, {W: 3}]\n"
        "reference: [a.sv, reference.sv]\n"
        "testbench: bench.py\n"
        "level: advanced\n"
        "tags: [bus]\n"
        "limits: {wall: 5, memory: 256}\n"
        "equivalent: {'q <= 1;': no reader}\n"
    )
    (folder / "a.sv").write_text("// first")
    (folder / "bench.py").write_text("")
    problem = load(folder)
    assert (problem.id, problem.suite, problem.top) == ("mine", "mine", "other_name")
    assert problem.ports == (Port("d", "input", 8), Port("q", "output", 1))
    assert problem.parameters == ({"W": 8}, {"W": 3})
    assert problem.reference.startswith("// first\nmodule mine")
    assert problem.testbench == folder / "bench.py"
    assert problem.tags == ("advanced", "bus")
    assert problem.equivalent == {"q <= 1;": "no reader"}
    assert problem.limits == Limits(wall=5, cpu=20, memory=256, file=16)
    assert problem.prompt.text == (folder / "spec.md").read_text()


def test_without_a_testbench_it_can_be_read_and_is_not_covered(folder):
    (folder / "test_mine.py").unlink()
    suite = load_suite(str(folder))
    assert suite["mine"].testbench is None
    assert suite.covered == ()


def test_a_folder_of_folders(folder):
    new_task("second", folder.parent)
    suite = load_suite(str(folder.parent))
    assert list(suite) == ["mine", "second"]
    assert suite.name == folder.parent.name


def test_own_tasks_by_name(folder, monkeypatch):
    monkeypatch.setenv("ITERTL_EVAL_TASKS", str(folder.parent))
    assert load_suite("mine")["mine"].top == "mine"
    monkeypatch.setenv("ITERTL_EVAL_TASKS", str(folder / "nosuch"))
    with pytest.raises(UsageError, match=r"ITERTL_EVAL_TASKS=.*nosuch is not a folder"):
        load_suite("mine")


MISTAKES = {
    "direction": (HEAD.replace("input", "in"), 3, "ports.0.direction: Input should be 'input', "),
    "width": (HEAD.replace("input", "input, width: 0"), 3, "ports.0.width: Input should be"),
    "misspelt": (HEAD + "lmits: {}\n", 4, "lmits: no such field; did you mean limits?"),
    "unknown": (HEAD + "zzz: 1\n", 4, "zzz: no such field; known: top, header, ports, "),
    "unknown_in_port": (HEAD.replace("name", "nmae"), 3, "ports.0.nmae: no such field; did you"),
    "unknown_in_limits": (HEAD + "limits:\n  wal: 3\n", 5, "limits.wal: no such field; did you"),
    "endless": (HEAD + "limits: {wall: .inf}\n", 4, "limits.wall: Input should be a finite number"),
    "missing": ("ports:\n  - {name: a, direction: input}\n", 1, "top: this field is missing"),
    "missing_in_port": (HEAD + "  - {name: b}\n", 4, "ports.1.direction: this field is missing"),
    "no_ports": ("top: mine\nports: []\n", 2, "ports: List should have at least 1 item"),
    "twice": (HEAD + HEAD.splitlines(keepends=True)[-1], 2, "ports: port 'clk' is listed twice"),
    "name": (HEAD.replace("clk", "c-k"), 3, "'c-k' is not a Verilog name"),
    "yaml_word": (HEAD.replace("clk", "on"), 3, "got True; put a name in quotes"),
    "parameter": (
        HEAD + "parameters:\n  - {W: 1}\n  - {W: [2]}\n",
        6,
        "parameters.1.W: expected a number",
    ),
    "parameter_literal": (HEAD + 'parameters: [{W: "\'1"}]\n', 4, 'parameters.0.W: "\'1" is not a'),
    "level": (HEAD + "level: hard\n", 4, "level: Input should be 'basic', "),
    "not_yaml": (HEAD + "tags: [a\n", 5, "invalid YAML: "),
    "empty": ("", 1, "expected fields such as `top: mine`"),
    "list": ("- top\n", 1, "expected fields such as `top: mine`"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_reports_mistakes_with_line_field_and_remedy(folder, name):
    content, line, words = MISTAKES[name]
    (folder / "problem.yaml").write_text(content)
    with pytest.raises(UsageError) as caught:
        load(folder)
    lines = [text for text in str(caught.value).splitlines() if words in text]
    assert lines, str(caught.value)
    assert lines[0].startswith(f"{folder / 'problem.yaml'}:{line}: ")


def test_several_mistakes_at_once(folder):
    (folder / "problem.yaml").write_text("top: 1a\nports: []\nlevel: x\n")
    with pytest.raises(UsageError) as caught:
        load(folder)
    assert [line.split(": ")[1] for line in str(caught.value).splitlines()] == [
        "top",
        "ports",
        "level",
    ]


@pytest.mark.parametrize(
    ("field", "missing"),
    [("testbench: nosuch.py", "nosuch.py"), ("reference: [reference.sv, nosuch.sv]", "nosuch.sv")],
)
def test_files_that_are_named_must_be_there(folder, field, missing):
    (folder / "problem.yaml").write_text(f"{HEAD}{field}\n")
    with pytest.raises(UsageError, match=f"{missing} is missing"):
        load(folder)


def test_a_test_of_another_name_is_found(folder):
    (folder / f"test_{folder.name}.py").rename(folder / "test_other.py")
    with pytest.raises(UsageError, match=r"\.py is missing; name test_other\.py there"):
        load(folder)


def test_files_that_are_always_needed(folder, tmp_path):
    (folder / "spec.md").unlink()
    with pytest.raises(UsageError, match=r"spec\.md is missing"):
        load(folder)
    (folder / "spec.md").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"spec\.md is not UTF-8"):
        load(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no task folders"):
        load(tmp_path / "empty")


# -- one problem by name ----------------------------------------------------------------------


def test_load_problem_takes_folders_suites_and_ids(folder, monkeypatch):
    assert load_problem("rtl_core/simple_alu") == load_problem("simple_alu")
    assert load_problem(str(folder)) == load_suite(str(folder.parent))["mine"]
    monkeypatch.chdir(folder)
    assert load_problem(".").suite == "mine"
    monkeypatch.setenv("ITERTL_EVAL_TASKS", str(folder.parent))
    assert load_problem("mine").id == "mine"


@pytest.mark.parametrize("name", ["nosuch", "rtl_core/nosuch", "nosuch/mine"])
def test_load_problem_reports_unknown_names(name):
    with pytest.raises(UsageError, match="nosuch"):
        load_problem(name)


def test_load_problem_finds_both_parts_of_a_corpus(tmp_path):
    assert find_corpus(str(tmp_path)) is None
    corpus = make_corpus(tmp_path, train=2, heldout=1)
    for part in (corpus.train, corpus.heldout):
        [*ids] = part
        assert load_problem(f"{tmp_path}/{ids[0]}").suite == part.name
    assert dict(load_suite(str(tmp_path))) == dict(corpus.heldout)
