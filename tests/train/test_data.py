"""Pairs files, the self-contained filter, contamination, hidden references."""

from __future__ import annotations

import json

import pytest

from itertl_eval.corpus import make_corpus
from itertl_eval.errors import UsageError
from itertl_eval.problem import Port, Problem, Prompt, Suite
from itertl_eval.suites import load_suite
from itertl_eval.train._dataset import prepare
from itertl_eval.train.config._recipe import make_recipe
from itertl_eval.train.data._instruction import deal, from_suite, hide_references, is_ports_only
from itertl_eval.train.data._pairs import load_pairs
from itertl_eval.train.filter import _command as filtering
from itertl_eval.train.filter._contamination import Benchmarks
from itertl_eval.train.filter._self_contained import faults
from itertl_eval.train.filter._syntax_tree import design_hash
from itertl_eval.train.models import checkpoints
from itertl_eval.train.run._folder import RunFolder
from itertl_eval.verilog.slang import root_of

pytestmark = pytest.mark.train
GOOD = "module top(input a, output y);\n  assign y = ~a;\nendmodule\n"


def write(path, rows):
    path.write_text(
        "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)
    )
    return path


@pytest.mark.parametrize(
    "row",
    [
        {"instruction": "Invert a.", "output": GOOD},
        {"instruction": "Invert", "input": "port a", "output": f"Here:\n```verilog\n{GOOD}```\n"},
        {"Instruction": "Invert a.", "Response": [GOOD]},
        {"Instruction": "Invert a.", "Input": "", "Response": ["bad", GOOD], "Score": [0.1, 1]},
    ],
)
def test_published_forms_are_known(tmp_path, row):
    pairs = load_pairs(write(tmp_path / "p.jsonl", [row]))
    (found,) = pairs.instructions
    assert found.problem.top == "top"
    assert found.problem.ports == (Port("a", "input"), Port("y", "output"))
    assert found.reference == GOOD
    assert is_ports_only(found.problem)


def test_a_json_list_and_own_columns(tmp_path):
    path = tmp_path / "p.json"
    path.write_text(json.dumps([{"ask": "Invert a.", "code": GOOD}]))
    found = load_pairs(path, names=["instruction=ask", "reference=code"]).instructions
    assert found[0].problem.prompt.description == "Invert a.\n"
    with pytest.raises(UsageError, match="field_names"):
        load_pairs(path, names=["question=ask"])


def test_a_byte_order_mark_is_no_bad_row(tmp_path):
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps({"instruction": "Invert a.", "output": GOOD}) + "\n", "utf-8-sig")
    assert len(load_pairs(path).instructions) == 1


def test_bad_rows_are_named_by_line(tmp_path):
    path = write(
        tmp_path / "p.jsonl",
        [
            {"instruction": "i", "output": GOOD},
            "{not json",
            {"instruction": "", "output": GOOD},
            {"instruction": "i", "output": "no module here"},
            {"question": "i"},
            "[1]",
            {"instruction": "i", "output": "module m; initial $display(1); endmodule"},
        ],
    )
    pairs = load_pairs(path, on_bad_row="skip")
    assert [i.problem.id for i in pairs.instructions] == ["p-000001"]
    assert sorted(bad.line for bad in pairs.bad) == [2, 3, 4, 5, 6, 7]
    with pytest.raises(UsageError, match=r"p\.jsonl:2"):
        load_pairs(path)


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


@pytest.mark.parametrize(
    ("text", "top"),
    [
        (GOOD, "top"),
        ("module a; b u(); endmodule module b; endmodule", "a"),
        ("module a; b #(3) u(); endmodule module b #(parameter N=1)(); endmodule", "a"),
        ("module a; endmodule module b; endmodule", None),
        ("The module is simple.\n" + GOOD, "top"),
        ("no code", None),
    ],
)
def test_root(text, top):
    assert root_of(text) == top


@pytest.mark.simulator
def test_filter_command(tmp_path, capsys):
    rows = [
        {"instruction": "keep this one", "output": GOOD},
        {"instruction": "i", "output": "module top(output y); gone g(y); endmodule"},
        {"instruction": "i", "output": "nothing"},
        # slang takes it, Icarus does not: a register driven by a continuous assignment.
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
def test_the_filter_judges_candidates(tmp_path, capsys):
    another = GOOD.replace("top", "other")  # its own module is its own business
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
    # Without the flag, candidates and scores are nobody's business.
    assert filtering.main(command) == 0
    assert "6 rows: 5 kept, 1 removed" in capsys.readouterr().out


def test_candidates_and_scores_of_own_columns(tmp_path):
    row = {"ask": "i", "code": ["no design", GOOD], "z": [0, 1], "tags": ["x", "y"]}
    path = write(tmp_path / "p.jsonl", [row])
    names = ["instruction=ask", "reference=code", "score=z"]
    fields = [part for name in names for part in ("--field", name)]
    kept = tmp_path / "kept.jsonl"
    command = [str(path), "-o", str(kept), "--candidates", "--no-compiler", *fields]
    assert filtering.main(command) == 0
    assert json.loads(kept.read_text()) == {**row, "code": [GOOD], "z": [1]}


def suite_of(description, reference):
    prompt = Prompt(description)
    return Suite("bench", [Problem("b1", "bench", "t", (), prompt, reference)], revision="1")


LONG = (
    "Build a counter that counts from zero to nine and wraps around to zero again, with a "
    "synchronous active high reset and an enable input that holds the value when low"
)


@pytest.mark.parametrize(
    ("instruction", "code", "measure"),
    [
        (
            "Something else altogether in eight or more words.",
            "module x(input c, output d); // same\n assign d = !c & 2'b1; endmodule",
            "same syntax tree",
        ),
        (f"Please help: {LONG}. Thanks a lot.", GOOD, "13-grams"),
        (LONG.replace("zero", "0").replace("with a", "having one"), GOOD, "Rouge-L"),
        ("Write an arbiter for four requesters, round robin, one grant.", GOOD, None),
    ],
)
def test_contamination(tmp_path, instruction, code, measure):
    benchmark = Benchmarks(
        [suite_of(LONG, "module t(input a, output b);\nassign b = !a & 2'h1; endmodule")]
    )
    path = write(tmp_path / "p.jsonl", [{"instruction": instruction, "output": code}])
    close = benchmark.closest(load_pairs(path).instructions[0])
    assert (measure is None) == (close is None)
    if close is not None:
        assert measure in close.measure
        assert close.problem == "bench/b1"


BODY = "always @(*) if (a) q = 4'hF; else q = b + 'h1_0;"
RENAMED = "always @(*) begin if ((en)) begin r = (4'b1111); end else r = data + 'd16; end"


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (
            "module m(input a, b); // c\n reg [3:0] q; BODY endmodule",
            "module x (input en,data);\nreg [3:0] r;\nRENAMED\nendmodule",
            True,
        ),
        (
            "module m; wire [3:0] q = 4'hF; endmodule",
            "module m; wire [3:0] q = 4'hE; endmodule",
            False,
        ),
        ("module m; wire q = 4'sd1; endmodule", "module m; wire q = 4'd1; endmodule", False),
        ("module m; wire q = 4'hx; endmodule", "module m; wire q = 4'bx; endmodule", False),
        (
            "module m(input a, b, c, output y); assign y = a & b | c; endmodule",
            "module m(input a, b, c, output y); assign y = a & (b | c); endmodule",
            False,
        ),
        (
            "module m(input a, b, c, output y); assign y = a & b | c; endmodule",
            "module m(input a, b, c, output y); assign y = (a & b) | c; endmodule",
            True,
        ),
        (
            "module m(input a, b, output y); assign y = a - b; endmodule",
            "module m(input a, b, output y); assign y = b - a; endmodule",
            False,
        ),
        (
            "module m; initial begin : name a = 1; end endmodule",
            "module m; initial a = 1; endmodule",
            False,
        ),
    ],
)
def test_design_hash_is_of_what_a_design_says(one, two, same):
    one, two = (text.replace("BODY", BODY).replace("RENAMED", RENAMED) for text in (one, two))
    assert (design_hash(one) == design_hash(two)) is same


def test_design_hash_of_extreme_texts():
    long = f"module m(input x, output y); assign y = {'|'.join(['x'] * 3000)}; endmodule"
    assert design_hash(long) != design_hash(long.replace("x|x;", "x;"))
    assert design_hash("module m; assign y = " + "(" * 20_000) is None


def test_hidden_references_are_the_same_each_time(tiny_suite):
    instructions = from_suite(load_suite(str(tiny_suite)))
    half = hide_references(instructions, 0.5, seed=3)
    assert sum(i.reference is not None for i in half) == 2
    assert half == hide_references(instructions, 0.5, seed=3)
    assert all(i.reference is None for i in hide_references(instructions, 0.0, seed=3))
    assert hide_references(instructions, 1.0, seed=3) == instructions


def test_instructions_are_dealt_without_repeats(tiny_suite):
    four = from_suite(load_suite(str(tiny_suite)))
    hands = [deal(four, 2, number, seed=1) for number in (1, 2, 3)]
    assert {i.id for i in hands[0] + hands[1]} == {i.id for i in four}
    assert hands[2] == hands[0]
    assert deal(four, 0, 1, seed=1) == deal(four, 9, 1, seed=1) == four
    assert [len(deal(four, 3, n, seed=1)) for n in (1, 2)] == [3, 3]


def test_a_corpus_of_other_settings_is_refused(tmp_path):
    make_corpus(tmp_path / "c", train=30, heldout=2, levels=(2,), families=("gates",))
    recipe = make_recipe(
        run_dir=str(tmp_path / "run"),
        corpus=str(tmp_path / "c"),
        corpus_train=31,
        corpus_heldout=2,
        corpus_levels=[2],
        corpus_families=["gates"],
    )
    with pytest.raises(UsageError, match=r"holds another corpus \(train 30\)"):
        prepare(recipe, RunFolder(tmp_path / "run"))


def test_a_folder_without_a_tokenizer_is_named(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(UsageError, match=f"no tokenizer in {tmp_path}"):
        checkpoints.load_tokenizer(str(tmp_path))
