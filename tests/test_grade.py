"""grade and grade_many, on a real simulator."""

import json
import os
import signal
import time
from dataclasses import replace
from typing import Any

import pytest

from itertl_eval import grade, grade_many
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import Item, _reference, close_workers, interpret, number
from itertl_eval.grader._outcome import Case, Outcome
from itertl_eval.grader.compile import find_icarus
from itertl_eval.grader.worker._direct import DirectWorker
from itertl_eval.grader.worker.pool import current_worker
from itertl_eval.problem import Limits
from itertl_eval.verdict import score_of
from tests.designs import ADDER, COUNTER, COUNTER_TEXT, QUICK

pytestmark = pytest.mark.simulator
HEADER = ADDER.prompt.header


def adder(body: str) -> str:
    return f"{HEADER}{body}\nendmodule\n"


STAGES = {
    "nothing": ("", "extract", "empty"),
    "other_name": ("module sum(input a); endmodule", "extract", "defines sum"),
    "include": ('`include "x.v"\n' + ADDER.reference, "policy", "line 1"),
    "syntax": (adder("assign sum = a +;"), "syntax", "line 2"),
    "unknown_name": (adder("assign sum = a + c;"), "elaborate", "line 2"),
    "missing_port": (
        "module adder(input [3:0] a, b, output [4:0] s); assign s = a + b; endmodule",
        "interface",
        "'output [4:0] sum' is missing",
    ),
    "narrow_port": (
        "module adder(input [3:0] a, b, output [3:0] sum); assign sum = a + b; endmodule",
        "interface",
        "declared as 'output [3:0] sum'",
    ),
    "wrong": (adder("assign sum = a - b;"), "simulate", "sum: expected"),
    "undriven": (adder(""), "simulate", "5'bzzzzz"),
    "early_end": (adder("assign sum = a + b; initial #50 $finish;"), "simulate", "ended before"),
    "right": (ADDER.reference, "pass", ""),
    "body_only": ("  assign sum = a + b;\nendmodule", "pass", ""),
}


@pytest.mark.parametrize("name", STAGES)
def test_stage_and_message(name):
    completion, stage, message = STAGES[name]
    verdict = grade(ADDER, completion, cache=False)
    assert verdict.stage == stage
    assert verdict.passed == (stage == "pass")
    assert message in verdict.message
    assert "Icarus Verilog" in verdict.simulator


def test_partial_score_counts_cases_and_jumps_at_the_top():
    verdict = grade(ADDER, adder("assign sum = b == 0 ? a : 0;"), cache=False)
    assert (verdict.cases_passed, verdict.cases_total) == (1, 2)
    assert verdict.score == score_of("simulate", 1, 2) == pytest.approx(0.35)
    assert score_of("simulate", 99, 100) < 0.5 < score_of("pass", 100, 100)


THREE_CASES = """
from itertl_eval.bench import Bench

bench = Bench(lambda i: i.a + i.b, inputs={"a": 4, "b": 4}, outputs={"sum": 5})


@bench.case
def low(rng):
    return bench.every(b=0)


@bench.case
def nine(rng):
    return bench.every(b=9)


@bench.case
def high(rng):
    return bench.every(b=15)
"""


@pytest.mark.parametrize("way", ["forked", "direct", "cached"])
def test_without_partial_the_first_failing_case_ends_it(way, tmp_path, monkeypatch, request):
    if way == "direct":
        monkeypatch.setenv("ITERTL_EVAL_DIRECT", "1")
        close_workers()
        request.addfinalizer(close_workers)
    bench = tmp_path / "three.py"
    bench.write_text(THREE_CASES)
    problem = replace(ADDER, testbench=bench)
    text = adder("assign sum = b == 9 ? a - b : a + b;")
    full = grade(problem, text, cache=way == "cached")
    assert isinstance(current_worker(), DirectWorker) == (way == "direct")
    short = grade(problem, text, cache=way == "cached", partial=False)
    assert (full.cases_passed, short.cases_passed) == (2, 1)
    assert short.score == score_of("simulate", 1, 3) < full.score
    assert full.message.startswith("nine: sum: expected")
    alike = ("status", "stage", "message", "cases_total", "seed")
    assert [getattr(short, name) for name in alike] == [getattr(full, name) for name in alike]
    assert grade(problem, problem.reference, cache=False, partial=False).passed


def test_plain_cocotb_bench_runs_once_per_parameter_setting():
    verdict = grade(COUNTER, COUNTER.reference, cache=False)
    assert verdict.passed
    assert verdict.cases_total == 4
    fixed = COUNTER_TEXT.replace("reg [WIDTH-1:0] q", "reg [3:0] q")
    verdict = grade(COUNTER, fixed, cache=False)
    assert not verdict.passed
    assert "with WIDTH=7" in verdict.message


def test_a_pass_line_and_finish_is_no_pass():
    text = adder('initial begin $display("Mismatches: 0 in 100 samples"); $finish; end')
    assert grade(ADDER, text, cache=False).status == "fail"


def test_time_limit_ends_the_whole_group():
    text = adder("assign sum = a + b; initial begin #3; while (1) begin end end")
    started = time.monotonic()
    verdict = grade(replace(ADDER, limits=replace(QUICK, cpu=1)), text, cache=False)
    assert verdict.status == "fail"
    assert "limit" in verdict.message
    assert time.monotonic() - started < 15
    assert grade(ADDER, ADDER.reference, cache=False).passed


def test_order_and_number_of_workers_do_not_matter():
    texts = [STAGES[name][0] for name in STAGES] * 3
    items = [Item(ADDER, text, n, cache=False) for n, text in enumerate(texts)]
    one = grade_many(items, jobs=1)
    two = grade_many(items[::-1], jobs=2)[::-1]
    assert [replace(v, seconds=0) for v in one] == [replace(v, seconds=0) for v in two]


def test_pairs_are_numbered_per_problem():
    items = list(number([(ADDER, "x"), (COUNTER, "y"), (ADDER, "z")]))
    assert [item.sample for item in items] == [0, 0, 1]


def test_known_verdicts_come_from_the_cache():
    text = adder("assign sum = a + b; // cached")
    first, second = grade(ADDER, text), grade(ADDER, text)
    assert not first.cached
    assert second.cached
    assert replace(second, cached=False) == first
    assert not grade(ADDER, text, seed=1).cached


def test_no_testbench_is_neither_pass_nor_fail():
    with pytest.raises(InfrastructureError, match="no testbench for adder"):
        grade(replace(ADDER, testbench=None), ADDER.reference)


def test_a_broken_testbench_is_an_infrastructure_error(tmp_path):
    bench = tmp_path / "broken.py"
    bench.write_text("import nothing_of_this_name\n")
    verdict = grade(replace(ADDER, testbench=bench), ADDER.reference, cache=False)
    assert verdict.status == "infra_error"
    assert f"{bench}:1: ModuleNotFoundError" in verdict.message
    assert "nothing_of_this_name" in verdict.message
    assert verdict.score == 0


def test_a_testbench_without_cases_says_what_to_do(tmp_path):
    bench = tmp_path / "caseless.py"
    bench.write_text(
        "from itertl_eval.bench import Bench\n"
        "bench = Bench(lambda i: i.a + i.b, inputs={'a': 4, 'b': 4}, outputs={'sum': 5})\n"
    )
    verdict = grade(replace(ADDER, testbench=bench), ADDER.reference, cache=False)
    assert verdict.status == "infra_error"
    assert "@bench.case" in verdict.message


def test_a_killed_worker_costs_nothing():
    assert grade(ADDER, ADDER.reference, cache=False).passed
    worker = current_worker()
    assert worker is not None
    os.kill(worker._process.pid, signal.SIGKILL)
    assert grade(ADDER, ADDER.reference, cache=False).passed


def test_a_simulator_that_dies_is_not_a_wrong_answer():
    def status(cases: int, **fields: Any) -> str:
        return interpret(Outcome(cases=[Case("a", True)] * cases, **fields)).status

    assert status(0, stage="interface") == "infra_error"
    assert status(0, stage="simulate", cases_total=2) == "fail"
    assert status(1, stage="simulate", cases_total=1, finished=True) == "pass"
    assert status(0, stage="simulate", cases_total=1, finished=True) == "fail"
    assert status(0, stage="simulate", cases_total=0, finished=True) == "infra_error"
    two = Outcome(stage="simulate", cases=[Case("a", True)], cases_total=2, finished=True)
    assert interpret(two).message.startswith("ended before the testbench did")


def test_verdict_row_is_the_contract():
    row = json.loads(json.dumps(grade(ADDER, ADDER.reference).as_row()))
    wanted = {
        "task_id",
        "sample",
        "status",
        "stage",
        "passed",
        "score",
        "cases_passed",
        "cases_total",
        "message",
        "seconds",
        "cached",
        "seed",
    }
    assert wanted <= row.keys()
    assert "code" not in row


def test_a_slow_reference_gives_its_answers_time(monkeypatch):
    """Only what needs more than the floor makes the reference be timed."""
    busy = "integer n; initial for (n = 0; n < {}; n = n + 1); endmodule"
    slow = ADDER.reference.replace("endmodule", busy.format(8_000_000))
    timed = []
    monkeypatch.setattr(
        _reference,
        "reference_seconds",
        lambda *args, run=_reference.reference_seconds: timed.append(run(*args)) or timed[-1],
    )
    problem = replace(ADDER, reference=slow, limits=Limits(wall=60, cpu=20))
    assert grade(problem, ADDER.reference, cache=False).passed
    assert not timed
    assert grade(problem, slow + "// another", cache=False).passed
    assert timed[0].simulation > 1


def test_an_edited_reference_is_timed_anew():
    """As in a notebook, where the same process has seen the version before."""
    problem, icarus = replace(ADDER, id="adder_that_is_edited"), find_icarus()
    broken = replace(problem, reference=ADDER.reference.replace("assign", "assign assign"))
    assert _reference.limit_of(broken, icarus).run == broken.limits.cpu  # nothing is known of it
    assert _reference.limit_of(problem, icarus).run < broken.limits.cpu


def test_a_reference_that_a_busy_machine_has_failed_is_timed_again(monkeypatch):
    problem = replace(ADDER, id="adder_on_a_busy_machine")
    icarus = find_icarus()
    monkeypatch.setattr(_reference, "_seconds", {})
    with monkeypatch.context() as patch:
        patch.setattr(_reference, "reference_seconds", lambda *_: None)
        _reference.limit_of(problem, icarus)
    monkeypatch.setattr(_reference, "_seconds", {})  # as in the next process
    _reference.limit_of(problem, icarus)
    assert _reference.known_seconds(problem, problem.digest, icarus) > 0
