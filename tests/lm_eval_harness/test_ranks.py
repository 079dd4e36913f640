"""Two processes that share an evaluation give the same result as one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.lm_eval, pytest.mark.simulator, pytest.mark.train]


def test_two_ranks_equal_one(tiny_model, tmp_path):
    from tests.train.test_ranks import free_port  # needs torch

    launcher = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port"]
    found = []
    for name, way in (("one", []), ("two", [*launcher, str(free_port())])):
        output = tmp_path / f"{name}.json"
        script = str(Path(__file__).with_name("ranked.py"))
        cache = {"ITERTL_EVAL_CACHE": str(tmp_path / name), "PYTHONPATH": str(Path.cwd())}
        done = subprocess.run(
            [sys.executable, *way, script, str(tiny_model), str(output)],
            env=os.environ | cache,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found.append(json.loads(output.read_text()))
    one, two = found
    assert two == one
    assert len(one["completions"]) == 5  # of which the second rank had two and one more as padding
    assert one["numbers"]["pass@1"] == pytest.approx(3 / 5)
    # Each rank has saved its share of the completions before grading them.
    kept = list((tmp_path / "two" / "completions").glob("*.jsonl"))
    rows = [json.loads(line) for file in kept for line in file.read_text().splitlines()]
    assert {row["task_id"] for row in rows} == set(one["completions"])
