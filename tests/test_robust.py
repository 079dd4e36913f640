"""What the machine does to a sample is never held against the design."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval import grade
from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.worker.pool import current_worker
from itertl_eval.problem import Limits
from tests.designs import ADDER

pytestmark = pytest.mark.simulator
ROOT = str(Path(__file__).parents[1])
LONG = {
    "ivl": "function integer spin; input integer n; for (spin = 0; spin < n; spin = spin + 1);"
    " endfunction\n localparam LONG = spin(400000); wire [31:0] unused = LONG;",
    "vvp": "integer n; initial for (n = 0; n < 3000000; n = n + 1);",
}
"""A good design that keeps the tool busy for a while."""


@pytest.mark.parametrize("tool", LONG)
def test_a_process_killed_under_a_sample_is_tried_again(tool):
    problem = replace(ADDER, limits=Limits(wall=60, cpu=20), reference="")
    assert grade(problem, ADDER.reference, cache=False).passed
    worker = current_worker()
    assert worker is not None
    victims: list[int] = []

    def kill():
        while not victims:
            victims.extend(_processes(tool, worker.folder))
            time.sleep(0.005)
        time.sleep(0.05)
        os.kill(victims[0], signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    text = ADDER.reference.replace("endmodule", f"{LONG[tool]} endmodule")
    verdict = grade(problem, text, cache=False)
    killer.join(10)
    assert victims
    assert not Path("/proc", str(victims[0])).exists()
    assert verdict.passed, verdict.message
    assert current_worker() is not worker  # the first one was given up


def _processes(tool: str, folder: Path) -> list[int]:
    """Processes of that program that work on a sample in a worker's folder.

    The sample's process is vvp from the start; it simulates once there is a design.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            where = (entry / "cwd").readlink()
            at_work = where.is_relative_to(folder / ("prepare" if tool == "ivl" else "work"))
            ready = tool != "vvp" or (where / "design.vvp").exists()
            if at_work and ready and (entry / "exe").readlink().name == tool:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


FULL = """
import os, sys, tempfile
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from itertl_eval import grade
from tests.designs import ADDER
place = Path(tempfile.gettempdir())
def verdict():
    return grade(ADDER, ADDER.reference, cache=False)
first = verdict()
print("empty", first.status, "", sep="|")
filler = place / "filler"
for free in (32, 8, 4, 0):
    room = os.statvfs(place)
    with filler.open("ab") as file:
        file.write(bytes(max(0, room.f_bavail * room.f_bsize - (free << 10))))
    done = verdict()
    print(free, done.status, done.message, sep="|")
filler.unlink()
print("again", verdict().status, "", sep="|")
"""


def on_a_small_disk(script, tmp_path, size):
    """Run a script whose temporary files are on a file system of this size, of its own."""
    small, cache = tmp_path / f"small-{size}", tmp_path / "cache"
    small.mkdir()
    mounts = f"mount -t tmpfs -o size={size} t {small} && mount -t tmpfs -o size=4k t /dev/shm"
    wall = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*wall, mounts], check=False).returncode:
        pytest.skip("no unprivileged mounts on this machine")
    return subprocess.run(
        [*wall, f'{mounts} && exec "$0" -c "$1" "$2"', sys.executable, script, ROOT],
        env={**os.environ, "TMPDIR": str(small), "ITERTL_EVAL_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_full_disk_fails_no_design(tmp_path):
    done = on_a_small_disk(FULL, tmp_path, size="4m")
    rows = [line.split("|") for line in done.stdout.splitlines()]
    status = {name: said for name, said, _ in rows}
    assert len(rows) == 6, done.stderr
    assert set(status.values()) <= {"pass", "infra_error"}, rows
    assert status["empty"] == status["again"] == "pass"
    assert status["0"] == "infra_error"
    assert "No space left" in next(message for name, _, message in rows if name == "0")


BROKEN = r"""
import sys, warnings
sys.path.insert(0, sys.argv[1])
warnings.simplefilter("ignore")
from itertl_eval import grade
from itertl_eval.errors import InfrastructureError
from tests.designs import ADDER
try:
    verdict = grade(ADDER, f"`define UNUSED\n{ADDER.reference}", cache=False)
    print(verdict.status, verdict.message, sep="|")
except InfrastructureError as error:
    print("infra_error", error, sep="|")
"""


def broken_icarus(folder, part, content):
    """An installation like the real one, but for the content of one file; its prefix."""
    icarus = find_icarus()
    prefix, base = folder / "icarus", folder / "icarus" / "ivl"
    shutil.copytree(icarus.base, base)
    if content is None:
        (base / part).unlink()
    else:
        (base / part).write_bytes(content)
    (prefix / "bin").mkdir()
    (prefix / "bin" / "vvp").symlink_to(icarus.vvp)
    driver = prefix / "bin" / "iverilog"
    driver.write_text(f'#!/bin/sh\nexec {icarus.iverilog} -B{base} "$@"\n')
    driver.chmod(0o755)
    return prefix


def program(crashes):
    """An executable file that crashes at once, or ends with exit code 1."""
    if not crashes:
        return Path(shutil.which("false")).read_bytes()
    started = bytearray(Path(find_icarus().base, "ivl").read_bytes())
    started[24:32] = bytes(8)  # an ELF file that starts at address 0
    return bytes(started)


@pytest.mark.parametrize(
    ("part", "content", "why"),
    [
        ("ivl", lambda: program(crashes=True), "good design"),
        ("ivl", lambda: program(crashes=False), "compiles nothing"),
        ("ivlpp", lambda: program(crashes=False), "compiles nothing"),
        ("vvp.tgt", lambda: b"cut off", "compiles nothing"),
        ("ivl", lambda: None, "ivl can't be started (No such file or directory): install"),
    ],
)
def test_a_compiler_that_is_broken_fails_no_design(part, content, why, tmp_path):
    environment = {
        **os.environ,
        "ITERTL_EVAL_ICARUS": str(broken_icarus(tmp_path, part, content())),
        "ITERTL_EVAL_CACHE": str(tmp_path / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-c", BROKEN, ROOT],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    status, _, message = done.stdout.partition("|")
    assert status == "infra_error", done.stdout + done.stderr
    assert why in message


FIRST = """
import sys
sys.path.insert(0, sys.argv[1])
from itertl_eval import grade
from itertl_eval.errors import InfrastructureError
from tests.designs import ADDER
try:
    print(grade(ADDER, ADDER.reference, cache=False).status)
except InfrastructureError as error:
    print("infra_error", error)
"""


@pytest.mark.parametrize("pages", range(15, 24))
def test_a_disk_that_is_full_when_the_simulator_is_found_fails_no_design(pages, tmp_path):
    """What is learnt of the compiler then was a part of its settings, and every design failed."""
    done = on_a_small_disk(FIRST, tmp_path, size=f"{4 * pages}k")
    assert done.stdout.split(" ")[0].strip() in ("pass", "infra_error"), done


TOOL = """
import os, sys, tempfile
from pathlib import Path
from itertl_eval.grader.isolation import Log, Workspace, unsafe
folder = Path(tempfile.mkdtemp())
workspace = Workspace(folder, {"true": "/bin/true"}, ["/bin/true"], unsafe())
with Log() as log:
    print(workspace.run([["true"]], log, log, 60).value)
    room = os.statvfs(folder)
    (folder / "filler").write_bytes(bytes(room.f_bavail * room.f_bsize - (16 << 10)))
    try:
        print(workspace.run([["true"]], log, log, 60).value)
    except OSError as error:
        print(error.strerror)
"""


def test_what_a_tool_makes_on_a_full_disk_is_not_its_result(tmp_path):
    """With 16 to 64 KiB left, iverilog failed right designs of the published protocols."""
    done = on_a_small_disk(TOOL, tmp_path, size="4m")
    assert done.stdout.startswith("done\nNo space left"), done
