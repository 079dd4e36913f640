"""Write the protocol card: everything needed to reproduce a score."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from itertl_eval._version import __version__
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import find_icarus, grader_digest, sandbox_in_use
from itertl_eval.problem import Suite
from itertl_eval.suites import errata_of, mutation_score, undecided

PACKAGES = (
    "cocotb",
    "pyverilog",
    "pyslang",
    "pyosys",
    "lm-eval",
    "transformers",
    "torch",
)


def package_versions() -> dict[str, str | None]:
    """Return the versions of the packages that matter; None if not installed."""
    # The metadata of an editable install keep the version of the day it was made.
    return {"itertl-eval": __version__, **{name: _version(name) for name in PACKAGES}}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _simulator() -> str | None:
    """Return the simulator's name, or None; a run that only generates needs none."""
    try:
        return find_icarus().name
    except InfrastructureError:
        return None


def suite_digest(suite: Suite) -> str:
    """Return a hash over all problems of a suite: prompts, ports, limits, testbenches."""
    digest = hashlib.sha256()
    for task_id, problem in sorted(suite.items()):
        digest.update(f"{task_id} {problem.digest} {problem.prompt}\n".encode())
    return digest.hexdigest()


def protocol_card(suite: Suite, **settings: Any) -> dict[str, Any]:
    """Return the card of a grading run on `suite`.

    `settings` are the caller's facts (seed, sampling).
    """
    return {
        "task": suite.name,
        "problems": len(suite),
        "covered": len(suite.covered),
        "revision": suite.revision,
        "dataset_and_testbenches": suite_digest(suite),
        "errata": errata_of(suite.name),
        "without_errata_leaves_out": sorted(undecided() & suite.keys()),
        "mutation_score": mutation_score(suite),
        "extraction_and_grader": grader_digest(),
        "simulator": _simulator(),
        "sandbox": sandbox_in_use(),
        "python": platform.python_version(),
        "packages": package_versions(),
        **settings,
    }
