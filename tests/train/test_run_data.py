"""What a run learns from: references, pairs, held-out problems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from itertl_eval.errors import UsageError
from itertl_eval.train import _dry_run as estimate
from itertl_eval.train import _functional
from itertl_eval.train._loop import run
from itertl_eval.train.config._recipe import make_recipe
from itertl_eval.train.inputs import load_all, prepare
from itertl_eval.train.outputs._model_card import card
from itertl_eval.train.run import RunFolder
from itertl_eval.train.testbenches import Made
from tests.train.conftest import write_suite

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_references_of_instructions_that_were_not_dealt_are_trained_on(recipe):
    records = run(
        recipe(instructions_per_iteration=1, objective="rft", sft=False, evaluate_base=False)
    )
    assert records[0]["train_samples"] == 2
    assert records[0]["fit_groups"] == 4


def test_pairs_without_a_testbench_train_too(recipe, tmp_path):
    code = "module top(input a, output y);\n  assign y = a;\nendmodule\n"
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"instruction": "A wire.", "output": code}) + "\n")
    records = run(recipe(train_data=[str(path)], batch_size=1, sft=False, evaluate_base=False))
    assert records[0]["fit_groups"] == 1


def test_pairs_whose_reference_is_too_long_to_be_written_are_left_out(recipe, tmp_path, capsys):
    good = "module top(input a, output y);\n  assign y = a;\nendmodule\n"
    rows = [("A wire.", good), ("A long wire.", good.replace("a;", "a" + " & a" * 40 + ";"))]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps({"instruction": i, "output": o}) + "\n" for i, o in rows))
    records = run(recipe(train_data=[str(path)], sft=False, batch_size=1, evaluate_base=False))
    assert records[0]["train_samples"] == 2
    assert "1 (reference too long)" in capsys.readouterr().err


def test_of_a_corpus_the_training_part_is_trained_on(tmp_path):
    from itertl_eval.corpus import make_corpus

    make_corpus(tmp_path, train=3, heldout=2, levels=[2], families=["gates"])
    arguments = make_recipe().data
    assert len(load_all([str(tmp_path)], arguments, {})) == 3
    assert len(load_all([str(tmp_path)], arguments, {}, heldout=True)) == 2


def test_a_reference_that_the_compiler_refuses_is_not_learnt_from(recipe, tmp_path, capsys):
    """slang knows `inside`, Icarus does not."""
    good = "module top(input [1:0] a, output y);\n  assign y = a[0];\nendmodule\n"
    rows = [("One bit.", good), ("Is it 1 or 2?", good.replace("a[0]", "a inside {1, 2}"))]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps({"instruction": i, "output": o}) + "\n" for i, o in rows))
    records = run(recipe(train_data=[str(path)], iterations=0, batch_size=1, evaluate_base=False))
    assert records[0]["fit_groups"] == 1
    assert "1 of 2 references left out" in capsys.readouterr().err


def test_a_reference_that_fails_its_own_testbench_is_not_learnt_from(recipe, tmp_path, capsys):
    suite = write_suite(tmp_path / "gates")
    wrong = suite / "and_gate/reference.sv"
    wrong.write_text(wrong.read_text().replace("a & b", "~(a & b)"))
    records = run(recipe(train_data=[str(suite)], iterations=0, evaluate_base=False))
    assert records[0]["fit_groups"] == 3
    said = capsys.readouterr().err
    assert "1 of 4 references left out" in said
    assert "gates/and_gate (simulate: " in said


def test_held_out_problems_of_the_recipe_replace_those_of_the_corpus(recipe, tmp_path):
    chosen = recipe(train_data=[], corpus_train=2, corpus_levels=[2], corpus_families=["gates"])
    data = prepare(chosen.data, chosen.sampling, 0, RunFolder(tmp_path / "run"))
    assert {one.problem.suite for one in data.train} == {"corpus_train"}
    assert {one.problem.suite for one in data.heldout} == {"gates"}
    assert estimate.sizes(chosen) == (2, 2, 4)
    written = card(chosen, data, [], [], "base")
    assert ", 2 problems\n- held out: `gates`" in written


def test_held_out_problems_need_a_testbench(recipe, tmp_path):
    code = "module top(input a, output y);\n  assign y = a;\nendmodule\n"
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"instruction": "A wire.", "output": code}) + "\n")
    with pytest.raises(UsageError, match="no testbench"):
        run(recipe(heldout_data=[str(path)]))


@pytest.mark.parametrize("field", ["train_data", "heldout_data"])
def test_two_problems_with_one_name_are_refused(recipe, tmp_path, field):
    """Of two held-out ones the run would wait for ever for the samples of the second."""
    twins = [str(write_suite(tmp_path / folder / "gates")) for folder in ("a", "b")]
    with pytest.raises(UsageError, match=rf"{field}: 2 problems are called (gates/)?and_gate\."):
        run(recipe(**{field: twins}))


def test_of_two_corpora_with_held_out_problems_only_one_can_be_used(recipe, tmp_path):
    from itertl_eval.corpus import make_corpus

    corpora = [str(tmp_path / name) for name in ("a", "b")]
    for folder in corpora:
        make_corpus(Path(folder), train=1, heldout=1, levels=[2], families=["gates"])
    with pytest.raises(UsageError, match=r"heldout-00000.* Of generated corpora only one can be"):
        run(recipe(heldout_data=corpora))


def test_pairs_are_graded_by_testbenches_made_from_their_references(recipe, tmp_path, capsys):
    path = tmp_path / "pairs.jsonl"
    text = "module g(input a, input b, output y);\n  assign y = a {} b;\nendmodule\n"
    rows = [
        {"instruction": "An AND gate.", "output": text.format("&")},
        {"instruction": "Always one.", "output": text.format("| 1'b1 |")},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    chosen = recipe(train_data=[str(path)], on_bad_row="skip")
    line = next(x for x in estimate.estimate(chosen).splitlines() if "testbenches" in x)
    assert "1 made, 1 constant outputs" in line
    records = run(chosen)
    assert records[0]["testbenches"] == {"made": 1, "constant outputs": 1}
    made = tmp_path / "run" / "testbenches" / "pairs-000001" / "test_pairs-000001.py"
    before = made.stat().st_mtime_ns
    graded = (tmp_path / "run" / "references" / "verdicts.jsonl").read_text().splitlines()
    assert sorted(json.loads(row)["z"] for row in graded) == [0.5, 1.0]
    capsys.readouterr()
    assert [r["stage"] for r in run(chosen)] == [r["stage"] for r in records]
    assert made.stat().st_mtime_ns == before
    assert "testbenches from references: 1 made, 1 constant outputs" in capsys.readouterr().err


def test_testbenches_of_pairs_that_changed_stay_until_the_pairs_are_restored(recipe, tmp_path):
    """They were made anew before the refusal, and restored pairs ended in a KeyError."""
    path = tmp_path / "pairs.jsonl"
    code = "module g(input a, input b, output y);\n  assign y = a {} b;\nendmodule\n"
    chosen = recipe(train_data=[str(path)])
    folder = RunFolder(tmp_path / "run")
    made = tmp_path / "run" / "testbenches" / "pairs-000001" / "test_pairs-000001.py"

    def prepared(operator):
        row = {"instruction": "A gate.", "output": code.format(operator)}
        path.write_text(json.dumps(row) + "\n")
        return prepare(chosen.data, chosen.sampling, 0, folder, 1)

    prepared("&")
    text = made.read_text()
    with pytest.raises(UsageError, match="inputs that have changed since"):
        prepared("|")
    assert made.read_text() == text
    assert prepared("&").testbenches == {"made": 1}


def test_a_recipe_can_ask_for_proofs(recipe, tmp_path, monkeypatch):
    path = tmp_path / "pairs.jsonl"
    code = "module g(input a, output y);\n  assign y = ~a;\nendmodule\n"
    path.write_text(json.dumps({"instruction": "A NOT gate.", "output": code}) + "\n")
    asked = []

    def made(*_, prove, **__):
        asked.append(prove)
        return [Made("pairs-000001", "does not end", seconds=1.0)]

    monkeypatch.setattr(_functional, "make_testbenches", made)
    for prove in (True, False):
        chosen = recipe(train_data=[str(path)], prove_testbenches=prove)
        estimate.estimate(chosen)
        folder = RunFolder(tmp_path / f"run-{prove}")
        data = prepare(chosen.data, chosen.sampling, 0, folder, 1)
        assert data.testbenches == {"does not end": 1}
    assert asked == [True, True, False, False]
