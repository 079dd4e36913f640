"""The cocotb testbench of instructions that have none: the design elaborates with the right ports.

The grader does all its stages up to the simulation, and "pass" then means no more than that
the simulation starts. `score.elaborated` turns such a verdict into a quality.
"""

import cocotb


@cocotb.test()
async def elaborates(_dut):
    """Reached only by a design that compiled and has the ports that were asked for."""
