"""Run folders: what survives a kill, what is refused."""

import json

import pytest

from itertl_eval.errors import UsageError
from itertl_eval.train.run._folder import Phase, Rows, RunFolder, digest, write_atomic

pytestmark = pytest.mark.train


@pytest.mark.parametrize("torn", ["{", '{"k": 3', '{"k": 3}', '"' + "x" * 100_000])
def test_a_torn_last_line_is_cut_off(tmp_path, torn):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"k": 1}\n{"k": 2}\n' + torn)
    with Rows(path) as rows:
        assert [row["k"] for row in rows] == [1, 2]
        rows.append([{"k": 4}])
    assert [json.loads(line)["k"] for line in path.read_text().splitlines()] == [1, 2, 4]


def test_a_file_that_is_one_torn_line_becomes_empty(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("{")
    with Rows(path) as rows:
        rows.append([{"text": "ü\ud800\u2028"}])
    assert Rows(path).read() == [{"text": "ü\ud800\u2028"}]


def test_a_phase_is_done_once_from_its_inputs(tmp_path):
    phase = Phase(tmp_path / "a", {"seed": 1})
    assert not phase.done
    phase.finish(count=3)
    assert Phase(tmp_path / "a", {"seed": 1}).done
    assert phase.result == {"count": 3}
    with pytest.raises(UsageError, match="have changed since"):
        _ = Phase(tmp_path / "a", {"seed": 2}).done


def test_an_edited_recipe_is_refused_with_the_difference(tmp_path):
    run = RunFolder(tmp_path)
    run.check({"iterations": 1, "seed": 0})
    run.bind({"iterations": 2, "seed": 0})
    run.check({"iterations": 2, "seed": 0})
    with pytest.raises(UsageError, match=r"iterations: 2 -> 3"):
        run.check({"iterations": 3, "seed": 0})


def test_one_process_at_a_time(tmp_path):
    with RunFolder(tmp_path).lock(), pytest.raises(UsageError, match="another process"):
        RunFolder(tmp_path).lock().__enter__()
    with RunFolder(tmp_path).lock():
        pass


def test_digest_ignores_key_order():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})


def test_write_atomic_leaves_no_other_file(tmp_path):
    write_atomic(tmp_path / "x" / "f", "1")
    write_atomic(tmp_path / "x" / "f", "2")
    assert [p.name for p in (tmp_path / "x").iterdir()] == ["f"]
    assert (tmp_path / "x" / "f").read_text() == "2"
