"""Run a task folder's testbench with cocotb's own runner, for debugging."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from xml.etree import ElementTree

from itertl_eval.grader import fill_in, find_icarus
from itertl_eval.suites import load_folder_problem


def run_folder(
    testbench: str | Path, *, design: str | Path | None = None, seed: int = 0, waves: bool = False
) -> None:
    """Simulate a design once per parameter setting.

    The build goes to `sim_build` beside the testbench.

    Args:
        testbench: The testbench of a task folder.
        design: A Verilog file; by default the task's reference.
        seed: A verdict's seed reproduces the random values of that verdict.
        waves: Write an FST file to `sim_build`, as WAVES=1 in the environment does.

    Raises:
        AssertionError: A test failed.
    """
    from cocotb_tools.runner import get_runner

    testbench = Path(testbench).resolve()
    folder = testbench.parent
    problem = load_folder_problem(folder, folder.name)
    text = problem.reference if design is None else Path(design).read_text(encoding="utf-8")
    for number, parameters in enumerate(problem.parameters):
        build = folder / "sim_build" / str(number)
        build.mkdir(parents=True, exist_ok=True)
        source = build / "design.sv"
        source.write_text(text, encoding="utf-8")
        results = build / "results.xml"
        with _simulator() as name:
            runner = get_runner(name)
            runner.build(
                sources=[source],
                hdl_toplevel=problem.top,
                parameters=dict(parameters),
                build_dir=build,
                timescale=("1ns", "1ps"),
                waves=waves,
                always=True,
            )
            with suppress(SystemExit):  # cocotb's runner exits under pytest when a test fails
                runner.test(
                    hdl_toplevel=problem.top,
                    test_module=testbench.stem,
                    build_dir=build,
                    test_dir=folder,
                    results_xml=str(results),
                    seed=seed,
                    waves=waves,
                    extra_env=fill_in(problem.environment, parameters),
                )
        failed = _failed(results)
        setting = f" with {dict(parameters)}" if parameters else ""
        assert not failed, f"failed{setting}: {', '.join(failed)}"


@contextmanager
def _simulator() -> Iterator[str]:
    """Yield cocotb's name of the simulator, with the grader's Icarus first on the PATH."""
    name = os.environ.get("SIM", "icarus")
    if name != "icarus":
        yield name
        return
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(find_icarus().iverilog).parent}{os.pathsep}{path}"
    try:
        yield name
    finally:
        os.environ["PATH"] = path


def _failed(results: Path) -> list[str]:
    """The names of the tests that did not pass."""
    if not results.exists():
        return ["the simulation ended before the testbench did"]
    cases = ElementTree.parse(results).iter("testcase")
    return [
        str(case.get("name"))
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
