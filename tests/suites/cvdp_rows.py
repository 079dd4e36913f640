"""Hand-made rows of CVDP's shape, for tests that need no published data."""

from __future__ import annotations

import json
from typing import Any

RUNNER = """\
import os
import random
import pytest
from cocotb_tools.runner import get_runner

sources = os.getenv("VERILOG_SOURCES").split()

def runner(width):
    runner = get_runner(os.getenv("SIM", "icarus"))
    runner.build(sources=sources, hdl_toplevel=os.getenv("TOPLEVEL"), always=True, clean=True,
                 parameters={"WIDTH": width}, timescale=("1ns", "1ns"), log_file="sim.log")
    runner.test(hdl_toplevel=os.getenv("TOPLEVEL"), test_module=os.getenv("MODULE"),
                plusargs=[f"+width={width}"], waves=True)

@pytest.mark.parametrize("width", [2, random.randint(4, 32)])
def test_counter(width):
    runner(width)
"""
TESTS = """\
import random
import time
import cocotb
from cocotb.clock import Clock
from cocotb.result import TestFailure
from cocotb.triggers import FallingEdge, Timer
from helper import reset

@cocotb.test()
async def counts(dut):
    random.seed(time.time())
    cocotb.start_soon(Clock(dut.clk, 5, units="ns").start())
    await Timer(0)
    await reset(dut)
    width = int(cocotb.plusargs["width"])
    expected = 0
    for _ in range(random.randint(40, 60)):
        expected = (expected + 1) % (1 << width)
        await FallingEdge(dut.clk)
        assert dut.q.value.to_unsigned() == expected, f"q is {dut.q.value}, not {expected}"

@cocotb.test()
async def wraps(dut):
    if dut.carry.value.integer:
        raise TestFailure("carry after reset")
"""
HELPER = """\
from cocotb.triggers import FallingEdge

async def reset(dut):
    for signal in dut:
        if signal._type == "GPI_NET":
            signal.value = 0
    dut.rst.value = 1
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
"""
ADD_ONE = """\
module add_one #(parameter W = 2)(input [W-1:0] a, output [W-1:0] y);
  assign y = a + 1;
endmodule
"""
COUNTER = """\
module counter #(parameter WIDTH = 2)(input clk, input rst, output reg [WIDTH-1:0] q, output carry);
  wire [WIDTH-1:0] next;
  add_one #(.W(WIDTH)) next_value(.a(q), .y(next));
  assign carry = 0;
  always @(posedge clk) q <= rst ? 0 : next;
endmodule
"""
"""A completion that passes; it uses a file of the row."""
COMPOSE = """\
services:
  direct:
    image: __OSS_SIM_IMAGE__
    volumes:
      - ./src/:/src/:ro # where the harness is
    working_dir: /code/rundir
    env_file: ./src/.env
    command: pytest -s -o cache_dir=/rundir/.cache /src/test_runner.py -v
"""
ENV = """\
SIM             = icarus
TOPLEVEL_LANG   = verilog
VERILOG_SOURCES = /code/rtl/counter.sv /code/rtl/add_one.sv
TOPLEVEL        = counter   # the root
MODULE          = test_counter
PYTHONPATH      = /src
"""


def row(**changes: Any) -> dict[str, Any]:
    """An agentic row; `changes` replaces fields, and files of the harness by their names."""
    harness = {
        "docker-compose.yml": COMPOSE,
        "src/.env": ENV,
        "src/test_runner.py": RUNNER,
        "src/test_counter.py": TESTS,
        "src/helper.py": HELPER,
    }
    harness.update({name: changes.pop(name) for name in list(changes) if "." in name})
    found = {
        "id": "own_agentic_counter_0001",
        "categories": ["cid003", "easy"],
        "system_message": "",
        "prompt": "Write a counter.",
        "context": {"rtl/add_one.sv": ADD_ONE, "docs/counter.md": "It counts.\n"},
        "patch": {"rtl/counter.sv": ""},
        "harness": harness,
    }
    return {**found, **changes}


def non_agentic(agentic: dict[str, Any]) -> dict[str, Any]:
    """The same row in the form of the non-agentic files."""
    return {
        "id": agentic["id"].replace("agentic", "copilot"),
        "categories": agentic["categories"],
        "input": {"prompt": agentic["prompt"], "context": agentic["context"]},
        "output": {"response": "", "context": agentic["patch"]},
        "harness": {"files": agentic["harness"]},
    }


def lines(*rows: dict[str, Any]) -> str:
    """The text of a file with these rows."""
    return "".join(f"{json.dumps(each)}\n" for each in rows)


def fenced(text, path="rtl/counter.sv"):
    """Return a completion that writes one file."""
    return f"{path}\n```verilog\n{text}```\n"
