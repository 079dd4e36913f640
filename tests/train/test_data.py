"""Pairs files, hidden references, instructions per iteration."""

from __future__ import annotations

import json

import pytest

from itertl_eval.corpus import make_corpus
from itertl_eval.errors import UsageError
from itertl_eval.problem import Port
from itertl_eval.suites import load_suite
from itertl_eval.train.config._recipe import make_recipe
from itertl_eval.train.data._instruction import (
    choose_in_turn,
    from_suite,
    hide_references,
    is_ports_only,
)
from itertl_eval.train.data._pairs import load_pairs
from itertl_eval.train.inputs import prepare
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


QUESTION, ANSWER = "Invert a.", f"Here it is:\n```verilog\n{GOOD}```\n"


@pytest.mark.parametrize("system", [None, "You write Verilog."])
@pytest.mark.parametrize(
    ("row", "names"),
    [
        ({"messages": [("user", QUESTION), ("assistant", ANSWER)]}, []),
        ({"chat": [("user", QUESTION), ("assistant", ANSWER)]}, ["messages=chat"]),
        ({"conversations": [("human", QUESTION), ("gpt", ANSWER)]}, []),
        ({"prompt": [("user", QUESTION)], "completion": [("assistant", ANSWER)]}, []),
    ],
)
def test_conversations(tmp_path, row, names, system):
    keys = ("from", "value") if "conversations" in row else ("role", "content")
    first = [("system", system)] if system else []
    row = {
        name: [dict(zip(keys, turn, strict=True)) for turn in [*(first if not at else []), *turns]]
        for at, (name, turns) in enumerate(row.items())
    }
    (found,) = load_pairs(write(tmp_path / "p.jsonl", [row]), names=names).instructions
    assert found.problem.prompt.description == "Invert a.\n"
    assert found.problem.prompt.system == (system or "")
    assert found.reference == GOOD


@pytest.mark.parametrize(
    ("roles", "why"),
    [
        (["user", "assistant", "user", "assistant"], "the roles are user, assistant, user"),
        (["user"], "one question and one answer are needed"),
        (["user", "tool", "assistant"], "the roles are user, tool, assistant"),
    ],
)
def test_other_conversations_are_bad_rows(tmp_path, roles, why):
    row = {"messages": [{"role": role, "content": GOOD} for role in roles]}
    (bad,) = load_pairs(write(tmp_path / "p.jsonl", [row]), on_bad_row="skip").bad
    assert why in bad.why
    empty = {"messages": [{"role": "user", "content": None}]}
    (bad,) = load_pairs(write(tmp_path / "p.jsonl", [empty]), on_bad_row="skip").bad
    assert "a message without text (role 'user')" in bad.why


@pytest.mark.parametrize(
    ("row", "names", "message"),
    [
        ({"instruction": "i", "answer": GOOD}, [], "there is no column 'output' or 'response'"),
        ({"prompt": "i", "code": GOOD}, [], "there is no column 'completion'; the row has prompt"),
        ({"ask": "i", "code": GOOD}, [], "no known form; the row has ask, code. Name them by"),
        ({"ask": "i", "code": GOOD}, ["instruction=ask", "reference=cod"], "no column 'cod'"),
        ({"ask": "i"}, ["messages=chat"], "there is no column 'chat'; the row has ask"),
    ],
)
@pytest.mark.parametrize("on_bad_row", ["skip", "refuse"])
def test_a_missing_column_is_named_once(tmp_path, row, names, message, on_bad_row):
    path = write(tmp_path / "p.jsonl", [row] * 15)
    with pytest.raises(UsageError) as error:
        load_pairs(path, names=names, on_bad_row=on_bad_row)
    text = str(error.value)
    assert message in text
    assert text.startswith(f"none of the 15 rows of {path}: ")
    assert len(text.splitlines()) == 1


def test_a_json_list_and_own_columns(tmp_path):
    path = tmp_path / "p.json"
    path.write_text(json.dumps([{"ask": "Invert a.", "code": GOOD}]))
    found = load_pairs(path, names=["instruction=ask", "reference=code"]).instructions
    assert found[0].problem.prompt.description == "Invert a.\n"
    with pytest.raises(UsageError, match="field_names"):
        load_pairs(path, names=["question=ask"])


def test_a_byte_order_mark_is_accepted(tmp_path):
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


def test_hidden_references_are_the_same_each_time(tiny_suite):
    instructions = from_suite(load_suite(str(tiny_suite)))
    half = hide_references(instructions, 0.5, seed=3)
    assert sum(i.reference is not None for i in half) == 2
    assert half == hide_references(instructions, 0.5, seed=3)
    assert all(i.reference is None for i in hide_references(instructions, 0.0, seed=3))
    assert hide_references(instructions, 1.0, seed=3) == instructions


def test_every_instruction_is_used_before_any_repeats(tiny_suite):
    four = from_suite(load_suite(str(tiny_suite)))
    rounds = [choose_in_turn(four, 2, number, seed=1) for number in (1, 2, 3)]
    assert {i.id for i in rounds[0] + rounds[1]} == {i.id for i in four}
    assert rounds[2] == rounds[0]
    assert choose_in_turn(four, 0, 1, seed=1) == choose_in_turn(four, 9, 1, seed=1) == four
    assert [len(choose_in_turn(four, 3, n, seed=1)) for n in (1, 2)] == [3, 3]


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
    with pytest.raises(UsageError, match=r"has another corpus \(train 30\)"):
        prepare(recipe.data, recipe.sampling, 0, RunFolder(tmp_path / "run"))


def test_a_folder_without_a_tokenizer_is_named(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(UsageError, match=f"no tokenizer in {tmp_path}"):
        checkpoints.load_tokenizer(str(tmp_path))
