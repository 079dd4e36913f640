"""Memory of `itertl-eval serve` over many grades: the sum over the server and its workers.

    python benchmarks/serve_memory.py [--grades 50000] [--batch 500] [--cached 0.5] [--pairs 0]
    python benchmarks/serve_memory.py --pid SERVER --port PORT ...      # a server that runs already

Of the completions a share is cached (one of two texts), the others differ from all earlier ones.
`--pairs N` adds N inline problems with different references, spread over the run. Every verdict is
compared with the one that its text must get. One row per tenth of the run: grades so far, verdicts
per second, MiB of the server and of all its processes (anonymous memory; pages that processes share
count in proportion).
"""

from __future__ import annotations

import argparse
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from itertl_eval import load_suite
from itertl_eval.client import Client

SUITE, TASK = "rtl_core", "edge_detector"
REFERENCE = load_suite(SUITE)[TASK].reference
WRONG = REFERENCE.replace("& ~previous", "& previous")
PAIR = "module m(input [7:0] a, output [7:0] y);\n  assign y = a ^ 8'd{} + {};\nendmodule\n"


def items(start: int, count: int, cached: float, pairs: int, total: int) -> list[dict[str, Any]]:
    """Return samples number `start` and following, each with whether it must pass, as `sample`."""
    found = []
    for number in range(start, start + count):
        right = number % 2
        text = REFERENCE if right else WRONG
        named: dict[str, Any] = {"suite": SUITE, "task_id": TASK}
        if pairs and number * pairs // total != (number + 1) * pairs // total:
            right, text = 1, PAIR.format(number % 256, number // 256)
            named = {"problem": {"reference": text}}
        elif number % 1000 >= 1000 * cached:
            different = f"wire [63:0] only_here = 64'd{os.getpid()}{number:08d};"
            text = text.replace("endmodule", f"{different}\nendmodule")  # the cache skips comments
        found.append({**named, "completion": text, "sample": right})
    return found


def processes(pid: int) -> Iterator[int]:
    """Yield a process and all its descendants."""
    yield pid
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    for child in map(int, listed.stdout.split()):
        yield from processes(child)


def mib(pid: int) -> float:
    """Return the anonymous memory of a process in MiB; 0 for one that has ended.

    Pages of files are left out: their share depends on other programs.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:")) / 1024


def start(port: int, folder: str, jobs: int | None) -> subprocess.Popen[bytes]:
    """Start a server with an empty cache and wait for it."""
    flags = ["--port", str(port)] + (["--jobs", str(jobs)] if jobs else [])
    server = subprocess.Popen(
        [sys.executable, "-m", "itertl_eval.cli", "serve", *flags],
        env={**os.environ, "ITERTL_EVAL_CACHE": folder},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health").close()
            return server
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def measure(port: int, pid: int, options: argparse.Namespace) -> list[tuple[int, float, float]]:
    """Grade, and return (grades, MiB of the server, MiB of all) after each tenth."""
    client = Client(f"http://127.0.0.1:{port}")
    rows = []
    began, tenth = time.monotonic(), max(options.batch, options.grades // 10)
    for first in range(0, options.grades, options.batch):
        batch = items(first, options.batch, options.cached, options.pairs, options.grades)
        verdicts = client.grade(batch)
        wrong = [v for v in verdicts if v["passed"] != (v["sample"] == 1)]
        assert not wrong, wrong[0]
        done = first + options.batch
        if done // tenth != first // tenth:
            sizes = list(map(mib, processes(pid)))
            rows.append((done, sizes[0], sum(sizes)))
            rate = done / (time.monotonic() - began)
            print(f"{done:8d} {rate:8.1f}/s {sizes[0]:8.1f} MiB {sum(sizes):8.1f} MiB", flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grades", type=int, default=50_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--cached", type=float, default=0.5)
    parser.add_argument("--pairs", type=int, default=0)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pid", type=int, default=0)
    options = parser.parse_args()
    if options.pid:
        measure(options.port, options.pid, options)
        return
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        server = start(port, folder, options.jobs)
        try:
            rows = measure(port, server.pid, options)
        finally:
            server.terminate()
            server.wait()
    for (count, own, everything), (more, own_later, later) in itertools.pairwise(rows[1::8]):
        print(
            f"{count} to {more}: {own_later - own:+.1f} MiB server, {later - everything:+.1f} all"
        )


if __name__ == "__main__":
    main()
