"""The service's memory stays flat; benchmarks/serve_memory.py measures it over 50,000 grades."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.simulator, pytest.mark.slow]
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "serve_memory.py"
MAX_GROWTH = 10.0
"""MiB that the server and its workers may grow by after a third of the grades."""


def test_memory_is_flat_over_thousands_of_grades():
    flags = ["--jobs", "2", "--grades", "6000", "--batch", "200", "--cached", "0.5"]
    done = subprocess.run(
        [sys.executable, SCRIPT, *flags], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr  # the script compares every verdict
    rows = re.findall(r"^ *(\d+) .*? ([\d.]+) MiB +([\d.]+) MiB$", done.stdout, re.M)
    assert len(rows) == 10
    (_, server, everything), (_, server_later, later) = rows[3], rows[-1]
    assert float(server_later) - float(server) < MAX_GROWTH
    assert float(later) - float(everything) < MAX_GROWTH
