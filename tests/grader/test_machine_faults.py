"""Whose fault it is when a run ends early, and what is said before the first sample."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval import grade
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import find_icarus, interpret
from itertl_eval.grader._job import Seconds, make_job
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.compile import Icarus, _icarus
from itertl_eval.grader.isolation import Watch, sandbox
from itertl_eval.grader.worker import job
from itertl_eval.grader.worker._child import readable
from itertl_eval.grader.worker._direct import STARTUP_SECONDS, DirectWorker
from itertl_eval.grader.worker._worker import Worker, WorkerLost
from tests.designs import ADDER

pytestmark = pytest.mark.simulator


def slow_to_compile(loops: int) -> str:
    """A design whose constant function keeps the compiler busy."""
    function = (
        "function integer spin(input integer n); integer i;\n"
        "  begin spin = 0; for (i = 0; i < n; i = i + 1) spin = spin ^ i; end\nendfunction\n"
        f"localparam BUSY = spin({loops});\n"
    )
    return ADDER.reference.replace("endmodule", f"{function}endmodule")


@pytest.mark.parametrize("kind", [Worker, DirectWorker])
def test_the_time_of_a_compiler_that_still_runs_is_counted(kind):
    """It is in no count of its parent's, so the sample looked starved and was tried again."""
    worker = kind(find_icarus())
    try:
        source = slow_to_compile(2_000_000_000)
        busy = make_job(ADDER, source, {}, 1, Seconds(1000, 1000))
        outcome = worker.run(replace(busy, wall=10.0))
    finally:
        worker.close()
    assert (outcome.stage, outcome.timeout) == ("elaborate", True)
    assert outcome.cpu > 0.5


@pytest.mark.parametrize(
    ("cpu", "wall", "used", "starved"),
    [(8, 2.4, 1.3, False), (8, 2.4, 1.1, True), (8, 30, 4.1, False), (8, 30, 3.9, True)],
)
def test_a_sample_is_starved_if_it_got_less_than_half_of_what_it_could_use(
    cpu, wall, used, starved
):
    outcome = Outcome(timeout=True, cpu=used)
    with socket.socket() as channel:
        Watch(0, channel, wall=wall, cpu=cpu, memory=64)._explain(outcome, 0)
    assert (outcome.broken is not None) == outcome.retry == starved


@pytest.mark.parametrize("kind", [Worker, DirectWorker])
def test_all_tools_of_a_sample_share_one_budget(kind):
    """The compiler is asked a second time when it refuses; that must not double the limit."""
    worker = kind(find_icarus())
    try:
        source = slow_to_compile(2_000_000_000)
        outcome = worker.run(replace(make_job(ADDER, source, {}, 1, Seconds(4, 4)), wall=300))
    finally:
        worker.close()
    startup = STARTUP_SECONDS if kind is DirectWorker else 0
    assert "limit" in outcome.failed
    assert outcome.cpu < startup + 4 + 3


def test_the_time_to_start_python_is_not_the_designs():
    worker = DirectWorker(find_icarus())
    try:
        outcome = worker.run(replace(job("~a"), wall=0.2))
    finally:
        worker.close()
    assert interpret(outcome).status == "pass"


def worker_that(code: str, monkeypatch) -> Worker:
    """A worker in whose process this code runs before it serves."""
    from itertl_eval.grader.worker import _worker

    start = _worker._SITECUSTOMIZE
    assert start.endswith("\nserve()\n")
    before = start.removesuffix("serve()\n")
    monkeypatch.setattr(_worker, "_SITECUSTOMIZE", f"{before}{textwrap.dedent(code)}\nserve()\n")
    return Worker(find_icarus())


def test_an_exception_while_a_sample_is_prepared_is_no_machine_fault_by_itself(monkeypatch):
    """One design upsets the grader's own code; the reference does not."""
    code = """
    from itertl_eval.grader.compile import _policy
    old = _policy.violation
    def violation(source, *more):
        return 10 ** 400 / 1.5 if "upset" in source else old(source, *more)
    _policy.violation = violation
    """
    worker = worker_that(code, monkeypatch)
    try:
        upset = worker.run(replace(job("~a"), source=job("~a").source + "// upset\n"))
        right = worker.run(job("~a"))
    finally:
        worker.close()
    assert upset.broken is None
    assert upset.crashed
    assert "OverflowError" in upset.failed
    assert [case.passed for case in right.cases] == [True]


@pytest.mark.parametrize("meets", [False, True])
def test_a_good_design_decides_whether_an_exception_is_the_machines(meets, monkeypatch):
    from itertl_eval.grader import _grade_item, _reference

    crash = Outcome(stage="interface", failed="could not handle this design", crashed=True)
    monkeypatch.setattr(_grade_item.pool, "run", lambda *_: crash)
    monkeypatch.setattr(_grade_item, "known_limit", lambda *_: _grade_item.first_limit(ADDER))
    monkeypatch.setattr(_reference, "runs_good_design", lambda *_: not meets)
    verdict = grade(ADDER, ADDER.reference, cache=False)
    assert verdict.status == ("infra_error" if meets else "fail")


CHECK = "from itertl_eval.grader import preflight; preflight(); print('fine')"


def preflight(code: str = "", **variables: str) -> str:
    """The last line of a process that asks whether this machine can grade."""
    environment = {**os.environ, **variables}
    done = subprocess.run(
        [sys.executable, "-c", f"{textwrap.dedent(code)}\n{CHECK}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


def test_a_worker_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr("itertl_eval.grader.worker._worker._GRACE_SECONDS", 0.5)
    worker = Worker(find_icarus())
    try:
        assert worker._process is not None
        os.kill(worker._process.pid, signal.SIGSTOP)
        with pytest.raises(WorkerLost, match="timed out"):
            worker.run(replace(job("~a"), wall=0.5))
    finally:
        worker.close()


def test_a_machine_that_grades_is_fine():
    assert preflight() == "fine"
    assert preflight(ITERTL_EVAL_DIRECT="1") == "fine"


def test_pythons_home_does_not_reach_the_simulator():
    """The simulator's Python finds its own library, whatever the caller's environment says."""
    home = {"PYTHONHOME": sys.base_prefix, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert preflight(**home) == "fine"


def test_pythons_home_is_named_where_a_worker_does_not_start(monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "/another/python")
    with pytest.raises(InfrastructureError, match=r"PYTHONHOME is set .*unset it"):
        worker_that("raise ImportError('no encodings')", monkeypatch)


def test_a_machine_without_processes_does_not_blame_the_temporary_folder(monkeypatch):
    def refused(*_, **__):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    find_icarus.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr("subprocess.Popen", refused)
        with pytest.raises(InfrastructureError, match=r"can't be started here: .* unavailable"):
            find_icarus()


def test_a_blank_in_the_temporary_folder_is_named(tmp_path):
    folder = tmp_path / "with blank"
    folder.mkdir()
    said = preflight(TMPDIR=str(folder))
    assert said.startswith("itertl_eval.errors.InfrastructureError: ")
    assert "blank in the temporary folder" in said
    assert str(folder) in said


def test_a_temporary_folder_that_is_missing_does_not_blame_the_compiler(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    with pytest.raises(InfrastructureError, match="check TMP or TMPDIR") as refused:
        find_icarus.__wrapped__()
    assert "is not Icarus" not in str(refused.value)


def test_no_temporary_folder_at_all_is_named():
    none = "import tempfile; tempfile._candidate_tempdir_list = lambda: ['/nowhere']"
    assert "set TMPDIR" in preflight(none)


def test_a_temporary_folder_without_programs_is_named(tmp_path):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "noexec", "tmpfs", tmp_path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no right to mount a file system")
    try:
        assert "no program can run in" in preflight(TMPDIR=str(tmp_path))
    finally:
        subprocess.run(["umount", tmp_path], check=True)


REFUSE = """
import ctypes, struct, platform
from itertl_eval.grader.isolation import sandbox
instructions = [(0x20, 0, 0, 0), (0x15, 0, 1, {call}), (0x06, 0, 0, 0x00050000 | {code})]
instructions.append((0x06, 0, 0, 0x7FFF0000))
program = b"".join(struct.pack("=HBBI", *one) for one in instructions)
buffer = ctypes.create_string_buffer(program, len(program))
head = struct.pack("@HP", len(instructions), ctypes.addressof(buffer))
assert sandbox._prctl(38, 1, 0, 0, 0) == 0
assert sandbox._prctl(22, 2, head, 0, 0) == 0
"""


@pytest.mark.skipif(not sandbox.sandbox_status().files, reason="this kernel has no Landlock")
@pytest.mark.parametrize(
    ("call", "code", "cause"),
    [
        (sandbox._CREATE_RULESET, errno.EPERM, "seccomp profile of a container"),
        (sandbox._CREATE_RULESET, errno.EOPNOTSUPP, "disabled at boot"),
        (sandbox._CREATE_RULESET, errno.ENOSYS, "Linux 5.13 or newer"),
        (sandbox._RESTRICT_SELF, errno.EPERM, "seccomp profile of a container"),
    ],
)
@pytest.mark.parametrize("direct", ["0", "1"], ids=["fork server", "direct"])
def test_a_refused_sandbox_is_named(call, code, cause, direct):
    refuse = REFUSE.format(call=call, code=code)
    said = preflight(refuse, ITERTL_EVAL_DIRECT=direct)
    assert said.startswith("itertl_eval.errors.InfrastructureError: ")
    assert cause in said


def test_a_memory_hog_that_the_system_ends_is_no_fault_of_the_machine():
    from tests.grader.test_watch import watch

    hog = "data = bytearray(150 << 20); data[::4096] = b'x' * len(data[::4096]); time.sleep(0.5)"
    outcome = watch(f"{hog}\nos.kill(os.getpid(), 9)", memory=64)
    assert outcome.broken is None
    assert outcome.crashed
    assert outcome.exhausted
    assert "out of memory" in outcome.failed


def test_what_a_fork_inherits_is_not_the_samples_memory():
    """A kill from outside read as "out of memory" where the owner was large (a loaded model)."""
    from tests.grader.test_watch import watch

    loaded = bytearray(300 << 20)
    loaded[::4096] = b"x" * len(loaded[::4096])
    outcome = watch("time.sleep(0.3); os.kill(os.getpid(), 9)", memory=200)
    assert outcome.failed is None
    assert "killed from outside" in outcome.broken
    assert outcome.retry
    del loaded


@pytest.mark.parametrize(
    ("outcome", "said", "gap"),
    [
        (Outcome(signal=6), "crashed the simulator (its own defect)", True),
        (Outcome(signal=6, exhausted=True), "out of memory", False),
        (Outcome(signal=6, said="what(): std::bad_alloc"), "out of memory", False),
        (Outcome(signal=11), "or endless recursion in the design", False),
        (Outcome(signal=11, exhausted=True), "out of memory", False),
    ],
)
def test_a_crash_of_the_simulator_is_named(outcome, said, gap, monkeypatch):
    from itertl_eval.grader import _grade_item, _reference

    outcome.stage = "simulate"
    monkeypatch.setattr(_grade_item.pool, "run", lambda *_: outcome)
    monkeypatch.setattr(_reference, "runs_good_design", lambda *_: True)
    verdict = grade(ADDER, ADDER.reference, cache=False)
    assert (verdict.status, verdict.stage, verdict.unsupported) == ("fail", "simulate", gap)
    assert said in verdict.message


def test_workers_are_ended_before_others_when_memory_is_short(tmp_path):
    worker = Worker(find_icarus())
    try:
        score = (
            open(f"/proc/{worker._process.pid}/oom_score_adj").read()  # noqa: SIM115
        )
    finally:
        worker.close()
    assert json.loads(score) >= 500


def test_libraries_of_a_prefix_are_readable(monkeypatch):
    """In a conda environment the tools load libraries from beside this package's files."""
    icarus = replace(find_icarus(), libraries=("/opt/env/lib/libstdc++.so.6",))
    assert Path("/opt/env/lib/libstdc++.so.6") in readable(Icarus.from_dict(icarus.as_dict()))
    monkeypatch.setattr(_icarus.sandbox, "SYSTEM", ())
    found = _icarus._libraries(icarus.vvp)
    assert [path for path in found if "/libstdc++.so" in path]
    assert not [path for path in found if path.endswith(".py")]
