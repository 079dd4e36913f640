"""The generated corpus: deterministic, sound, and split by structure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxNode, SyntaxTree

from itertl_eval.corpus import (
    FAMILIES,
    Corpus,
    completion_of,
    load_corpus,
    make_corpus,
    rows,
    table,
)
from itertl_eval.corpus.__main__ import main
from itertl_eval.errors import UsageError
from itertl_eval.grader import grade_many
from itertl_eval.problem import Problem

LEVELS = (1, 2, 3, 4, 5, 6)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return make_corpus(tmp_path_factory.mktemp("corpus") / "c", train=240, heldout=60)


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def normalised(verilog: str) -> str:
    """Return the tokens of a module: identifiers numbered as they appear, constants alike."""
    names: dict[str, str] = {}
    tokens: list[str] = []

    def visit(node: SyntaxNode) -> None:
        for child in node:
            if isinstance(child, SyntaxNode):
                visit(child)
            elif child.kind == TokenKind.Identifier:
                tokens.append(names.setdefault(child.rawText, f"v{len(names)}"))
            elif child.kind in (TokenKind.IntegerLiteral, TokenKind.IntegerBase):
                if tokens[-1] != "N":
                    tokens.append("N")
            elif child.kind != TokenKind.Placeholder:
                tokens.append(child.rawText)

    tree = SyntaxTree.fromText(verilog)
    assert not tree.diagnostics, verilog
    visit(tree.root)
    return " ".join(tokens)


class TestFolder:
    def test_same_settings_give_the_same_bytes(self, corpus: Corpus, tmp_path: Path) -> None:
        make_corpus(tmp_path / "again", train=240, heldout=60)
        assert content(tmp_path / "again") == content(corpus.folder)

    def test_another_seed_gives_another_corpus(self, corpus: Corpus, tmp_path: Path) -> None:
        other = make_corpus(tmp_path / "c", seed=1, train=20, heldout=5)
        texts = {row["reference"] for row in corpus.rows.values()}
        assert sum(row["reference"] in texts for row in other.rows.values()) < 5

    def test_existing_corpus_is_not_written_again(self, corpus: Corpus) -> None:
        before = (corpus.folder / "train.jsonl").stat().st_mtime_ns
        again = make_corpus(corpus.folder, train=240, heldout=60)
        assert (corpus.folder / "train.jsonl").stat().st_mtime_ns == before
        assert list(again.train) == list(corpus.train)

    def test_refuses_a_folder_with_other_settings(self, corpus: Corpus) -> None:
        with pytest.raises(UsageError, match="another train"):
            make_corpus(corpus.folder, train=10, heldout=60)

    def test_half_written_corpus_is_written_again(self, tmp_path: Path) -> None:
        make_corpus(tmp_path / "c", train=20, heldout=5)
        whole = content(tmp_path / "c")
        (tmp_path / "c" / "corpus.json").unlink()
        (tmp_path / "c" / "train.jsonl").write_text("{")
        make_corpus(tmp_path / "c", train=20, heldout=5)
        assert content(tmp_path / "c") == whole

    def test_missing_corpus_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no corpus"):
            load_corpus(tmp_path)

    def test_command_prints_the_table(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = str(tmp_path / "c")
        assert main([folder, "--train", "12", "--heldout", "4", "--levels", "2-3"]) == 0
        assert "6+2" in capsys.readouterr().out.splitlines()[-1]
        assert main([folder, "--train", "13", "--heldout", "4"]) == 2


class TestRows:
    def test_reference_is_header_and_completion(self, corpus: Corpus) -> None:
        assert len(corpus.rows) == 300
        for key, row in corpus.rows.items():
            problem = {**corpus.train, **corpus.heldout}[key]
            completion = completion_of(row)
            assert problem.prompt.text + completion == row["instruction"] + row["reference"]
            assert completion.endswith("endmodule\n")
            assert "module" not in completion.replace("endmodule", "")

    def test_instruction_names_every_port(self, corpus: Corpus) -> None:
        assert len(corpus.rows) == 300
        for row in corpus.rows.values():
            words = set(row["instruction"].replace("(", " ").replace(")", " ").split())
            words = {word.strip(".,;") for word in words}
            missing = {name for name, _, _ in row["ports"]} - words - {"clk"}
            assert not missing, row["instruction"]

    def test_levels_are_balanced(self, corpus: Corpus) -> None:
        found = [corpus.rows[key]["level"] for key in corpus.train]
        assert {found.count(level) for level in LEVELS} == {40}
        assert {corpus.rows[key]["level"] for key in corpus.heldout} == set(LEVELS[1:])

    def test_every_family_occurs(self, corpus: Corpus) -> None:
        families = {row["family"] for row in corpus.rows.values()}
        assert families == set(FAMILIES) - {"netlist"}, table(corpus)

    def test_limit_to_families(self) -> None:
        found = rows("train", 40, families=("gates", "counter"), check=False)
        assert {row["family"] for row, _ in found} == {"gates", "counter"}
        with pytest.raises(UsageError, match="no family adders"):
            next(rows("train", 1, families=("adders",)))

    def test_a_level_that_a_family_does_not_have_is_refused(self) -> None:
        with pytest.raises(UsageError, match="no circuit of level 1 in counter"):
            next(rows("train", 1, levels=(1,), families=("counter",), check=False))

    def test_netlists_name_every_gate(self) -> None:
        found = [row for row, _ in rows("train", 30, levels=(3, 9), families=("netlist",))]
        assert len(found) == 30
        for row in found:
            assert row["instruction"].count("\n") == row["level"]
            assert row["reference"].count("wire t") == row["level"] - 1
        firsts = {row["reference"].split("wire t")[1].split()[0] for row in found}
        assert len(firsts) > 5

    def test_thousands_of_rows_differ(self) -> None:
        texts = {row["reference"] for row, _ in rows("train", 3000, seed=5, check=False)}
        assert len(texts) == 3000

    def test_levels_start_at_one(self) -> None:
        with pytest.raises(UsageError, match="levels start at 1"):
            next(rows("heldout", 1, levels=(1,)))


class TestSplit:
    def test_no_structure_is_on_both_sides_of_any_seed(self) -> None:
        train = {row["structure"] for row, _ in rows("train", 2000, seed=1, check=False)}
        held_out = {row["structure"] for row, _ in rows("heldout", 500, seed=2, check=False)}
        assert len(train) > 700
        assert len(held_out) > 200
        assert not train & held_out

    def test_no_reference_is_the_same_but_for_names_and_constants(self) -> None:
        """Compare the tokens of the Verilog itself, not the structure hash."""
        train = {normalised(row["reference"]) for row, _ in rows("train", 1500, check=False)}
        held_out = {normalised(row["reference"]) for row, _ in rows("heldout", 400, check=False)}
        assert not train & held_out

    def test_held_out_parts_are_all_seen_in_training(self) -> None:
        parts = {part for _, c in rows("train", 600, seed=3, check=False) for part in c.parts}
        heldout = [circuit.parts for _, circuit in rows("heldout", 300, seed=3, check=False)]
        assert len(heldout) == 300
        assert parts.issuperset(set().union(*heldout))


@pytest.mark.simulator
class TestBenches:
    def test_references_pass(self, corpus: Corpus) -> None:
        chosen = list(self.sample(corpus))
        verdicts = grade_many([(problem, problem.reference) for problem in chosen])
        assert [(v.task_id, v.stage, v.message) for v in verdicts if not v.passed] == []

    def test_constants_fail(self, corpus: Corpus) -> None:
        items = []
        for problem in self.sample(corpus):
            registers = {
                line.split()[-1].rstrip(",")
                for line in problem.prompt.header.split("\n")
                if line.strip().startswith("output reg")
            }
            drive = ("initial" if port.name in registers else "assign" for port in problem.outputs)
            pairs = zip(drive, problem.outputs, strict=True)
            body = "".join(f"    {word} {port.name} = 0;\n" for word, port in pairs)
            items.append((problem, f"{body}endmodule\n"))
        assert {verdict.stage for verdict in grade_many(items)} == {"simulate"}

    @staticmethod
    def sample(corpus: Corpus) -> list[Problem]:
        """Return one problem of each family, split and level, at most 40."""
        found = {}
        for suite in (corpus.train, corpus.heldout):
            for key, problem in suite.items():
                found.setdefault((suite.name, *problem.tags), problem)
                assert json.dumps(corpus.rows[key])
        return list(found.values())[::3][:40]
