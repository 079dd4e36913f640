"""The layers of the package: no import past a face, no circles. See CONTRIBUTING.md."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "itertl_eval"
ROOT = Path(__file__).parents[1]
CUPBOARDS = (f"{PACKAGE}._util", f"{PACKAGE}._shipped")
"""What everybody shares, without a face."""
EXCEPTIONS = ("__main__.py", "elaborates.py")
"""Entry points, and a testbench whose name is part of digests in run folders."""
MODULES, LINES = 12, 300


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
    """Imports past the face of a package that the importer is not in, or of a private name."""
    wrong = []
    for found in tree.imports:
        if found.target.startswith(CUPBOARDS):
            continue
        package = tree.package_of(found.importer)
        shared = common(package, found.target)
        face = ".".join(found.target.split(".")[: shared + 1])
        if face not in tree.packages or package.startswith(face):
            continue  # a module beside the importer
        if found.name == "*" and found.target == face:
            continue
        offered = found.target in (face, f"{face}.{found.name}")
        if not (offered and found.name in tree.public(face)):
            wrong.append(f"{found.place}: {found.target}: {found.name}")
    return wrong


def own_face_imports(tree: Tree) -> list[str]:
    """Modules that import the face of a package that they are in: a circle in disguise."""
    wrong = []
    for found in tree.imports:
        inside = tree.package_of(found.importer)
        above = found.target == inside or inside.startswith(f"{found.target}.")
        entry = tree.files[found.importer].name in ("__init__.py", "__main__.py")
        if above and found.target != PACKAGE and not entry:
            wrong.append(f"{found.place}: {found.target}: {found.name}")
    return wrong


def circles(tree: Tree) -> list[str]:
    """Circles among the direct children of each package, of imports anywhere in a file."""
    edges: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for found in tree.imports:
        shared = common(found.importer, found.target)
        one, other = found.importer.split("."), found.target.split(".")
        if shared in (len(one), len(other)):
            continue  # a package and what is in it
        edges[".".join(one[:shared])][one[shared]].add(other[shared])
    wrong = []
    for parent, graph in edges.items():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            wrong.append(f"{parent}: {' -> '.join(error.args[1])}")
    return wrong


def offered_modules(tree: Tree) -> list[str]:
    """Modules without an underscore that the face of their package does not offer."""
    wrong = []
    for module, file in tree.files.items():
        package, _, name = module.rpartition(".")
        private = name.startswith("_") or package.startswith(CUPBOARDS) or package == PACKAGE
        if module in tree.packages or private or name in tree.public(package):
            continue
        if file.name not in EXCEPTIONS:
            wrong.append(module)
    return wrong


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(ROOT)


def test_nothing_is_imported_past_a_face(tree):
    assert len(tree.imports) > 500
    assert not deep_imports(tree)


def test_no_module_imports_the_face_of_its_own_package(tree):
    assert not own_face_imports(tree)


def test_no_circle_between_files_or_packages(tree):
    assert not circles(tree)


def test_a_module_without_an_underscore_is_offered_by_its_face(tree):
    assert not offered_modules(tree)


def test_packages_and_files_stay_small(tree):
    count = Counter(tree.package_of(module) for module in tree.files.keys() - tree.packages)
    assert max(count.values()) > 5
    assert not {
        package: n for package, n in count.items() if n > MODULES and "corpus" not in package
    }
    lines = {module: len(file.read_text().splitlines()) for module, file in tree.files.items()}
    assert not {module: n for module, n in lines.items() if n > LINES}


FILES = {
    "a/__init__.py": "from itertl_eval.a._x import f\n__all__ = ['f']",
    "a/_x.py": "def f(): ...\ndef g(): ...",
    "b/__init__.py": "__all__ = []",
    "b/_y.py": "from itertl_eval.a import f",
}


@pytest.mark.parametrize(
    ("file", "text", "check", "found"),
    [
        ("a/_x.py", "from itertl_eval.b import _y", circles, "itertl_eval: "),
        ("a/_x.py", "def f():\n    import itertl_eval.b._y", circles, "itertl_eval: "),
        ("b/_y.py", "from itertl_eval.a._x import g", deep_imports, "itertl_eval.a._x: g"),
        ("b/_y.py", "from itertl_eval.a import _x", deep_imports, "itertl_eval.a._x: _x"),
        ("b/_y.py", "from itertl_eval.a import g", deep_imports, "itertl_eval.a: g"),
        ("a/_z.py", "from itertl_eval.a import f", own_face_imports, "itertl_eval.a: f"),
        ("a/z.py", "", offered_modules, "itertl_eval.a.z"),
    ],
)
def test_a_fault_put_in_by_hand_is_found(tmp_path, file, text, check, found):
    for name, content in {"__init__.py": "", **FILES}.items():
        path = tmp_path / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    checks = circles, deep_imports, own_face_imports, offered_modules
    assert not [fault for each in checks for fault in each(Tree(tmp_path))]
    (tmp_path / PACKAGE / file).write_text(text)
    (fault,) = check(Tree(tmp_path))
    assert found in fault
