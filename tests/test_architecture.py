"""The layers of the package: no import past a face, no circles. See CONTRIBUTING.md."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "itertl_eval"
ROOT = Path(__file__).parents[1]


class Import(NamedTuple):
    """One imported name: the importing module, the module or package it names, and where."""

    importer: str
    target: str
    name: str
    place: str


class Tree:
    """The modules of the package in a checkout, and what they import from one another."""

    def __init__(self, root: Path) -> None:
        self.files = {
            _dotted(file.relative_to(root)): file for file in (root / PACKAGE).rglob("*.py")
        }
        self.packages = {m for m, file in self.files.items() if file.name == "__init__.py"}
        self.imports = [found for m in self.files for found in self._imports_of(m)]

    def _imports_of(self, module: str) -> Iterator[Import]:
        for node in ast.walk(ast.parse(self.files[module].read_bytes())):
            place = f"{self.files[module]}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                for alias in node.names:
                    within = f"{node.module}.{alias.name}"
                    target = within if within in self.files else node.module
                    if target in self.files:
                        yield Import(module, target, alias.name, place)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name in self.files:
                        yield Import(module, alias.name, "", place)

    def package_of(self, module: str) -> str:
        return module if module in self.packages else module.rpartition(".")[0]

    def public(self, package: str) -> set[str]:
        """`__all__` of a package."""
        for node in ast.parse(self.files[package].read_bytes()).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                return set(ast.literal_eval(node.value))
        return set()


def _dotted(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def common(one: str, other: str) -> int:
    """How many leading parts two dotted names share."""
    count = 0
    for a, b in zip(one.split("."), other.split("."), strict=False):
        if a != b:
            break
        count += 1
    return count


def deep_imports(tree: Tree) -> list[str]:
    """Imports that reach past the face of a package that the importer is not in."""
    wrong = []
    for found in tree.imports:
        if found.target.startswith(f"{PACKAGE}._util"):
            continue  # one shared cupboard, without a face
        package = tree.package_of(found.importer)
        shared = common(package, found.target)
        below = found.target.split(".")[shared:]
        face = ".".join(found.target.split(".")[: shared + 1])
        if len(below) <= 1 and (face == found.target and face not in tree.packages):
            continue  # a module of a package that the importer is in
        if found.target == face:
            if found.name in tree.public(face) or face == package or package.startswith(f"{face}."):
                continue
        elif found.name in tree.public(face) and f"{face}.{found.name}" == found.target:
            continue  # a module that the face offers
        elif not below:
            continue
        wrong.append(f"{found.place}: {found.target}:{found.name}")
    return wrong


def circles(tree: Tree) -> list[str]:
    """Circles among the direct children of each package, of imports anywhere in a file."""
    edges: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for found in tree.imports:
        shared = common(found.importer, found.target)
        one, other = found.importer.split("."), found.target.split(".")
        if shared in (len(one), len(other)):
            continue  # a package and what is in it
        parent = ".".join(one[:shared])
        edges[parent][one[shared]].add(other[shared])
    wrong = []
    for parent, graph in edges.items():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            wrong.append(f"{parent}: {' -> '.join(error.args[1])}")
    return wrong


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(ROOT)


def test_nothing_is_imported_past_a_face(tree):
    assert not deep_imports(tree)


def test_no_circle_between_files_or_packages(tree):
    assert not circles(tree)
