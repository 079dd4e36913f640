"""Inline problems: a testbench is made from the reference, kept, or refused by name."""

from __future__ import annotations

import asyncio

import pytest

from itertl_eval.serve import _makers
from itertl_eval.serve._requests import MAX_REFERENCE
from tests.serve.test_app import item, post, run

pytestmark = pytest.mark.simulator
REFERENCE = """\
module parity(input [3:0] a, output y);
  assign y = ^a;
endmodule
"""
WRONG = REFERENCE.replace("^a", "~^a")
PAIR = {"instruction": "Write module parity.", "reference": REFERENCE}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ITERTL_EVAL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def inline(completion, problem=PAIR, **more):
    return {"problem": problem, "completion": completion, **more}


@pytest.fixture
def made(monkeypatch):
    """The pairs for which a testbench was asked from a maker."""
    asked = []
    make = _makers.Makers.make

    async def counted(self, pair):
        asked.append(pair)
        return await make(self, pair)

    monkeypatch.setattr(_makers.Makers, "make", counted)
    return asked


def test_a_pair_is_graded_like_a_problem_of_a_suite(own_cache, made):
    items = [inline(REFERENCE), item("no code"), inline(WRONG, task_id="mine", sample=2)]

    async def calls(client):
        for _ in range(2):
            rows = (await client.post("/grade", json={"items": items})).json()["verdicts"]
            assert [row["stage"] for row in rows] == ["pass", "extract", "simulate"]
            assert rows[0]["task_id"].startswith("pair-")
            assert (rows[2]["task_id"], rows[2]["sample"]) == ("mine", 2)

    run(calls)
    run(calls)  # another service with the same cache
    assert len(made) == 1
    assert len(list(own_cache.rglob("testbenches/pairs/*/test_*.py"))) == 1


REFUSED = {
    "no outputs": "module m(input a); endmodule",
    "no known output": "module m(input a, output y); wire y; endmodule",
    "no root module": REFERENCE + REFERENCE.replace("parity", "other"),
    "does not compile": "module m(input a, output y); assign y = ; endmodule",
    "name it by `top`": "prose",
}


def test_a_reference_that_gives_no_testbench_is_refused_by_name(made):
    async def calls(client):
        items = [inline("x", {"reference": text}) for text in REFUSED.values()]
        for _ in range(2):  # made, and kept
            rows = (await client.post("/grade", json={"items": items})).json()["verdicts"]
            for row, why in zip(rows, REFUSED, strict=True):
                assert (row["status"], row["testbench_fault"]) == ("infra_error", True)
                assert why in row["message"]

    run(calls)
    assert len(made) == len(REFUSED)


def test_a_reference_that_takes_too_long_or_kills_its_process_is_not_a_verdict(monkeypatch):
    monkeypatch.setattr(_makers, "SECONDS", 0.01)
    (row,) = post("/grade", {"items": [inline(REFERENCE)]}).json()["verdicts"]
    assert (row["status"], row.get("testbench_fault")) == ("infra_error", None)
    assert "within 0 s" in row["message"]
    monkeypatch.setattr(_makers, "SECONDS", 60.0)

    async def lost(process, pair):
        process.kill()
        raise ValueError("without an answer")

    with monkeypatch.context() as patch:
        patch.setattr(_makers, "_ask", lost)
        (row,) = post("/grade", {"items": [inline(REFERENCE)]}).json()["verdicts"]
        assert "process that made it ended" in row["message"]
    (row,) = post("/grade", {"items": [inline(REFERENCE)]}).json()["verdicts"]
    assert row["passed"]  # neither is kept


def test_sizes_are_limited_and_a_problem_is_named_once():
    long = {"reference": "x" * (MAX_REFERENCE + 1)}
    both = inline(REFERENCE, suite="rtl_core", task_id="gray_counter")
    for wrong in (inline("x", long), both, {"completion": "x"}, inline("x", {"instruction": "i"})):
        assert post("/grade", {"items": [wrong]}).status_code == 422


def test_pairs_that_wait_for_their_testbench_count_in_the_queue():
    async def calls(client):
        bodies = ({"items": [inline(REFERENCE, sample=at)] * 2} for at in range(2))
        answers = await asyncio.gather(*(client.post("/grade", json=body) for body in bodies))
        return sorted(answer.status_code for answer in answers)

    assert run(calls, capacity=3) == [200, 429]
