"""Published data comes from an archive, a clone or a folder, and only at the pinned revision."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tarfile
import urllib.error
from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval.cli import _fetch, main
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.suites import _data
from itertl_eval.suites._data import Source, digest_of, fetch, read_source

DATA = os.environ.get("ITERTL_EVAL_DATA")
FILES = {"data/VerilogEval_A.jsonl": b"{}\n", "data/VerilogEval_B.jsonl": b"{} \n"}
SOURCE = Source(
    name="small",
    repository="owner/small",
    revision="0123456789abcdef0123",
    wanted=("data/VerilogEval_",),
    digest=digest_of(FILES),
    optional=("extra.json",),
)


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """Provide a small source, an empty cache and no network."""

    def refuse(*_, **__):
        raise urllib.error.URLError("no network here")

    monkeypatch.setitem(_data.SOURCES, "small", SOURCE)
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ITERTL_EVAL_DATA", raising=False)
    monkeypatch.setattr("urllib.request.urlopen", refuse)


def unpacked(folder: Path, files=None) -> Path:
    for path, data in (files or FILES).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def archive(file: Path, files=None) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w:gz") as tar:
        for path, data in {"README.md": b"more", **(files or FILES)}.items():
            member = tarfile.TarInfo(f"small-0123456/{path}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return file


def test_nothing_at_hand_names_every_way():
    with pytest.raises(InfrastructureError) as caught:
        read_source("small")
    said = str(caught.value)
    for way in (
        "itertl-eval fetch all",
        "--from FILE_OR_FOLDER",
        "ITERTL_EVAL_DATA=FOLDER",
        "no network here",
        SOURCE.url,
        "0123456",
    ):
        assert way in said


@pytest.mark.parametrize(
    "make",
    [
        lambda tmp: archive(tmp / "any_name.tar.gz"),
        lambda tmp: archive(tmp / "downloads" / "a.tgz").parent,
        lambda tmp: unpacked(tmp / "clone"),
        lambda tmp: unpacked(tmp / "several" / "clone").parent,
    ],
    ids=["archive", "folder_of_archives", "clone", "folder_of_clones"],
)
def test_from(tmp_path, make):
    origin = make(tmp_path)
    assert fetch(SOURCE, origin) == FILES
    assert read_source("small") == FILES  # from the cache, without a network


def test_the_folder_of_the_environment_needs_no_fetch(tmp_path, monkeypatch):
    unpacked(tmp_path / "data" / "clone")
    (tmp_path / "data" / "extra.json").write_bytes(b"beside")
    monkeypatch.setenv("ITERTL_EVAL_DATA", str(tmp_path / "data"))
    assert read_source("small") == {**FILES, "extra.json": b"beside"}
    assert not (tmp_path / "cache").exists()
    monkeypatch.setenv("ITERTL_EVAL_DATA", str(tmp_path / "nosuch"))
    with pytest.raises(UsageError, match=r"ITERTL_EVAL_DATA=.* is not a folder"):
        read_source("small")


CHANGED = {**FILES, "data/VerilogEval_B.jsonl": b"{}\n"}


@pytest.mark.parametrize(
    "files",
    [CHANGED, {**FILES, "data/VerilogEval_C.jsonl": b""}, {"other.txt": b""}],
    ids=["changed", "more", "other"],
)
def test_what_is_not_the_pinned_revision_is_refused(tmp_path, files):
    for origin in (archive(tmp_path / "a.tar.gz", files), unpacked(tmp_path / "b", files)):
        with pytest.raises(UsageError, match="does not hold small at revision 0123456"):
            fetch(SOURCE, origin)
    assert not (tmp_path / "cache").exists()


def test_a_file_that_is_no_archive(tmp_path):
    (tmp_path / "a.tar.gz").write_text("<html>not found</html>")
    with pytest.raises(UsageError, match=r"a\.tar\.gz is not a tar archive"):
        fetch(SOURCE, tmp_path / "a.tar.gz")


def test_a_damaged_cache_is_not_used(tmp_path):
    fetch(SOURCE, unpacked(tmp_path / "clone"))
    [damaged] = (tmp_path / "cache").rglob("VerilogEval_A.jsonl")
    damaged.write_text("changed")
    with pytest.raises(InfrastructureError, match="not on this machine"):
        read_source("small")


def test_a_full_disk_leaves_no_part_in_the_cache(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left")

    origin = unpacked(tmp_path / "clone")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(InfrastructureError, match="Make room"):
            fetch(SOURCE, origin)
    assert not any((tmp_path / "cache" / "data").iterdir())


def test_two_fetches_at_once_both_end_right(tmp_path, monkeypatch):
    origin, target = unpacked(tmp_path / "clone"), _data._cached(SOURCE)
    real = shutil.rmtree

    def another_is_faster(path, **options):
        real(path, **options)
        if Path(path) == target:
            shutil.copytree(origin, target)

    monkeypatch.setattr(_data.shutil, "rmtree", another_is_faster)
    assert fetch(SOURCE, origin) == FILES
    monkeypatch.undo()
    assert [each.name for each in target.parent.iterdir()] == [target.name]


def test_a_download_is_checked_and_kept(tmp_path, monkeypatch):
    right, wrong = archive(tmp_path / "r.tar.gz"), archive(tmp_path / "w.tar.gz", CHANGED)
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: wrong.open("rb"))
    with pytest.raises(InfrastructureError, match="does not have the pinned content"):
        read_source("small")
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: right.open("rb"))
    assert read_source("small") == FILES
    monkeypatch.undo()
    monkeypatch.setitem(_data.SOURCES, "small", SOURCE)
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ITERTL_EVAL_DATA", raising=False)
    assert read_source("small") == FILES


# -- the command ------------------------------------------------------------------------------


def test_fetch_command(tmp_path, capsys):
    assert main(["fetch", "small", "--from", str(archive(tmp_path / "a.tar.gz"))]) == 0
    assert "small: 2 files, revision 0123456789ab, hash checked" in capsys.readouterr().out


def test_fetch_command_refuses_the_wrong_archive(tmp_path, capsys):
    wrong = archive(tmp_path / "a.tar.gz", CHANGED)
    assert main(["fetch", "small", "--from", str(tmp_path / "nowhere")]) == 2
    assert f"no file or folder {tmp_path / 'nowhere'}" in capsys.readouterr().err
    assert main(["fetch", "small", "--from", str(wrong)]) == 2
    assert "does not hold small" in capsys.readouterr().err
    assert main(["fetch", "verilogeval_human", "--from", str(wrong)]) == 2
    said = capsys.readouterr().err
    assert "does not hold verilog-eval-v1" in said
    assert "does not hold verilog-eval-v2" in said


def test_fetch_command_without_a_network(capsys):
    assert main(["fetch", "small"]) == 3
    said = capsys.readouterr().err
    assert "no network here" in said
    assert f"Download {SOURCE.url} elsewhere and run: itertl-eval fetch small --from FILE" in said


def test_fetch_command_downloads_nothing_that_is_here(tmp_path, monkeypatch, capsys):
    unpacked(tmp_path / "data" / "clone")
    monkeypatch.setenv("ITERTL_EVAL_DATA", str(tmp_path / "data"))
    assert main(["fetch", "small"]) == 0  # fails without a network otherwise
    assert "hash checked, on this machine already" in capsys.readouterr().out


def test_fetch_command_goes_on_after_what_it_can_not_get(tmp_path, monkeypatch, capsys):
    other = replace(SOURCE, name="other", digest=digest_of(CHANGED))
    sources = {"other": other, "small": SOURCE, "chipbench": replace(SOURCE, name="chipbench")}
    made = []
    monkeypatch.setattr(_fetch, "SOURCES", sources)
    monkeypatch.setattr(_data, "SOURCES", sources)
    monkeypatch.setattr(_fetch, "_make_testbenches", lambda names: made.extend(names))
    unpacked(tmp_path / "data" / "clone")
    assert main(["fetch", "all", "--from", str(tmp_path / "data")]) == 0
    assert "not imported: " in capsys.readouterr().out
    assert "chipbench" in made  # they need nothing of `other`
    made.clear()
    monkeypatch.setenv("ITERTL_EVAL_DATA", str(tmp_path / "data"))
    assert main(["fetch", "all"]) == 3
    said = capsys.readouterr()
    assert "other could not be downloaded" in said.err
    assert "itertl-eval fetch other --from FILE" in said.err
    assert "small: 2 files" in said.out
    assert "chipbench" in made


def test_fetch_command_knows_the_tasks_for_chat_models(capsys):
    assert main(["fetch", "verilogeval_human_instruct"]) == 3
    assert "verilog-eval-v1 could not be downloaded" in capsys.readouterr().err


def test_fetch_command_names_a_cache_that_cannot_be_written(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path / "file"))
    assert main(["fetch", "small", "--from", str(archive(tmp_path / "a.tar.gz"))]) == 3
    assert "set ITERTL_EVAL_CACHE to another folder" in capsys.readouterr().err


def test_fetch_command_for_what_needs_none_or_is_not(capsys):
    assert main(["fetch", "rtl_core"]) == 0
    assert "nothing to fetch" in capsys.readouterr().out
    assert main(["fetch", "nosuch"]) == 2
    assert "no benchmark 'nosuch'; available: verilogeval_human" in capsys.readouterr().err


@pytest.mark.data
def test_an_archive_with_one_of_a_suites_two_sources(capsys):
    archives = sorted(Path(DATA).glob("verilog-eval-1*.tar.gz")) if DATA else []
    if not archives:
        pytest.skip("no archive of VerilogEval v1 in ITERTL_EVAL_DATA")
    assert main(["fetch", "verilogeval_human", "--from", str(archives[0])]) == 0
    said = capsys.readouterr().out
    assert "verilog-eval-v1: " in said
    assert "not imported: " in said
