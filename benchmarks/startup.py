"""How long it takes to begin: the command line, a first verdict, and a task under lm-eval.

    python benchmarks/startup.py [--rounds N] [--json]

Every line is a fresh process, run N times in turn with the others; printed is the fastest, in
seconds of wall time and of CPU time (the process and all that it started and waited for).

    python              `python -c pass`, for comparison
    --help              itertl-eval --help                               goal: 0.15 s
    first verdict       load rtl_core, grade one reference, no cache     goal: 1 s
    lm-eval's own       lm_eval with the dummy model on a task of as many questions that needs
                        nothing but lm-eval, so that it shows what lm-eval itself takes
    verilogeval_human   the same on this task, verdicts not cached       goal: 3 s over lm-eval's
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from itertl_eval import load_suite

VERDICT = """\
from itertl_eval import grade, load_suite
problem = next(iter(load_suite("rtl_core").values()))
assert grade(problem, problem.reference, cache=False).passed
"""
TASK = """\
task: plain
dataset_path: json
dataset_kwargs: {data_files: DATA}
test_split: train
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["endmodule"], max_gen_toks: 64}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""
TASK_NAME = "verilogeval_human"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    python, scripts = sys.executable, Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ITERTL_EVAL_CACHE"] = folder
        lm_eval = [str(scripts / "lm_eval"), "--model", "dummy", "--tasks"]
        commands = {
            "python": [python, "-c", "pass"],
            "--help": [str(scripts / "itertl-eval"), "--help"],
            "first verdict": [python, "-c", VERDICT],
            "lm-eval's own": [*lm_eval, "plain", "--include_path", plain_task(Path(folder))],
            TASK_NAME: [*lm_eval, TASK_NAME],
        }
        best = dict.fromkeys(commands, (float("inf"), float("inf")))
        for _ in range(options.rounds):
            for name, command in commands.items():
                best[name] = min(best[name], seconds(command))
    report = {name: {"wall": wall, "cpu": cpu} for name, (wall, cpu) in best.items()}
    report["over lm-eval"] = {
        kind: report[TASK_NAME][kind] - report["lm-eval's own"][kind] for kind in ("wall", "cpu")
    }
    print(json.dumps(report, indent=2) if options.json else as_text(report))


def plain_task(folder: Path) -> str:
    """Make a task with the questions of the suite, and return its folder."""
    problems = load_suite(TASK_NAME).values()
    rows = [{"question": p.prompt.text, "answer": "endmodule"} for p in problems]
    data = folder / "questions.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tasks = folder / "tasks"
    tasks.mkdir()
    (tasks / "plain.yaml").write_text(TASK.replace("DATA", str(data)))
    return str(tasks)


def seconds(command: list[str]) -> tuple[float, float]:
    """(wall, CPU) seconds of a command. Exits with its output if it fails."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} failed:\n{done.stderr[-2000:]}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, spent


def as_text(report: dict[str, dict[str, float]]) -> str:
    lines = [f"{'':20}{'wall s':>9}{'CPU s':>9}   load {os.getloadavg()[0]:.1f}"]
    lines += [f"{name:20}{row['wall']:9.2f}{row['cpu']:9.2f}" for name, row in report.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
