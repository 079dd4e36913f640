"""CVDP's public rows: all give simulations, and our completions get the right verdict."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest

from itertl_eval import load_suite
from itertl_eval.grader import HarnessError, Item, grade_item, simulations_of
from tests.suites.cvdp_completions import COMPLETIONS

pytestmark = pytest.mark.data

REFUSED: dict[str, str] = {}
"""Rows of the public files that are refused, with a word of the reason."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The JSONL files of the archive with public rows, unpacked."""
    archive = Path(os.environ.get("ITERTL_EVAL_DATA", "/nowhere"), "cvdp-public-rows.tar.gz")
    if not archive.exists():
        pytest.skip("no cvdp-public-rows.tar.gz in ITERTL_EVAL_DATA")
    folder = tmp_path_factory.mktemp("cvdp")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return sorted(folder.rglob("*.jsonl"))


@pytest.fixture(scope="module")
def problems(files):
    found = {}
    for file in files:
        if "with_solutions" not in file.name:
            found |= {(file.name, p.id): p for p in load_suite(str(file)).values()}
    return found


def fenced(files):
    return "".join(f"{path}\n```verilog\n{text}```\n" for path, text in files.items())


def test_the_agentic_file_is_the_published_one(files):
    assert len(load_suite("cvdp_agentic")) == 92


@pytest.mark.simulator
@pytest.mark.slow
def test_every_row_gives_simulations_or_a_reason(problems):
    assert len(problems) == 104
    counts, refused = {}, {}
    for (file, name), problem in problems.items():
        try:
            counts[file, name] = len(simulations_of(problem))
        except HarnessError as error:
            refused[name] = str(error)
    assert refused.keys() == REFUSED.keys()
    assert [name for name, word in REFUSED.items() if word not in refused[name]] == []
    assert len(counts) == 104
    assert sum(counts.values()) > 600  # every combination that `parametrize` makes


@pytest.mark.simulator
def test_the_published_solutions_pass(files):
    graded = {}
    for file in files:
        if "with_solutions" in file.name:
            row = json.loads(file.read_text().splitlines()[0])
            written = row["output"]["context"] if "output" in row else row["patch"]
            [problem] = load_suite(str(file)).values()
            graded[problem.id] = grade_item(Item(problem, fenced(written), cache=False)).message
    assert graded == dict.fromkeys(
        ["cvdp_agentic_fixed_arbiter_0001", "cvdp_copilot_lfsr_0001"], ""
    )


@pytest.mark.simulator
@pytest.mark.slow
@pytest.mark.parametrize("name", COMPLETIONS)
def test_right_completions_pass_and_wrong_ones_fail(problems, name):
    problem = next(problem for (_, known), problem in problems.items() if known == name)
    completion = COMPLETIONS[name]
    text = fenced(completion.right(problem.harness.context))
    verdict = grade_item(Item(problem, text, cache=False))
    assert verdict.status == "pass", verdict.message
    statuses = {}
    for old, new in completion.wrong:
        assert old in text
        statuses[old] = grade_item(Item(problem, text.replace(old, new), cache=False)).status
    assert set(statuses.values()) == {"fail"}
