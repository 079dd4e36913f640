"""Designs that attack the grader, and honest ones that only look odd; see corpus.py.

The corpus is graded once per session, each design followed by an honest one on the same
worker. Every design is then a test of its own.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

import itertl_eval
from itertl_eval import Item, grade, grade_many
from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.worker.pool import close_workers, current_worker
from itertl_eval.verdict import Verdict
from tests.hostile.corpus import CASES, DESIGNS, GOOD, HERE, PATIENT, Case, problem

pytestmark = pytest.mark.simulator
MARK = f"hostile_{secrets.token_hex(6)}"
"""In the name of every file that a design tries to leave behind."""
SLACK = 6.0
"""Seconds that a stopped sample may take beyond its wall limit on a busy machine."""


@dataclass
class Outcome:
    """What came of one design, and of the honest one behind it."""

    verdict: Verdict
    control: Verdict
    seconds: float
    worker_lost: bool
    left: list[str]


@dataclass
class Ground:
    """A folder that no design may read or change."""

    root: Path
    before: dict[str, str] = field(default_factory=dict)

    def lay_out(self) -> None:
        (self.root / "outside").mkdir()
        (self.root / "secret.txt").write_text("5a\n")
        (self.root / "secret.svh").write_text("  assign y = a + b;\n")
        self.before = self.look()

    def look(self) -> dict[str, str]:
        """Every path below the root with a hash of its contents."""
        return {
            str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            if path.is_file()
            else ""
            for path in sorted(self.root.rglob("*"))
        }

    def places(self, name: str) -> dict[str, str]:
        reference = itertl_eval.load_suite("rtl_core")["simple_alu"].testbench
        assert reference is not None
        return {
            "SECRET": str(self.root / "secret.txt"),
            "SECRET_DIR": str(self.root),
            "SECRET_SVH": str(self.root / "secret.svh"),
            "OUTSIDE": str(self.root / "outside"),
            "TESTBENCH": str(HERE / "bench_adder.py"),
            "GRADER": str(itertl_eval.__file__),
            "REFERENCE": str(reference.parent / "reference.sv"),
            "ICARUS": find_icarus().base,
            "CWD": str(Path.cwd()),
            "PLANTED": f"{MARK}_write_parent",
            "MARK": f"{MARK}_{name}",
        }


def leftovers(name: str, ground: Ground) -> list[str]:
    """Files that design `name` left where it should not have been able to."""
    places = {Path.cwd(), Path.home(), Path("/var/tmp"), *_shared(), ground.root / "outside"}
    places |= {folder / "work" for folder in _worker_folders()}
    places |= {folder / "site" for folder in _worker_folders()} | set(_worker_folders())
    found: list[str] = []
    for place in places:
        if place.is_dir():
            found += [
                str(file) for file in place.iterdir() if file.name.startswith(f"{MARK}_{name}")
            ]
    return found


def _shared() -> list[Path]:
    return [Path("/tmp"), Path(tempfile.gettempdir()), Path("/dev/shm")]


def _worker_folders() -> list[Path]:
    pattern = f"itertl-{os.getpid()}-*"
    return [folder for place in set(_shared()) if place.is_dir() for folder in place.glob(pattern)]


def own_processes() -> list[int]:
    """Processes that work in, or were started for, a worker folder of this process."""
    mark = f"itertl-{os.getpid()}-".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            where = str((entry / "cwd").readlink()).encode()
            if mark in where or mark in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue  # gone, or somebody else's
    return found


def graded(case: Case, ground: Ground) -> Outcome:
    """Grade one design and then a good one on the same worker."""
    task = replace(problem(case.problem), limits=case.limits)
    worker = current_worker()
    started = time.monotonic()
    verdict = grade(task, case.text(ground.places(case.name)), cache=False)
    seconds = time.monotonic() - started
    left = leftovers(case.name, ground)
    control = grade(replace(problem("adder"), limits=PATIENT), GOOD["adder"], cache=False)
    lost = worker is not None and current_worker() is not worker
    return Outcome(verdict, control, seconds, lost, left)


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    ground = Ground(tmp_path_factory.mktemp("sentinel"))
    ground.lay_out()
    return ground


@pytest.fixture(scope="session")
def outcomes(ground: Ground, request: pytest.FixtureRequest) -> Iterator[dict[str, Outcome]]:
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
    assert outcome.seconds < case.limits.wall + SLACK, said
    assert outcome.left == [], "files were left outside of the sample's folder"
    assert ground.look() == ground.before, "the sentinel folder was changed"
    control = outcome.control
    assert control.passed, f"the next sample: {control.status} {control.stage} {control.message}"
    assert not outcome.worker_lost, "the worker did not survive"


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
    assert _worker_folders() == []


def test_a_sample_folder_is_empty_again(ground: Ground) -> None:
    """Between samples nothing lies in the worker's folder that a later sample could find."""
    for name in ("write_many_files", "honest_dump"):
        case = BY_NAME[name]
        grade(
            replace(problem(case.problem), limits=case.limits),
            case.text(ground.places(name)),
            cache=False,
        )
        left = [entry for folder in _worker_folders() for entry in (folder / "work").iterdir()]
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
