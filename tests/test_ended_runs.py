"""A run that is killed leaves nothing behind, and goes on where it was."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.simulator


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
