"""What feeders and this process send one another arrives as it was."""

import json
from dataclasses import replace

import pytest

from itertl_eval import InfrastructureError
from itertl_eval._util.wire import WireError
from itertl_eval.grader.feeders._message import (
    GradingError,
    LineReader,
    dump_error,
    dump_problem,
    read_problem,
    verdict_of,
)
from itertl_eval.problem import PublishedBench
from itertl_eval.suites import load_suite, suite_names
from tests.designs import ADDER
from tests.suites.cvdp_rows import lines, row


def sent(problem):
    return read_problem(json.loads(dump_problem(3, problem))["problem"])


def test_a_problem_arrives_as_it_was_sent():
    bench = PublishedBench("rtllm", "test", rejected_by=frozenset({"11"}), files={"a": b"\xff\0"})
    problem = replace(ADDER, published=bench, parameters=({"W": 4}, {}), readmem=(ADDER.testbench,))
    assert problem.digest  # which is remembered in the problem, and not sent
    assert sent(problem) == problem
    assert sent(problem).digest == problem.digest


@pytest.mark.parametrize(
    "suite",
    ["rtl_core", *(pytest.param(n, marks=pytest.mark.data) for n in suite_names())],
)
def test_every_problem_arrives_as_it_was_sent(suite):
    try:
        problems = list(load_suite(suite).values())
    except InfrastructureError as error:
        pytest.skip(str(error))
    assert problems
    assert [sent(problem) for problem in problems] == problems
    assert [sent(problem).digest for problem in problems] == [one.digest for one in problems]


def test_a_problem_with_a_harness_arrives_as_it_was_sent(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text(lines(row()))
    (problem,) = load_suite(str(file)).values()
    assert problem.harness
    assert sent(problem) == problem
    assert sent(problem).digest == problem.digest


def test_a_problem_of_another_form_is_refused():
    with pytest.raises(WireError, match="no field 'secret'"):
        read_problem({"secret": 1})


@pytest.mark.parametrize(
    ("error", "kind"), [(InfrastructureError("no tool"), InfrastructureError), (KeyError(3), None)]
)
def test_errors_arrive_with_their_kind(error, kind):
    with pytest.raises(kind or GradingError, match="no tool" if kind else "KeyError: 3"):
        verdict_of(json.loads(dump_error(1, error)))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_come_whole_however_they_are_cut(size):
    data = b"a\n\nlonger line\n" + b"x" * 20 + b"\nopen"
    reader = LineReader()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    lines = [line for piece in pieces for line in reader.lines(piece)]
    assert lines == data.split(b"\n")[:-1]
    assert reader.lines(b" end\n") == [b"open end"]
