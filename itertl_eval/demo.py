"""The whole workflow in ten minutes: train a small model iteratively, evaluate before and after.

    python -m itertl_eval.demo

Runs `python -m itertl_eval.train --config training/demo.yaml`, then `lm_eval` on the held-out
problems with the model before and after training, and `itertl-eval report` on all of it. Takes ten
minutes on two cores; if it is interrupted, run it again to resume.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from itertl_eval._util.command import Ended, command
from itertl_eval._util.paths import shipped
from itertl_eval.report import collect, compare_all

TASK = "corpus_heldout"
_TIDYING_SECONDS = 10.0


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m itertl_eval.demo", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--run_dir", type=Path, default=Path("runs/demo"))
    parser.add_argument("--config", type=Path, default=shipped("training") / "demo.yaml")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    # Everything is made on this machine; asking a hub would only cost time.
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}

    print(f"==> python -m itertl_eval.train --config {options.config}", flush=True)
    words = ["itertl_eval.train", "--config", str(options.config)]
    code = _python([*words, "--run_dir", str(options.run_dir)], environment)
    if code:
        return code
    base = Path(_records(options.run_dir)[0]["model"])
    final = options.run_dir / "final"
    adapter = final / "adapter"
    after = f"pretrained={base},peft={adapter}" if adapter.is_dir() else f"pretrained={final}/model"
    scores = {}
    for name, arguments in (("before", f"pretrained={base}"), ("after", after)):
        output = options.run_dir / "lm_eval" / name
        if not list(output.rglob("results_*.json")):
            print(f"==> lm_eval --tasks {TASK} --model hf --model_args {arguments}", flush=True)
            flags = {
                "tasks": TASK,
                "model": "hf",
                "model_args": arguments,
                "metadata": json.dumps({"corpus": str(_corpus(options.run_dir))}),
                "batch_size": "16",
                "device": "cpu",
                "output_path": str(output),
            }
            words = [word for name, value in flags.items() for word in (f"--{name}", value)]
            code = _python(["lm_eval", *words, "--log_samples"], environment)
            if code:
                return code
        newest = max(output.rglob("results_*.json"), key=lambda path: path.stat().st_mtime)
        scores[name] = json.loads(newest.read_text())["results"][TASK]
    page = options.run_dir / "before-and-after.html"
    outputs = [options.run_dir / "lm_eval" / name for name in scores]
    words = ["report", *map(str, outputs), str(options.run_dir), "-o", str(page)]
    code = _python(["itertl_eval.cli", *words], environment)
    if code:
        return code
    _show(options.run_dir, scores)
    print(f"  {gain(outputs)}\nThe page: {page}")
    print(f"{time.monotonic() - began:.0f} seconds in total")
    return 0


def gain(outputs: Sequence[Path]) -> str:
    """Return a line on pass@1 after training against before, paired by problem."""
    comparison = compare_all(collect(outputs).benchmarks)[0]
    found = comparison.differences[0]
    return (
        f"gain {found.value:+.3f} (95 % interval {found.low:+.3f} to {found.high:+.3f}, "
        f"{found.problems} problems): {found.finding}"
    )


def _python(arguments: list[str], environment: dict[str, str]) -> int:
    with subprocess.Popen([sys.executable, "-m", *arguments], env=environment) as process:
        try:
            return process.wait()
        except KeyboardInterrupt as interrupt:
            # Ctrl-C reaches that process too, which then tidies up; SIGTERM only this one.
            with suppress(subprocess.TimeoutExpired):
                process.wait(0 if isinstance(interrupt, Ended) else _TIDYING_SECONDS)
            process.terminate()
            process.wait()
            raise


def _records(run_dir: Path) -> list[dict[str, Any]]:
    lines = (run_dir / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def _corpus(run_dir: Path) -> Path:
    return run_dir / "corpus"


def _show(run_dir: Path, scores: dict[str, dict[str, Any]]) -> None:
    print(f"\nThe loop, on held-out problems ({run_dir}/metrics.jsonl)")
    for record in _records(run_dir):
        if record.get("pass@1") is not None:
            print(
                f"  {record['stage']:14} pass@1 {record['pass@1']:.3f} ± {record['pass@1_se']:.3f}"
            )
    print(f"lm_eval --tasks {TASK}, the same grader")
    for name, numbers in scores.items():
        value, error = numbers["pass@1,graded"], numbers["pass@1_stderr,graded"]
        syntax = numbers["syntax@1,graded"]
        print(f"  {name:14} pass@1 {value:.3f} ± {error:.3f}   compiles {syntax:.3f}")


if __name__ == "__main__":
    sys.exit(main())
