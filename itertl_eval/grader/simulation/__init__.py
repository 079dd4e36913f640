"""Run a testbench inside the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.grader.simulation import (
        published,
        pytest_names,
        regression,
        startup,
        testbench,
        wrapper,
    )
    from itertl_eval.grader.simulation._cocotb1 import written_for_cocotb1
    from itertl_eval.grader.simulation.testbench import (
        UNUSABLE,
        BrokenTestbench,
        Testbench,
        load_testbench,
    )

__all__ = [
    "UNUSABLE",
    "BrokenTestbench",
    "Testbench",
    "load_testbench",
    "published",
    "pytest_names",
    "regression",
    "startup",
    "testbench",
    "wrapper",
    "written_for_cocotb1",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_cocotb1": ["written_for_cocotb1"],
            "testbench": ["UNUSABLE", "BrokenTestbench", "Testbench", "load_testbench"],
        },
    )
