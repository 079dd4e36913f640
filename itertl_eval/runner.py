"""Run a task folder's testbench on its reference with cocotb's own runner, for debugging."""

from __future__ import annotations

import os
from pathlib import Path

from itertl_eval.suites._folder import load_problem


def run_folder(testbench: str, *, waves: bool = False) -> None:
    """Simulate the reference beside `testbench` once per parameter setting; pytest shows failures.

    The build goes to `sim_build` beside the testbench; with `waves` an FST file is left there.
    """
    from cocotb_tools.runner import get_runner

    folder = Path(testbench).parent
    problem = load_problem(folder, folder.name)
    for number, parameters in enumerate(problem.parameters):
        build = folder / "sim_build" / str(number)
        build.mkdir(parents=True, exist_ok=True)
        source = build / "reference.sv"
        source.write_text(problem.reference, encoding="utf-8")
        runner = get_runner(os.environ.get("SIM", "icarus"))
        runner.build(
            sources=[source], hdl_toplevel=problem.top, parameters=dict(parameters),
            build_dir=build, timescale=("1ns", "1ps"), waves=waves, always=True,
            build_args=["-g2012"],
        )  # fmt: skip
        runner.test(
            hdl_toplevel=problem.top, test_module=Path(testbench).stem, build_dir=build,
            test_dir=folder, results_xml=str(build / "results.xml"), waves=waves,
        )  # fmt: skip
