"""How many workers one process can feed, measured with stand-ins for the workers.

    python benchmarks/many_workers.py [--workers 1,2,64,128] [--seconds S] [--answer MS] [--json]

A stand-in speaks the protocol of a worker over its socket and answers every job after 12 ms
without computing anything, so a machine with few cores can show what happens on one with many. One
process answers for all of them, because the workers of such a machine have cores of their own.
All else is real: GradingPool, extraction, the cache, jobs, outcomes, verdicts. Printed for each
number of workers: samples per second, the ratio to that many times one worker, the CPU
milliseconds per sample of the process that grades, of its grading processes, and of the stand-ins,
and the bound: the ratio that the CPU time of the grading process alone would allow, on a machine
with enough cores for all the others. On a machine with fewer cores than the processes can use,
only the CPU times and the bound mean something. The floor is what a bare loop costs that sends 64
stand-ins a job's bytes and reads their answers, per message: a sample has one for each setting of
its problem's parameters, 1.29 here.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from itertl_eval import load_suite
from itertl_eval.grader import GradingPool, Item, close_workers

STAND_IN = """\
#!{python} -IS
import array, json, os, socket
number = json.loads(os.environ["ITERTL_EVAL_SERVER"])["socket"]
with socket.socket(socket.AF_UNIX) as host:
    host.connect({path!r})
    rights = socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [number])
    host.sendmsg([b"."], [rights])
"""
"""Hands its channel to the process that answers for all stand-ins, and ends."""

ANSWERS = """\
import array, json, select, socket, time
host = socket.socket(socket.AF_UNIX)
host.bind({path!r})
host.listen(256)
case = {{"name": "all", "passed": True}}
answer = {{"stage": "simulate", "cases_total": 1, "finished": True, "prepared": None, "moved": True,
          "pyverilog": True, "cpu": {seconds}, "simulated": 0.004, "seconds": 0.008,
          "testbench": "", "cases": [case]}}
right = json.dumps(answer).encode() + b"\\n"
wrong = json.dumps(answer | {{"cases": [case | {{"passed": False}}]}}).encode() + b"\\n"
poll = select.epoll()
poll.register(host, select.EPOLLIN)
channels, due = {{}}, []
while True:
    wait = max(0, due[0][0] - time.monotonic()) if due else -1
    for number, _ in poll.poll(wait):
        if number == host.fileno():
            stand_in, _ = host.accept()
            [(_, _, rights)] = stand_in.recvmsg(1, socket.CMSG_SPACE(4))[1]
            stand_in.close()
            channel = socket.socket(fileno=array.array("i", rights)[0])
            channels[channel.fileno()] = channel, []
            poll.register(channel, select.EPOLLIN)
            channel.sendall(b"ready\\n")
            continue
        channel, job = channels[number]
        try:
            more = channel.recv(1 << 16)
        except OSError:
            more = b""
        job.append(more)
        if not more:
            del channels[number]
            channel.close()
        elif more.endswith(b"\\n"):
            failed = b"assign y = a;" in b"".join(job)
            due.append((time.monotonic() + {seconds}, channel, wrong if failed else right))
            job.clear()
    now, count = time.monotonic(), 0
    for at, channel, line in due:
        if at > now:
            break
        count += 1
        try:
            channel.sendall(line)
        except OSError:
            pass
    del due[:count]
"""
"""Answers that the design passes; the self-test's wrong inverter fails."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", default="1,2,64,128")
    parser.add_argument("--seconds", type=float, default=4, help="of full load, for each number")
    parser.add_argument("--answer", type=float, default=12, help="milliseconds per sample")
    parser.add_argument("--cache", action="store_true", help="look up and keep verdicts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    answer = options.answer / 1e3
    with tempfile.TemporaryDirectory() as name, stand_ins(Path(name), answer) as answering:
        rows = [
            measure(int(count), options.seconds, answer, options.cache, answering)
            for count in options.workers.split(",")
        ]
        least = floor(Path(name), options.seconds, answering)
    one = rows[0]["rate"] / rows[0]["workers"]
    for row in rows:
        row["ratio"] = row["rate"] / (one * row["workers"])
        row["bound"] = min(1.0, options.answer / row["parent_ms"] / row["workers"])
    if options.json:
        print(json.dumps({"rows": rows, "floor": least}, indent=2))
    else:
        print(as_text(rows))
        loop, stand_in = least["loop_ms"], least["stand_ins_ms"]
        print(f"floor per message: {loop:.3f} for the loop, {stand_in:.3f} for the stand-in")


@contextmanager
def stand_ins(folder: Path, seconds: float) -> Iterator[int]:
    """Make an installation of Icarus Verilog whose vvp is a stand-in; yield who answers for it."""
    from itertl_eval.grader import find_icarus

    real, channel = find_icarus(), str(folder / "channel")
    (folder / "bin").mkdir()
    (folder / "bin" / "iverilog").symlink_to(real.iverilog)
    fake = folder / "bin" / "vvp"
    fake.write_text(STAND_IN.format(python=sys.executable, path=channel))
    fake.chmod(0o755)
    os.environ["ITERTL_EVAL_ICARUS"] = str(folder)
    os.environ["ITERTL_EVAL_CACHE"] = str(folder / "cache")
    find_icarus.cache_clear()
    script = ANSWERS.format(path=channel, seconds=seconds)
    answering = subprocess.Popen([sys.executable, "-IS", "-c", script])
    while not Path(channel).exists():
        time.sleep(0.01)
    try:
        yield answering.pid
    finally:
        answering.kill()
        answering.wait()


def floor(folder: Path, seconds: float, answering: int, count: int = 64) -> dict[str, float]:
    """CPU milliseconds per message of a loop that does nothing else, and of its stand-ins."""
    job = b" " * 2000 + b"\n"
    channels = []
    for _ in range(count):
        ours, theirs = socket.socketpair()
        settings = {"ITERTL_EVAL_SERVER": json.dumps({"socket": theirs.fileno()})}
        with theirs:
            subprocess.run([folder / "bin" / "vvp"], env=settings, pass_fds=[theirs.fileno()])
        ours.recv(64)  # it is ready
        channels.append(ours)
    selector = selectors.DefaultSelector()
    for channel in channels:
        selector.register(channel, selectors.EVENT_READ)
        channel.sendall(job)
    began, before = time.process_time(), _cpu(answering)
    until, messages = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        for key, _ in selector.select():
            channel = key.fileobj
            assert isinstance(channel, socket.socket)
            channel.recv(1 << 16)
            channel.sendall(job)
            messages += 1
    spent = time.process_time() - began, _cpu(answering) - before
    for channel in channels:
        channel.close()
    return {"loop_ms": 1e3 * spent[0] / messages, "stand_ins_ms": 1e3 * spent[1] / messages}


def measure(
    workers: int, seconds: float, answer: float, cache: bool, answering: int
) -> dict[str, float]:
    """Grade for so many seconds with so many workers, all busy."""
    suite = load_suite("rtl_core")
    problems = [suite[name] for name in suite.covered]
    count = int(seconds * workers / answer)
    items = (
        Item(problem, _one_of(problem.reference, f"{workers} {number}"), number, cache=cache)
        for number in range(2 * count + 8 * workers)
        for problem in [problems[number // 8 % len(problems)]]
    )
    with GradingPool[int](jobs=workers) as pool:
        _grade(pool, list(islice(items, 8 * workers)))
        before, began = cpu_seconds(answering), time.perf_counter()
        _grade(pool, list(islice(items, count)))
        took = time.perf_counter() - began
        after = cpu_seconds(answering)
    close_workers()
    spent = {name: 1e3 * (after[name] - before[name]) / count for name in after}
    return {"workers": workers, "rate": count / took, "load": os.getloadavg()[0], **spent}


def _one_of(reference: str, name: str) -> str:
    """Return a completion that no other equals, nor does its design."""
    before, end, after = reference.rpartition("endmodule")
    return f"{before}// {name}\n{end}{after}"


def _grade(pool: GradingPool[int], items: list[Item]) -> None:
    pool.submit_all((item, number) for number, item in enumerate(items))
    while pool.left:
        for _, verdict in pool.done(wait=True):
            if verdict.status != "pass":
                raise SystemExit(f"a stand-in's answer was lost: {verdict.message}")


def cpu_seconds(answering: int) -> dict[str, float]:
    """CPU seconds of this process, of its grading processes, and of the stand-ins."""
    children = [pid for pid in _children(os.getpid()) if pid != answering]
    return {
        "parent_ms": time.process_time(),
        "feeders_ms": sum(map(_cpu, children)),
        "stand_ins_ms": _cpu(answering),
    }


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def as_text(rows: list[dict[str, float]]) -> str:
    lines = [
        f"{'workers':>8}{'samples/s':>11}{'ratio':>7}{'parent':>9}{'feeders':>9}{'stand-ins':>11}"
        f"{'bound':>7}{'load':>6}   (CPU ms per sample)"
    ]
    lines += [
        f"{row['workers']:8}{row['rate']:11.0f}{row['ratio']:7.2f}{row['parent_ms']:9.3f}"
        f"{row['feeders_ms']:9.3f}{row['stand_ins_ms']:11.3f}{row['bound']:7.2f}"
        f"{row['load']:6.1f}"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
