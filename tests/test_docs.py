"""The documentation site: its index is whole, its tour runs, and it builds without a warning."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_tutorial import BLOCK, matches

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TOUR = DOCS / "tour" / "index.md"


def pages(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    values = entry.values() if isinstance(entry, dict) else entry
    return [page for value in values for page in pages(value)]


def test_the_navigation_has_every_page_once():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    there = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert len(there) > 20
    assert sorted(pages(nav)) == sorted(there)


def test_the_reference_names_things_that_exist():
    named = [
        name
        for page in (DOCS / "reference").glob("*.md")
        for name in re.findall(r"^::: ([\w.]+)$", page.read_text(), re.M)
    ]
    assert len(named) > 30
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    module, _, attribute = name.rpartition('.')\n"
        "    getattr(importlib.import_module(module), attribute)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *named], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_reference_has_every_reward():
    source = (ROOT / "itertl_eval" / "rewards.py").read_text()
    rewards = re.findall(r"^(?:async )?def ([a-z]\w*_reward\w*)", source, re.M)
    assert len(rewards) == 7
    page = (DOCS / "reference" / "rewards.md").read_text()
    assert re.findall(r"^::: itertl_eval\.rewards\.(\w+)$", page, re.M) == rewards


def test_the_index_leads_each_audience_to_its_pages():
    index = (DOCS / "index.md").read_text()
    audiences = re.findall(r"^## If you (.+)$", index, re.M)
    assert len(audiences) == 5
    linked = set(re.findall(r"\]\(([\w/-]+\.md)", index))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"index.md"}
    below = {page for page in pages if str(Path(page).with_name("index.md")) in linked}
    assert pages - linked - below == set()


@pytest.mark.slow
@pytest.mark.train
@pytest.mark.simulator
def test_the_tour_is_true(tmp_path):
    """Write its files and run its commands, in order."""
    programs = {"python": [], "itertl-eval": ["-m", "itertl_eval.cli"]}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    commands = 0
    for language, name, content in BLOCK.findall(TOUR.read_text(encoding="utf-8")):
        if name:
            (tmp_path / name).write_text(content)
            continue
        if language != "console":
            continue
        for block in re.split(r"^\$ ", content, flags=re.M)[1:]:
            line, _, shown = block.partition("\n")
            program, *arguments = shlex.split(line)
            command = [sys.executable, *programs[program], *arguments]
            done = subprocess.run(
                command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            assert matches(shown, done.stdout), f"{line}\n{done.stdout}{done.stderr}"
            commands += 1
    assert commands == 9
    for made in ("verdicts.waves/edge_detector_0.fst", "report.html", "run.html", "run/final"):
        assert (tmp_path / made).exists()
    records = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert len(records) == 5  # before, after the supervised start, and after each of three


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mkdocs") is None, reason="pip install '.[docs]'")
def test_the_site_builds_without_a_warning(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "reference" / "grading" / "index.html").exists()
