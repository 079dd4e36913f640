import multiprocessing
import sqlite3

import pytest

from itertl_eval.grader._cache import VerdictCache, key_of


def test_remembers_across_instances(tmp_path):
    VerdictCache(tmp_path / "c.sqlite").put("k", {"score": 1.0})
    assert VerdictCache(tmp_path / "c.sqlite").get("k") == {"score": 1.0}
    assert VerdictCache(tmp_path / "c.sqlite").get("other") is None


def test_damaged_file_is_set_aside_with_a_warning(tmp_path):
    path = tmp_path / "c.sqlite"
    path.write_bytes(b"this is not a database" * 500)
    cache = VerdictCache(path)
    with pytest.warns(UserWarning, match="moved to"):
        assert cache.get("k") is None
    cache.put("k", {"score": 0.5})
    assert cache.get("k") == {"score": 0.5}
    assert len(list(tmp_path.glob("c.damaged-*"))) == 1


def test_unusable_place_switches_it_off_with_a_warning(tmp_path):
    (tmp_path / "file").write_text("")
    cache = VerdictCache(tmp_path / "file" / "c.sqlite")
    with pytest.warns(UserWarning, match="is off"):
        cache.put("k", {})
    assert cache.get("k") is None


def _fill(path, start):
    cache = VerdictCache(path)
    for number in range(start, start + 50):
        cache.put(str(number), {"n": number})


def test_many_processes_on_one_file(tmp_path):
    path = tmp_path / "c.sqlite"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_fill, args=(path, 50 * i)) for i in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    cache = VerdictCache(path)
    assert all(cache.get(str(n)) == {"n": n} for n in range(200))


def test_key_depends_on_every_fact():
    assert len({key_of("a", 1), key_of("a", 2), key_of("b", 1), key_of("a1")}) == 4


@pytest.mark.parametrize("damage", ["replace(value, '3', '4')", "'{'", "'{}'", "x'ff00'"])
def test_a_value_that_is_damaged_is_not_known(tmp_path, damage):
    cache = VerdictCache(tmp_path / "v.sqlite")
    cache.put("a", {"cases_passed": 3})
    assert cache.get("a") == {"cases_passed": 3}
    with sqlite3.connect(cache.path) as connection:
        connection.execute(f"UPDATE verdicts SET value = {damage}")
    assert cache.get("a") is None
    cache.put("a", {"cases_passed": 3})
    assert cache.get("a") == {"cases_passed": 3}
