"""One test per property that sandbox.py promises. Each runs in a child of its own."""

import os
import platform
import resource
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from itertl_eval.grader.isolation import housekeeping, sandbox

SANDBOX = sandbox.sandbox_status()
walled = pytest.mark.skipif(not SANDBOX.files, reason="this kernel has no Landlock")
filtered = pytest.mark.skipif(not SANDBOX.seccomp, reason="no seccomp on this machine")


def in_child(code: str, tmp_path: Path, ruleset: bool = True) -> str:
    """Run code in a fork behind the sandbox; return what it left in `out` or its exception."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        out = ""
        try:
            os.chdir(tmp_path)
            rules = sandbox.make_ruleset([Path("/usr/lib"), Path("/lib")], [tmp_path])
            sandbox.enter(rules if ruleset else None)
            scope: dict = {
                "os": os,
                "sandbox": sandbox,
                "housekeeping": housekeeping,
                "socket": socket,
                "Path": Path,
            }
            exec(textwrap.dedent(code), scope)
            out = str(scope.get("out", "done"))
        except BaseException as error:
            out = type(error).__name__
        os.write(write, out.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    os.waitpid(pid, 0)
    return answer


@walled
@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd').read()",
        "open('/proc/self/environ').read()",
        "open('/proc/self/maps').read()",
        "os.listdir('/')",
        "open('/tmp/itertl-should-not-exist', 'w')",
        "open('/dev/shm/itertl-should-not-exist', 'w')",
        "os.mkdir('/tmp/itertl-should-not-exist')",
        "os.truncate('/etc/hostname', 0)",
        "os.link('/etc/hostname', 'here')",
    ],
)
def test_files_outside_are_out_of_reach(code, tmp_path):
    assert in_child(code, tmp_path) in ("PermissionError", "OSError")
    assert not Path("/tmp/itertl-should-not-exist").exists()


@walled
def test_a_link_to_the_outside_leads_nowhere(tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert in_child("open('link').read()", tmp_path) == "PermissionError"


@walled
def test_the_own_folder_is_writable(tmp_path):
    code = "open('here', 'w').write('x'); out = open('here').read()"
    assert in_child(code, tmp_path) == "x"


@filtered
@pytest.mark.parametrize(
    "code",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import multiprocessing; multiprocessing.Process(target=print).start()",
    ],
)
def test_no_sockets_and_no_processes(code, tmp_path):
    code = f"sandbox.forbid_processes_and_sockets(); {code}"
    assert in_child(code, tmp_path, ruleset=False) == "PermissionError"


@filtered
@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is a part of x86-64")
def test_the_second_set_of_system_calls_is_closed(tmp_path):
    code = """
        import ctypes
        sandbox.forbid_processes_and_sockets()
        libc = ctypes.CDLL(None, use_errno=True)
        out = (libc.syscall(0x40000000 + 57), ctypes.get_errno())
    """
    assert in_child(code, tmp_path, ruleset=False) == "(-1, 1)"


@filtered
def test_threads_can_be_started(tmp_path):
    code = """
        import threading
        sandbox.forbid_processes_and_sockets()
        done = []
        thread = threading.Thread(target=done.append, args=[1])
        thread.start()
        thread.join()
        out = done
    """
    assert in_child(code, tmp_path, ruleset=False) == "[1]"


@filtered
def test_a_thread_is_in_the_sandbox_too(tmp_path):
    code = """
        import threading
        sandbox.forbid_processes_and_sockets()
        out = []

        def fork():
            try:
                os.fork()
            except OSError as error:
                out.append(type(error).__name__)

        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
    """
    assert in_child(code, tmp_path, ruleset=False) == "['PermissionError']"


def test_memory_is_limited(tmp_path):
    code = "sandbox.limit(cpu=5, memory=64, file=1); bytearray(256 << 20)"
    assert in_child(code, tmp_path, ruleset=False) == "MemoryError"


def test_file_size_is_limited(tmp_path):
    code = """
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        sandbox.limit(cpu=5, memory=64, file=1)
        open('big', 'wb').write(bytes(4 << 20))
    """
    assert in_child(code, tmp_path, ruleset=False) == "OSError"
    assert (tmp_path / "big").stat().st_size <= 1 << 20


def test_processor_time_is_limited(tmp_path):
    code = "sandbox.limit(cpu=1, memory=64, file=1)\nwhile True: pass"
    assert in_child(code, tmp_path, ruleset=False) == ""


def test_a_simulation_is_stopped_to_the_tenth_of_a_second(tmp_path):
    code = "housekeeping.stop_after(0.1)\nwhile True: pass"
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert in_child(code, tmp_path, ruleset=False) == ""
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 1


def test_open_files_are_limited(tmp_path):
    code = "sandbox.limit(cpu=5, memory=64, file=1); out = [open('f', 'w') for _ in range(200)]"
    assert in_child(code, tmp_path, ruleset=False) == "OSError"


def test_a_hard_limit_is_never_raised():
    done = subprocess.run(
        [
            "sh",
            "-c",
            'ulimit -n 32; exec "$0" -c "$1"',
            sys.executable,
            "from itertl_eval.grader.isolation import sandbox; sandbox.limit(9, 64, 1);"
            "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "(32, 32)"
