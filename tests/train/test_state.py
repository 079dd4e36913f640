"""Run folders: what survives a kill, what is refused."""

import errno
import json
from unittest.mock import Mock

import pytest
from safetensors.torch import save_file

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.train.fitting import _saved
from itertl_eval.train.fitting._saved import last_checkpoint
from itertl_eval.train.run._content import base_key
from itertl_eval.train.run._folder import Phase, Rows, RunFolder, digest
from itertl_eval.train.sampling._phase import SampleFiles

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


def test_an_unfinished_phase_is_bound_to_its_inputs_once_it_has_made_something(tmp_path):
    Phase(tmp_path, {"seed": 1})
    assert not Phase(tmp_path, {"seed": 2}).stale
    Phase(tmp_path, {"seed": 2}).rows("rows.jsonl").append([{"k": 1}])
    assert not Phase(tmp_path, {"seed": 2}).done
    other = Phase(tmp_path, {"seed": 3})
    with pytest.raises(UsageError, match="have changed since"):
        _ = other.done
    other.renew()
    assert not other.done
    assert other.rows("rows.jsonl").read() == []
    assert Phase(tmp_path, {"seed": 2}).done is False  # nothing is made yet


def test_an_edited_recipe_is_refused_with_the_difference(tmp_path):
    run = RunFolder(tmp_path)
    run.check({"iterations": 1, "seed": 0})
    run.bind({"iterations": 2, "seed": 0})
    run.check({"iterations": 2, "seed": 0})
    with pytest.raises(UsageError, match=r"iterations: 2 -> 3"):
        run.check({"iterations": 3, "seed": 0})


def test_what_only_a_fit_uses_may_be_corrected_until_one_has_begun(tmp_path):
    run = RunFolder(tmp_path)
    run.bind({"learning_rate": 1, "seed": 0})
    run.check({"learning_rate": 2, "seed": 0}, fit={"learning_rate"})
    run.bind({"learning_rate": 2, "seed": 0})
    with pytest.raises(UsageError, match="seed: 0 -> 1"):
        run.check({"learning_rate": 3, "seed": 1}, fit={"learning_rate"})
    Phase(tmp_path / "sft/fit", {"learning_rate": 2})
    run.check({"learning_rate": 2.5, "seed": 0}, fit={"learning_rate"})
    run.bind({"learning_rate": 2, "seed": 0})
    (tmp_path / "sft/fit/checkpoints").mkdir(parents=True)
    with pytest.raises(UsageError, match="learning_rate: 2 -> 3"):
        run.check({"learning_rate": 3, "seed": 0}, fit={"learning_rate"})


def test_one_process_at_a_time(tmp_path):
    with RunFolder(tmp_path).lock(), pytest.raises(UsageError, match="another process"):
        RunFolder(tmp_path).lock().__enter__()
    with RunFolder(tmp_path).lock():
        pass


def test_a_file_system_without_locks_is_no_other_process(tmp_path, monkeypatch):
    refused = Mock(side_effect=OSError(errno.ENOLCK, "No locks available"))
    monkeypatch.setattr("fcntl.flock", refused)
    with pytest.raises(InfrastructureError, match=r"lock can't be locked \(No locks available\)"):
        RunFolder(tmp_path).lock().__enter__()


def write_base(folder, weights=b"w" * 100):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(weights)
    return str(folder)


def test_a_base_model_is_known_by_its_content(tmp_path):
    model = write_base(tmp_path / "base")
    key = base_key(tmp_path, model, None)
    assert key == digest([model, None])  # as in run folders of earlier versions
    moved = str((tmp_path / "base").rename(tmp_path / "moved"))
    assert base_key(tmp_path, moved, None) == key
    write_base(tmp_path / "moved", b"x" * 100)
    with pytest.raises(UsageError, match=r"has changed since .* model\.safetensors"):
        base_key(tmp_path, moved, None)
    write_base(tmp_path / "moved")
    assert base_key(tmp_path, moved, None) == key


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.pt", "rng_state.pth"])
def test_a_damaged_checkpoint_is_named_and_dropped(tmp_path, capsys, name):
    torch = pytest.importorskip("torch")
    for step in (1, 2):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        save_file({"w": torch.zeros(64)}, folder / "model.safetensors")
        torch.save({"m": torch.zeros(64)}, folder / "optimizer.pt")
        torch.save({"r": torch.zeros(64)}, folder / "rng_state.pth")
        (folder / "trainer_state.json").write_text(f'{{"global_step": {step}}}')
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-2")
    path = tmp_path / "checkpoint-2" / name
    path.write_bytes(path.read_bytes()[:-10])
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-1")
    assert f"checkpoint-2 is damaged ({name} is cut off)" in capsys.readouterr().err
    assert not path.parent.exists()


def test_a_kill_while_a_checkpoint_is_deleted_leaves_none_that_looks_complete(
    tmp_path, monkeypatch
):
    for step in (1, 2):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "optimizer.pt").write_bytes(b"cut off")
        (folder / "trainer_state.json").write_text(f'{{"global_step": {step}}}')

    def killed(path, **_):
        (path / "optimizer.pt").unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr(_saved.shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        last_checkpoint(tmp_path)
    monkeypatch.undo()
    assert last_checkpoint(tmp_path) is None


@pytest.mark.parametrize("error", [RuntimeError("odd"), ValueError("I/O (os error 28)")])
def test_a_full_disk_is_named_whatever_a_library_makes_of_it(tmp_path, monkeypatch, error):
    if isinstance(error, RuntimeError):
        full = Mock(f_bavail=0)
        monkeypatch.setattr("itertl_eval.train.run._folder.os.statvfs", lambda _: full)
    with pytest.raises(OSError, match="No space left"), RunFolder(tmp_path).naming_a_full_disk():
        raise error


def test_other_errors_of_a_run_stay_as_they_are(tmp_path):
    with pytest.raises(ZeroDivisionError), RunFolder(tmp_path).naming_a_full_disk():
        raise ZeroDivisionError


def test_a_damaged_line_is_named_with_what_to_delete(tmp_path):
    phase = Phase(tmp_path, {})
    (tmp_path / "samples-0.jsonl").write_bytes(bytes(50) + b"\n")
    for read in (phase.rows("samples-0.jsonl").read, SampleFiles(phase).fresh):
        with pytest.raises(UsageError, match=r"samples-0\.jsonl: a damaged line, .*/DONE"):
            read()


def test_digest_ignores_key_order():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})
