"""grade and grade_many, on a real simulator."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from itertl_eval import grade, grade_many
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import Item, _reference, close_workers, interpret, number
from itertl_eval.grader._outcome import Case, Outcome
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


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from itertl_eval.grader import Item, grade_many
from tests.designs import ADDER
slow = ADDER.reference.replace("endmodule", "initial begin #3; while (1) begin end end endmodule")
print("started", flush=True)
grade_many([Item(ADDER, slow, n, cache=False) for n in range(4)], jobs=2)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_ended_run_leaves_no_process_and_no_folder(how, tmp_path):
    root = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, root], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()
    deadline = time.monotonic() + 60
    while not (workers := _folders_of(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    process.send_signal(how)
    process.wait(30)
    assert workers
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (_simulators_in(workers) or _left(workers, how)):
        time.sleep(0.1)
    assert not _simulators_in(workers)
    assert not _left(workers, how)


def _folders_of(pid: int) -> list[Path]:
    return [p for d in ("/dev/shm", "/tmp") for p in Path(d).glob(f"itertl-{pid}-*")]


def _left(folders: list[Path], how: signal.Signals) -> list[Path]:
    """After kill -9 the folder is the next run's to remove; its samples are gone at once."""
    if how == signal.SIGKILL:
        return [entry for folder in folders for entry in folder.glob("work/*")]
    return [folder for folder in folders if folder.exists()]


def _simulators_in(folders: list[Path]) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            where = str((entry / "cwd").readlink())
        except OSError:
            continue
        if any(where.startswith(str(folder)) for folder in folders):
            found.append(f"{entry.name} {where}")
    return found


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


CONTINUED = """
import sys
sys.path.insert(0, sys.argv[1])
from itertl_eval.grader import Item, grade_stream
from tests.designs import ADDER
body = ADDER.reference.replace("endmodule", "// {}\\nendmodule")
items = [Item(ADDER, body.format(n), n) for n in range(30)]
for _, verdict in grade_stream(items, jobs=2):
    print(verdict.cached, flush=True)
"""


def test_a_killed_run_continues_where_it_was(tmp_path):
    command = [sys.executable, "-c", CONTINUED, str(Path(__file__).parents[1])]
    environment = {**os.environ, "ITERTL_EVAL_CACHE": str(tmp_path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    assert process.stdout is not None
    finished = [process.stdout.readline().strip() for _ in range(10)]
    process.kill()
    process.wait()
    assert finished == ["False"] * 10
    again = subprocess.run(command, capture_output=True, env=environment, text=True, check=True)
    answers = again.stdout.split()
    assert len(answers) == 30
    assert answers.count("True") >= 10


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
