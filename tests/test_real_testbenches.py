"""Testbenches as engineers write them become tasks without a change, and `check` measures them.

The default tests use small ones of the same shapes; with ITERTL_EVAL_PUBLIC_DESIGNS the public ones
are tried: a folder with clones of cocotb, verilog-uart, verilog-axis, cocotb-coverage and taxi.
"""

from __future__ import annotations

import os
import resource
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from itertl_eval import grade, load_suite
from itertl_eval.authoring import check
from itertl_eval.cli import main
from itertl_eval.grader import close_workers
from itertl_eval.problem import Problem

pytestmark = pytest.mark.simulator
SHAPES = Path(__file__).parent / "testbenches" / "shapes"


def new_problem(
    folder: Path, references: list[Path], test: Path, facts: dict[str, object], beside: str = ""
) -> Problem:
    """Start a task as the tutorial does and add what only a person can know."""
    command = ["new", "mine", "--dir", str(folder), "--reference", *map(str, references)]
    command += ["--test", str(test)] + (["--beside", beside] if beside else [])
    assert main(command) == 0
    file = folder / "mine" / "problem.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | facts, sort_keys=False))
    return load_suite(str(folder / "mine"))["mine"]


UART = {"environment": {"PARAM_CLOCKS": "{CLOCKS}"}, "parameters": [{"CLOCKS": 4}, {"CLOCKS": 6}]}
CRC = {
    "parameters": [
        {"W": 32, "POLY": "32'hedb88320", "INIT": 0xFFFFFFFF, "REFLECT": True, "NAME": "ieee"},
        {"W": 16, "POLY": 0x1021, "INIT": "16'hffff", "REFLECT": False, "NAME": "x y"},
    ]
}
# test: (files, further facts, a change that the test notices, the start of the message)
MADE = {
    "uart_loop": (
        ["uart_loop.v", "uart_tx.v"],
        UART,
        ("received[7:1]}", "received[7:2], 1'b0}"),
        "with CLOCKS=4: run_test",
    ),
    "crc": (["crc.sv"], CRC, ("next >> 1", "next << 1"), "with W=32, POLY=3988292384"),
    "covered_fifo": (["covered_fifo.v"], {}, ("first + 1", "first + 2"), "random_traffic: "),
}


@pytest.mark.parametrize("name", MADE)
def test_a_testbench_of_each_shape_runs_unchanged(name, tmp_path):
    files, facts, (old, new), message = MADE[name]
    problem = new_problem(
        tmp_path, [SHAPES / file for file in files], SHAPES / f"test_{name}.py", facts
    )
    verdict = grade(problem, problem.reference)
    assert verdict.passed, verdict.message
    assert old in problem.reference
    verdict = grade(problem, problem.reference.replace(old, new))
    assert verdict.stage == "simulate", verdict.message
    assert verdict.message.startswith(message)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "weak"), [("uart_loop", []), ("crc", []), ("covered_fifo", [1])])
def test_check_tells_the_weak_from_the_strong(name, weak, tmp_path):
    files, facts, _, _ = MADE[name]
    problem = new_problem(
        tmp_path, [SHAPES / file for file in files], SHAPES / f"test_{name}.py", facts
    )
    result = check(problem, limit=20)
    assert result.reference_passes
    assert bool(result.stubs_passing) == bool(weak)


# name: (repository, folder of the design, its files, the test, what is beside it, further facts)
FRAME = {"ID_ENABLE": 1, "ID_WIDTH": 8, "DEST_ENABLE": 1, "DEST_WIDTH": 8, "USER_ENABLE": 1}
EXAMPLES = "cocotb/examples"
PUBLIC = {
    "dff": (f"{EXAMPLES}/simple_dff", ["dff.sv"], "test_dff.py", "", {}),
    "adder": (f"{EXAMPLES}/adder", ["hdl/adder.sv"], "tests/test_adder.py", "model", {}),
    "counter": (f"{EXAMPLES}/first_steps", ["counter.sv"], "counter_tests.py", "", {}),
    "matrix_multiplier": (
        f"{EXAMPLES}/matrix_multiplier",
        ["hdl/matrix_multiplier.sv"],
        "tests/matrix_multiplier_tests.py",
        "",
        {"environment": {"NUM_SAMPLES": "30"}},
    ),
    "analog_model": (f"{EXAMPLES}/analog_model", ["digital.sv"], "test_analog_model.py", "", {}),
    "uart_rx": ("verilog-uart", ["rtl/uart_rx.v"], "tb/uart_rx/test_uart_rx.py", "", {}),
    "uart_tx": ("verilog-uart", ["rtl/uart_tx.v"], "tb/uart_tx/test_uart_tx.py", "", {}),
    "axis_register": (
        "verilog-axis",
        ["rtl/axis_register.v"],
        "tb/axis_register/test_axis_register.py",
        "",
        {"parameters": [FRAME | {"USER_WIDTH": 1, "REG_TYPE": kind} for kind in (1, 2)]},
    ),
    "coverage_fifo": (
        "cocotb-coverage/examples/fifo",
        ["hdl/fifo.v"],
        "tests/test_fifo.py",
        "",
        {},
    ),
}
WEAK = {"analog_model", "coverage_fifo", "matrix_multiplier", "uart_rx"}
"""Those that a design without logic passes: they compare nothing, or only what it says is valid."""
CPUS, MOST_SECONDS = 2, 180


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLIC)
def test_public_testbenches(name, tmp_path):
    """`check` takes less than three minutes on two CPUs, and only the weak ones fall short."""
    home = os.environ.get("ITERTL_EVAL_PUBLIC_DESIGNS")
    if not home:
        pytest.skip("ITERTL_EVAL_PUBLIC_DESIGNS does not name a folder with the public designs")
    place, files, test, beside, facts = PUBLIC[name]
    root = Path(home) / place
    if not root.exists():
        pytest.skip(f"not there: {root}")
    for module in ("cocotb_test", "cocotbext.uart", "cocotb_coverage"):
        if module in (root / test).read_text() and find_spec(module) is None:
            pytest.skip(f"not installed: {module}")
    problem = new_problem(
        tmp_path,
        [root / file for file in files],
        root / test,
        facts,
        str(root / beside) if beside else "",
    )
    close_workers()
    before = _cpu()
    result = check(problem)
    close_workers()  # what they have used counts only when they have ended
    assert _cpu() - before < CPUS * MOST_SECONDS
    assert result.reference_passes, result.shortcomings
    assert bool(result.stubs_passing) == (name in WEAK)


def _cpu() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)
