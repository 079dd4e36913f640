"""Designs that attack the grader, and honest ones that only look odd; see corpus.py.

The corpus is graded once per session, each design followed by an honest one on the same
worker. Every design is then a test of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from itertl_eval import Item, grade, grade_many
from itertl_eval.grader import Job
from itertl_eval.grader._outcome import Outcome as RunOutcome
from itertl_eval.grader.worker._direct import DirectWorker
from itertl_eval.grader.worker._worker import Worker
from itertl_eval.grader.worker.pool import close_workers, current_worker
from itertl_eval.verdict import Verdict
from tests.hostile.corpus import CASES, DESIGNS, GOOD, HERE, PATIENT, Case, problem
from tests.hostile.ground import Ground, leftovers, own_processes, worker_folders

pytestmark = pytest.mark.simulator
SLACK = 6.0
"""Seconds that one try at a sample may take beyond its wall limit on a busy machine."""
CPU_SLACK = 4.0
"""CPU seconds beyond the limit: each tool of a sample may use at least one whole second."""


@dataclass
class Outcome:
    """What came of one design, and of the honest one behind it."""

    verdict: Verdict
    control: Verdict
    tries: list[Try]
    worker_lost: bool
    left: list[str]


@dataclass
class Try:
    """One try at a sample. A machine with other work gives it a second one, with twice the time."""

    job: Job
    seconds: float
    cpu: float


@pytest.fixture(scope="session", autouse=True)
def tries() -> Iterator[None]:
    """Have each thread note its tries."""

    def noting(
        run: Callable[[Worker, Job], RunOutcome],
    ) -> Callable[[Worker, Job], RunOutcome]:
        def noted(worker: Worker, job: Job) -> RunOutcome:
            began = time.monotonic()
            outcome = run(worker, job)
            if hasattr(_noted, "tries"):
                _noted.tries.append(Try(job, time.monotonic() - began, outcome.cpu))
            return outcome

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for kind in (Worker, DirectWorker):
            patch.setattr(kind, "run", noting(kind.run))
        yield


_noted = threading.local()


def graded(case: Case, ground: Ground) -> Outcome:
    """Grade one design and then a good one on the same worker."""
    task = replace(problem(case.problem), limits=case.limits)
    worker = current_worker()
    _noted.tries = []
    verdict = grade(task, case.text(ground.places(case.name)), cache=False)
    tries = list(_noted.tries)
    left = leftovers(case.name, ground)
    control = grade(replace(problem("adder"), limits=PATIENT), GOOD["adder"], cache=False)
    lost = worker is not None and current_worker() is not worker
    return Outcome(verdict, control, tries, lost, left)


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    ground = Ground(tmp_path_factory.mktemp("sentinel"))
    ground.lay_out()
    return ground


@pytest.fixture(scope="session")
def outcomes(
    ground: Ground, tries: None, request: pytest.FixtureRequest
) -> Iterator[dict[str, Outcome]]:
    """The outcome of every design that this session asks for, from two workers."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if getattr(item, "callspec", None)
        and "name" in item.callspec.params
        and item.path == Path(__file__)
    }
    cases = [case for case in CASES if case.name in wanted]
    with ThreadPoolExecutor(2) as pool:
        made = dict(
            zip(
                [case.name for case in cases],
                pool.map(lambda case: graded(case, ground), cases),
                strict=True,
            )
        )
    yield made
    for name in made:
        assert not leftovers(name, ground), name


BY_NAME = {case.name: case for case in CASES}


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_design(name: str, outcomes: dict[str, Outcome], ground: Ground) -> None:
    case, outcome = BY_NAME[name], outcomes[name]
    verdict = outcome.verdict
    said = f"{verdict.status} in {verdict.stage}: {verdict.message[:500]}"
    assert verdict.status in case.status.split(), said
    assert verdict.stage in case.stage.split(), said
    assert case.word in verdict.message, said
    assert verdict.passed == (verdict.score == 1.0)
    assert verdict.passed or verdict.message, "no reason is given"
    assert len(verdict.message) <= 2000, f"a message of {len(verdict.message)} characters"
    for one in outcome.tries:
        assert one.seconds < one.job.wall + SLACK, said
        assert one.cpu < one.job.cpu + CPU_SLACK, said
    assert outcome.left == [], "files were left outside of the sample's folder"
    assert ground.look() == ground.before, "the sentinel folder was changed"
    control = outcome.control
    assert control.passed, f"the next sample: {control.status} {control.stage} {control.message}"
    starved = len(outcome.tries) > 1  # then another worker tries
    assert starved or not outcome.worker_lost, "the worker did not survive"


def test_every_design_is_in_the_table_and_explained() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert set(names) == {file.stem for file in DESIGNS.glob("*.sv")}
    assert sum(not case.honest for case in CASES) >= 60
    assert sum(case.honest for case in CASES) >= 12
    for file in DESIGNS.glob("*.sv"):
        assert file.read_text(encoding="utf-8").startswith("// "), file.name


@pytest.mark.parametrize("name", sorted(GOOD))
def test_the_problems_accept_a_good_answer(name: str) -> None:
    verdict = grade(replace(problem(name), limits=PATIENT), GOOD[name], cache=False)
    assert verdict.passed, verdict.message


def test_cycle_count_of_the_accumulator_bench() -> None:
    """`finish_last_cycle` knows the number of clock edges; one more edge and it would pass."""
    text = (DESIGNS / "finish_last_cycle.sv").read_text().replace("@CYCLES@", "1000000")
    verdict = grade(replace(problem("accumulator"), limits=PATIENT), text, cache=False)
    assert verdict.passed, verdict.message


def test_no_process_and_no_folder_is_left(ground: Ground) -> None:
    """After designs that fork, loop and flood: nothing of theirs runs, their folders are gone."""
    names = ("fork_bomb", "forever_without_delay", "display_forever", "generate_huge")
    pairs = []
    for name in names:
        case = BY_NAME[name]
        task = replace(problem(case.problem), limits=replace(case.limits, wall=2.5))
        pairs.append(Item(task, case.text(ground.places(name)), cache=False))
    verdicts = grade_many([*pairs, Item(problem("adder"), GOOD["adder"], cache=False)], jobs=1)
    assert [verdict.status for verdict in verdicts] == ["fail"] * len(names) + ["pass"]
    close_workers()
    threading.Event().wait(0.2)
    assert own_processes() == []
    assert worker_folders() == []


def test_a_sample_folder_is_empty_again(ground: Ground) -> None:
    """Between samples nothing lies in the worker's folder that a later sample could find."""
    for name in ("write_many_files", "honest_dump"):
        case = BY_NAME[name]
        grade(
            replace(problem(case.problem), limits=case.limits),
            case.text(ground.places(name)),
            cache=False,
        )
        left = [entry for folder in worker_folders() for entry in (folder / "work").iterdir()]
        assert left == []


def test_messages_do_not_depend_on_the_random_names(ground: Ground) -> None:
    """The harness's names are new for each sample; no message may carry them."""
    for name in ("hierarchical_read", "unclosed_module", "top_twice", "undefined_system_function"):
        case = BY_NAME[name]
        texts = {
            grade(problem(case.problem), case.text(ground.places(name)), cache=False).message
            for _ in range(2)
        }
        assert len(texts) == 1, texts


def test_the_order_of_hostile_samples_changes_no_verdict(ground: Ground) -> None:
    quick = (
        "print_then_finish",
        "write_file_descriptors",
        "honest_macros",
        "x_output",
        "unclosed_comment",
        "honest_nettype_left",
        "missing_output",
    )
    items = []
    for name in quick:
        case = BY_NAME[name]
        task = replace(problem(case.problem), limits=PATIENT)
        items.append(Item(task, case.text(ground.places(name)), cache=False))
    there = grade_many(items, jobs=2)
    back = grade_many(items[::-1], jobs=1)[::-1]
    for one, other in zip(there, back, strict=True):
        assert (one.status, one.stage, one.message, one.cases_passed) == (
            other.status,
            other.stage,
            other.message,
            other.cases_passed,
        )


@pytest.mark.slow
def test_the_corpus_without_a_fork_server(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fall-back starts Python anew for each sample, so it gets more wall time."""
    monkeypatch.setenv("ITERTL_EVAL_DIRECT", "1")
    items = []
    for case in CASES:
        limits = replace(case.limits, wall=60.0)
        text = case.text(ground.places(case.name))
        items.append(Item(replace(problem(case.problem), limits=limits), text, cache=False))
    wrong = []
    for case, verdict in zip(CASES, grade_many(items, jobs=2), strict=True):
        right = verdict.status in case.status.split() and verdict.stage in case.stage.split()
        if not right or case.word not in verdict.message:
            wrong.append(f"{case.name}: {verdict.status} {verdict.stage} {verdict.message[:200]}")
        wrong += leftovers(case.name, ground)
    assert wrong == []
    assert ground.look() == ground.before


@pytest.mark.slow
def test_no_reference_is_readable_without_a_fork_server(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at simulated time, and not in an initialiser, which runs before the last wall."""
    monkeypatch.setenv("ITERTL_EVAL_DIRECT", "1")
    folder = ground.root / "task"
    folder.mkdir()
    (folder / "problem.yaml").write_text("top: accumulator\n")
    (folder / "reference.sv").write_text("// the answer\n")
    bench = folder / "testbench.py"
    bench.write_text((HERE / "plain_accumulator.py").read_text())
    task = replace(problem("plain"), limits=replace(PATIENT, wall=60.0), testbench=bench)
    reading = GOOD["plain"].replace(
        "endmodule",
        f"""  integer early = $fopen("{folder}/reference.sv", "r"), late;
  integer python = $fopen("{bench}", "r"), other;
  initial begin
    late = $fopen("{folder}/reference.sv", "r");
    other = $fopen("{bench}", "r");
    if (EXPECTED) force q = 0;
  end
endmodule""",
    )
    texts = [
        reading.replace("EXPECTED", wanted)
        for wanted in (
            "early != 0",
            "late != 0",
            "other != 0",
            "python == 0",
        )
    ]
    verdicts = grade_many([Item(task, text, cache=False) for text in texts], jobs=1)
    assert [verdict.status for verdict in verdicts] == ["pass"] * 4, verdicts
