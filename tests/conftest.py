"""What a test needs is said by its markers; a test whose need this machine lacks is skipped."""

from __future__ import annotations

import importlib.util
import os
import shutil
from functools import cache

import pytest

collect_ignore = ["testbenches"]  # testbenches that tests grade with, named as users name theirs


@cache
def _no_simulator() -> str:
    prefix = os.environ.get("ITERTL_EVAL_ICARUS")
    path = os.path.join(prefix, "bin") if prefix else None
    return "" if shutil.which("iverilog", path=path) else "Icarus Verilog is not installed"


@cache
def _no_data() -> str:
    from itertl_eval.suites._data import read_source

    try:
        read_source("verilog-eval-v1")
        read_source("verilog-eval-v2")
    except Exception as error:
        return f"no published data (set ITERTL_EVAL_DATA): {str(error).splitlines()[0]}"
    return ""


@cache
def _lacks(*modules: str) -> str:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def _no_vllm() -> str:
    python = os.environ.get("ITERTL_EVAL_VLLM_PYTHON", "")
    return "" if python else "ITERTL_EVAL_VLLM_PYTHON names no interpreter with vLLM"


NEEDS = {
    "simulator": _no_simulator,
    "data": _no_data,
    "train": lambda: _lacks("torch", "transformers", "peft", "trl"),
    "lm_eval": lambda: _lacks("lm_eval"),
    "vllm": _no_vllm,
    "formal": lambda: _lacks("pyosys"),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, lacking in NEEDS.items():
        if item.get_closest_marker(marker) and (reason := lacking()):
            pytest.skip(reason)


@pytest.fixture
def published() -> None:
    """The published harness runs on this simulator."""
    from itertl_eval.grader.compile._icarus import find_icarus
    from itertl_eval.grader.published import TOO_NEW

    if int(find_icarus().version.split(".")[0]) >= TOO_NEW:
        pytest.skip("this Icarus compiles none of the published benches")


@pytest.fixture(autouse=True)
def proofs_where_asked_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide Yosys from tests that are not marked `formal`: they are the same without it."""
    if request.node.get_closest_marker("formal") is None:
        monkeypatch.setattr("itertl_eval.formal._yosys.yosys_folder", lambda: "")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests never read or write the user's cache; parser tables are shared between workers."""
    root = tmp_path_factory.getbasetemp()
    shared = root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root
    os.environ["ITERTL_EVAL_CACHE"] = str(shared / "cache")
