"""Scaffold a task folder: a small working example to edit."""

from __future__ import annotations

import re
from pathlib import Path

from itertl_eval.errors import UsageError
from itertl_eval.suites import HARNESSED, PUBLISHED, SHIPPED
from itertl_eval.verilog import slang

TASK_FILES = {
    "{name}.yaml": """\
# lm_eval --tasks {name} --include_path THIS_FOLDER
task: {name}
class: !function utils.Task
generation_kwargs:
  until: ["[DONE]"]
  max_gen_toks: 2048
metadata:
  version: 1.0
""",
    "utils.py": '''\
"""lm-eval loads this file by path; the implementation is in itertl_eval."""

from itertl_eval.lm_eval import folder_task

Task = folder_task(__file__)
''',
}
"""What lm-eval needs in a task folder, or in a folder of task folders."""

FILES = TASK_FILES | {
    "problem.yaml": """\
# The requested module. Port widths are those at the default parameter values.
top: {name}
ports:
  - {{name: clk, direction: input}}
  - {{name: rst, direction: input}}
  - {{name: enable, direction: input}}
  - {{name: count, direction: output, width: 4}}
level: basic            # basic, intermediate or advanced
tags: [example]
# parameters: [{{WIDTH: 4}}, {{WIDTH: 9}}]   # one simulation for each setting
# limits: {{wall: 30, cpu: 20, memory: 1024}}
""",
    "spec.md": """\
# Counter with enable

Write a synthesizable SystemVerilog module `{name}`.

| Port | Direction | Width | Meaning |
|---|---|---|---|
| `clk` | input | 1 | clock; state changes on its rising edge |
| `rst` | input | 1 | synchronous reset, active high |
| `enable` | input | 1 | increment the count |
| `count` | output | 4 | the count |

While `rst` is high the count becomes 0, regardless of `enable`. Otherwise it increases by 1 in
each cycle in which `enable` is high, wraps from 15 to 0, and holds its value while `enable` is low.
""",
    "reference.sv": """\
module {name} (
    input  logic       clk,
    input  logic       rst,
    input  logic       enable,
    output logic [3:0] count
);
    always_ff @(posedge clk)
        if (rst) count <= 4'd0;
        else if (enable) count <= count + 4'd1;
endmodule
""",
    "test_{name}.py": '''\
"""{name}: an ordinary cocotb testbench. The module under test is `dut`."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


async def start(dut):
    """Start the clock and reset; return with the count at 0, in the middle of a cycle."""
    Clock(dut.clk, 10, "ns").start()
    dut.rst.value, dut.enable.value = 1, 1
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.rst.value = 0


async def follow(dut, cycles, probability):
    """Compare with a Python model in every cycle."""
    expected = 0
    for _ in range(cycles):
        got = dut.count.value
        assert got == expected, f"count: expected {{expected}}, got {{got}}"
        dut.enable.value = enable = int(random.random() < probability)
        expected = (expected + enable) % 16
        await FallingEdge(dut.clk)


@cocotb.test()
async def counts_and_wraps(dut):
    await start(dut)
    await follow(dut, 40, probability=1)


@cocotb.test()
async def holds_without_enable(dut):
    await start(dut)
    await follow(dut, 100, probability=0.5)


@cocotb.test()
async def reset_is_synchronous(dut):
    await start(dut)
    await follow(dut, 8, probability=1)
    before = dut.count.value
    dut.rst.value = 1
    dut.enable.value = 0
    await cocotb.triggers.Timer(2, "ns")
    assert dut.count.value == before, f"count changed without a clock edge: {{dut.count.value}}"
    await FallingEdge(dut.clk)
    assert dut.count.value == 0, f"count: expected 0 after reset, got {{dut.count.value}}"


def test_reference():
    """Run the reference with cocotb's own runner: `pytest`, or `WAVES=1 pytest` for waves."""
    from itertl_eval.runner import run_folder

    run_folder(__file__)
''',
}


def new_task(name: str, parent: Path) -> Path:
    """Write a task folder `parent/name` and return its path.

    Raises:
        UsageError: The name is not usable, or the folder already exists.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f"{name!r} must be a Verilog and Python name: lower case, digits, _")
    if slang.ports(FILES["reference.sv"].format(name=name), name) is None:
        raise UsageError(f"{name!r} is a SystemVerilog keyword; choose another name")
    if name in {*PUBLISHED, *HARNESSED, *SHIPPED}:
        raise UsageError(f"{name!r} is the name of a benchmark; choose another name")
    folder = parent / name
    if folder.exists():
        raise UsageError(f"{folder} already exists; choose another name or --dir")
    folder.mkdir(parents=True)
    for file, content in FILES.items():
        (folder / file.format(name=name)).write_text(content.format(name=name), encoding="utf-8")
    return folder
