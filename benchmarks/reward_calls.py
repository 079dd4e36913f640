"""Rewards through each trainer's contract, against grade_many on the same completions.

    python benchmarks/reward_calls.py [--completions N] [--rounds N] [--json]

The trainers' callers are imitated; none of the three is imported. TRL gives whole batches (and
awaits them), verl one completion a call from the threads of an event loop, one completion a call
awaited, and whole batches, OpenRLHF one completion a call from threads, one awaited as by an agent,
and whole batches. Four processes that know nothing of each other are verl's reward workers, each of
which awaits its quarter: first with a worker per core in each, as it is unless they are told
otherwise, then with LOCAL_WORLD_SIZE=4, which gives each a quarter of the cores.

Nothing is cached: every round has new completions, of which half are right; only what is known of
the problems themselves is known before. Printed are milliseconds per completion of wall time and of
CPU time (this process, its workers and theirs), and the ratio of each to grade_many in the same
round, the median over the rounds; then what the workers hold in memory (PSS, which divides what
processes share).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from itertl_eval import grade_many, load_suite, rewards
from itertl_eval.problem import Problem

SUITE = "rtl_core"
PROCESSES = 4
FIRST = 2 * PROCESSES
"""So many completions start the workers of a way before its time is taken."""
Batch = list[tuple[Problem, str]]


def trl(batch: Batch) -> None:
    columns = {"suite": [SUITE] * len(batch), "task_id": [problem.id for problem, _ in batch]}
    rewards.trl_reward([""] * len(batch), [text for _, text in batch], **columns)


def trl_awaited(batch: Batch) -> None:
    columns = {"suite": [SUITE] * len(batch), "task_id": [problem.id for problem, _ in batch]}
    texts = [text for _, text in batch]
    asyncio.run(rewards.trl_reward_async([""] * len(batch), texts, **columns))


def _verl(problem: Problem, text: str) -> dict[str, Any]:
    return {"data_source": SUITE, "solution_str": text, "ground_truth": f"{SUITE}/{problem.id}"}


def verl_threads(batch: Batch) -> None:
    async def score() -> None:
        loop = asyncio.get_running_loop()
        calls = [partial(rewards.verl_reward, **_verl(*pair), extra_info={}) for pair in batch]
        await asyncio.gather(*(loop.run_in_executor(None, call) for call in calls))

    asyncio.run(score())


def verl_awaited(batch: Batch) -> None:
    async def score() -> None:
        calls = (rewards.verl_reward_async(**_verl(*pair), extra_info={}) for pair in batch)
        await asyncio.gather(*calls)

    asyncio.run(score())


def verl_batch(batch: Batch) -> None:
    rewards.verl_reward_batch(
        data_sources=[SUITE] * len(batch),
        solution_strs=[text for _, text in batch],
        ground_truths=[f"{SUITE}/{problem.id}" for problem, _ in batch],
        extra_infos=[{}] * len(batch),
    )


def openrlhf_threads(batch: Batch) -> None:
    async def score() -> None:
        await asyncio.gather(
            *(
                asyncio.to_thread(
                    rewards.openrlhf_reward, ["Q" + text], ["Q"], [f"{SUITE}/{problem.id}"]
                )
                for problem, text in batch
            )
        )

    asyncio.run(score())


def openrlhf_awaited(batch: Batch) -> None:
    async def score() -> None:
        await asyncio.gather(
            *(
                rewards.openrlhf_reward_async(["Q" + text], ["Q"], [f"{SUITE}/{problem.id}"])
                for problem, text in batch
            )
        )

    asyncio.run(score())


def openrlhf_batch(batch: Batch) -> None:
    labels = [f"{SUITE}/{problem.id}" for problem, _ in batch]
    rewards.openrlhf_reward(["Q" + text for _, text in batch], ["Q"] * len(batch), labels)


class Processes:
    """Processes that call at the same time, each with what `environment` sets."""

    def __init__(self, **environment: str) -> None:
        self._environment = environment
        self._executors: list[ProcessPoolExecutor] = []

    def __call__(self, batch: Batch) -> None:
        if not self._executors:
            self._executors = [
                ProcessPoolExecutor(1, get_context("spawn"), _set, (self._environment,))
                for _ in range(PROCESSES)
            ]
        rows = [(problem.id, text) for problem, text in batch]
        size = -(-len(rows) // PROCESSES)
        parts = [rows[at : at + size] for at in range(0, len(rows), size)]
        answers = [
            executor.submit(_score, part)
            for executor, part in zip(self._executors, parts, strict=True)
        ]
        for answer in answers:
            answer.result()

    def pids(self) -> list[int]:
        return [executor.submit(os.getpid).result() for executor in self._executors]

    def close(self) -> None:
        for executor in self._executors:
            executor.shutdown()


def _set(environment: dict[str, str]) -> None:
    os.environ.update(environment)


def _score(rows: list[tuple[str, str]]) -> None:
    suite = load_suite(SUITE)
    verl_awaited([(suite[name], text) for name, text in rows])


def together(batch: Batch) -> None:
    grade_many(batch)


WAYS: dict[str, Callable[[Batch], None]] = {
    "grade_many": together,
    "TRL": trl,
    "TRL, awaited": trl_awaited,
    "verl, threads": verl_threads,
    "verl, awaited": verl_awaited,
    "verl, batch": verl_batch,
    "OpenRLHF, threads": openrlhf_threads,
    "OpenRLHF, awaited": openrlhf_awaited,
    "OpenRLHF, batch": openrlhf_batch,
}
AT_ONCE = {
    "verl, 4 processes": Processes(),
    "4, sharing cores": Processes(LOCAL_WORLD_SIZE=str(PROCESSES)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--completions", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ITERTL_EVAL_CACHE"] = folder
        suite = load_suite(SUITE)
        grade_many([(suite[name], suite[name].reference) for name in suite.covered])
        rounds = [measure_all(options.completions, number) for number in range(options.rounds)]
        apart = {way: run.pids() for way, run in AT_ONCE.items()}
        others = {pid for pids in apart.values() for pid in pids}
        memory = {"one process": workers_mib(os.getpid(), others)}
        memory |= {way: sum(map(workers_mib, pids)) for way, pids in apart.items()}
        for run in AT_ONCE.values():
            run.close()
    rows = {
        way: {
            "wall_ms": statistics.median(row[way][0] for row in rounds),
            "cpu_ms": statistics.median(row[way][1] for row in rounds),
            "wall_ratio": statistics.median(r[way][0] / r["grade_many"][0] for r in rounds),
            "cpu_ratio": statistics.median(r[way][1] / r["grade_many"][1] for r in rounds),
        }
        for way in rounds[0]
    }
    print(json.dumps({"ways": rows, "mib": memory}, indent=2) if options.json else as_text(rows))
    if not options.json:
        print(*(f"{way}: {mib:.0f} MiB in workers" for way, mib in memory.items()), sep="\n")


def measure_all(count: int, number: int) -> dict[str, tuple[float, float]]:
    """(wall, CPU) milliseconds per completion for each way, each with new completions."""
    suite = load_suite(SUITE)
    problems = [suite[name] for name in suite.covered]
    found = {}
    for way, run in {**WAYS, **AT_ONCE}.items():
        batch = []
        for place in range(count):
            problem = problems[place * len(problems) // count]
            fault = "assign = ;" if place % 2 else ""
            end = f"// {number} {way} {place}\n{fault} endmodule"  # no completion is known
            batch.append((problem, problem.reference.replace("endmodule", end)))
        run(batch[:FIRST])
        began, spent = time.perf_counter(), cpu_seconds()
        run(batch[FIRST:])
        took = time.perf_counter() - began, cpu_seconds() - spent
        found[way] = (1e3 * took[0] / (count - FIRST), 1e3 * took[1] / (count - FIRST))
        print(f"{way}: {took[0]:.1f} s, {took[1]:.1f} s of CPU time", file=sys.stderr, flush=True)
    return found


def cpu_seconds() -> float:
    """CPU seconds of this process and of all that it has started, ended or not."""
    total = 0.0
    for pid in tree(os.getpid()):
        with suppress(OSError):  # it has just ended
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def workers_mib(pid: int, without: Collection[int] = ()) -> float:
    """Memory of all that a process has started, in MiB."""
    total = 0
    for child in list(tree(pid, without))[1:]:
        with suppress(OSError):
            text = Path(f"/proc/{child}/smaps_rollup").read_text()
            total += int(text.partition("\nPss:")[2].split()[0])
    return total / 1024


def tree(pid: int, without: Collection[int] = ()) -> Iterator[int]:
    """Yield a process and all that it has started, but for some processes and theirs."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                if child not in without:
                    yield from tree(child, without)


def as_text(rows: dict[str, dict[str, float]]) -> str:
    lines = [f"{'':20}{'wall ms':>9}{'CPU ms':>9}{'wall x':>8}{'CPU x':>8}"]
    lines += [
        f"{way:20}{row['wall_ms']:9.2f}{row['cpu_ms']:9.2f}"
        f"{row['wall_ratio']:8.2f}{row['cpu_ratio']:8.2f}"
        for way, row in rows.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
