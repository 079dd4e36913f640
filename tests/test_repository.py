"""The repository: one version, the README's tree, formatter overrides, links between pages."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import itertl_eval
from itertl_eval.grader.compile import RECOMMENDED, SUPPORTED

ROOT = Path(__file__).parents[1]
FMT_SKIPS = 19


def tracked(*patterns: str) -> list[Path]:
    """The files in git that match, or all files in a source tree without git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", *patterns],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).exists()]


def test_the_readme_shows_the_folders_of_the_package():
    tree = re.search(r"^itertl_eval/ .*?```", (ROOT / "README.md").read_text(), re.M | re.S)
    assert tree is not None
    shown = set(re.findall(r"^  (\w+(?:/|\.py)) ", tree[0], re.M))
    package = ROOT / "itertl_eval"
    rooms = {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    modules = {path.name for path in package.glob("[!_]*.py")}
    assert shown == {room for room in rooms if not room.startswith("_")} | modules


def test_contributors_are_shown_modules_that_exist():
    package = ROOT / "itertl_eval"
    named = set(re.findall(r"`([a-z_0-9/]+\.py)`", (ROOT / "CONTRIBUTING.md").read_text()))
    ours = {name for name in named if name.split("/")[0] not in ("tests", "x.py")}
    ours -= {"__init__.py", "_x.py"}
    assert len(ours) > 20
    rooms = (package, package / "grader")
    assert not [name for name in ours if not any((room / name).exists() for room in rooms)]


def test_the_formatter_is_overruled_for_tables_alone():
    marks = sum(file.read_text().count("# fmt: " + "skip") for file in tracked("*.py"))
    assert 0 < marks <= FMT_SKIPS


def test_links_between_pages_lead_somewhere():
    links = [
        (page, target)
        for page in tracked("*.md")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]
    assert len(links) > 10
    assert not [(page.name, to) for page, to in links if not (page.parent / to).exists()]
    docs = ROOT / "docs"  # of which the site is made, strictly
    inside = [(page, to) for page, to in links if docs in page.parents]
    assert inside
    assert not [
        (page.name, to) for page, to in inside if docs not in (page.parent / to).resolve().parents
    ]


def test_the_changelog_knows_the_version():
    heading = rf"^## {re.escape(itertl_eval.__version__)} - \d{{4}}-\d\d-\d\d$"
    assert re.search(heading, (ROOT / "CHANGELOG.md").read_text(), re.M)


def test_conda_and_ci_agree_with_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    tests = jobs["test"]["strategy"]["matrix"]
    pythons = [line.split()[-1] for line in project["classifiers"] if "Python :: 3." in line]
    assert tests["python"] == jobs["wheel"]["strategy"]["matrix"]["python"] == pythons
    assert project["requires-python"] == f">={pythons[0]}"
    assert {*tests["icarus"], *(one["icarus"] for one in tests["include"])} == set(SUPPORTED)

    *packages, pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    versions = dict(package.split("=") for package in packages if package != "pip")
    assert versions["python"] in pythons
    assert versions["iverilog"] == RECOMMENDED
    (clone,) = pip["pip"]
    extras = re.fullmatch(r"\.\[(.+)\]", clone)
    assert extras is not None
    assert set(extras[1].split(",")) <= set(project["optional-dependencies"])
