"""Every public name is what it promises, whatever was imported before it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import itertl_eval

LOAD = """
import importlib, json, random, sys
modules, names = json.loads(sys.argv[1]), json.loads(sys.argv[2])
random.Random(int(sys.argv[3])).shuffle(modules)
for module in modules:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name.startswith("itertl_eval"):
            raise
import itertl_eval
print(json.dumps({name: repr(type(getattr(itertl_eval, name))) for name in names}))
"""
HEAVY = ("itertl_eval.train", "itertl_eval.lm_eval", "itertl_eval.grader.executors")
INSIDE = ("itertl_eval.grader.simulation", "itertl_eval.grader.worker")
"""What only a simulator's process imports, or starts with one."""


ROOT = Path(itertl_eval.__file__).parents[1]


def dotted(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules() -> list[str]:
    found = [dotted(file) for file in (ROOT / "itertl_eval").rglob("*.py")]
    return [m for m in found if not m.startswith((*HEAVY, *INSIDE)) and "__main__" not in m]


def kinds(imported: list[str], seed: int) -> dict[str, str]:
    arguments = [json.dumps(imported), json.dumps(itertl_eval.__all__), str(seed)]
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_names_are_the_same_after_any_imports():
    promised = kinds([], 0)
    assert promised["extract"] == promised["grade"] == "<class 'function'>"
    assert len(modules()) > 50
    for seed in range(3):
        assert kinds(modules(), seed) == promised


FACES = sorted((ROOT / "itertl_eval").rglob("__init__.py"))


@pytest.mark.parametrize("face", FACES, ids=dotted)
def test_no_module_hides_a_public_name(face):
    """Importing the submodule `x` binds `x` in its package, over a function of that name."""
    name = dotted(face)
    below = {file.stem for file in face.parent.glob("*.py")}
    below |= {file.parent.name for file in face.parent.glob("*/__init__.py")}
    try:
        package = importlib.import_module(name)
        named = below & set(getattr(package, "__all__", ()))
        found = {module: importlib.import_module(f"{name}.{module}") for module in named}
    except ModuleNotFoundError as error:
        if str(error.name).startswith("itertl_eval"):
            raise
        pytest.skip(str(error))  # an extra that is not installed
    for module, imported in found.items():
        assert isinstance(imported, ModuleType)
        assert isinstance(getattr(package, module), ModuleType), module
