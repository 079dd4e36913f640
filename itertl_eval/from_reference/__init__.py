"""Make a testbench from a reference design: stimulus, recorded outputs, mutants as its judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.from_reference._make import RecordedTestbench, make_testbench
    from itertl_eval.from_reference._new import NewTask, new_task_from_design
    from itertl_eval.from_reference._recording import Refused
    from itertl_eval.from_reference._suite import Made, make_suite, maker_version
    from itertl_eval.from_reference._task_folder import remove_task, write_task
    from itertl_eval.from_reference.circuit import Circuit, read_circuit

__all__ = [
    "Circuit",
    "Made",
    "NewTask",
    "RecordedTestbench",
    "Refused",
    "make_suite",
    "make_testbench",
    "maker_version",
    "new_task_from_design",
    "read_circuit",
    "remove_task",
    "write_task",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "circuit": ["Circuit", "read_circuit"],
            "_make": ["RecordedTestbench", "make_testbench"],
            "_new": ["NewTask", "new_task_from_design"],
            "_recording": ["Refused"],
            "_suite": ["Made", "maker_version", "make_suite"],
            "_task_folder": ["remove_task", "write_task"],
        },
    )
