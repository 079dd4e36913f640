"""The Verilog player: the top level that a golden-model bench is simulated under.

Every name in it begins with a prefix that is new for each sample, so a design can't refer to
it, redefine it, force it or read from it. It holds no expected value: comparing is Python's.
"""

from __future__ import annotations

from collections.abc import Mapping

from itertl_eval.bench import Bench
from itertl_eval.bench._schedule import STEP_NS

TIMESCALE = "`timescale 1ns/1ps"
"""For every design that does not bring its own; cocotb's clocks need it."""

# Part selects copy the whole vector in vvp, so a chunk is kept to a few thousand bits.
_CHUNK_BITS = 8192


def chunk_steps(bench: Bench) -> int:
    """How many steps are exchanged with the simulator at once."""
    widest = max(bench.input_layout.width + 1, bench.output_layout.width)
    return max(16, min(256, _CHUNK_BITS // widest))


def harness_text(bench: Bench, top: str, parameters: Mapping[str, int], prefix: str) -> str:
    """Verilog source of the player for `bench` around one instance of `top`."""
    n, chunk = prefix, chunk_steps(bench)
    driven = bench.driven_widths
    width_in = max(sum(driven.values()), 1)
    width_out = bench.output_layout.width
    # Data starts unknown, so that the first vector is a change whatever it is and wakes every
    # `always @*`. The clock starts idle: coming from X it would make an edge.
    idle = f"{width_in}'bx"
    if bench.clock:
        level = int(bench.edge == "falling")
        idle = f"{{1'b{level}, {width_in - 1}'bx}}" if width_in > 1 else f"1'b{level}"
    ports, offset = [], 0
    for name, width in driven.items():
        ports.append(f".{name}({n}_in[{offset} +: {width}])")
        offset += width
    for name, (start, width) in bench.output_layout.fields.items():
        ports.append(f".{name}({n}_out[{start} +: {width}])")
    settings = ", ".join(f".{name}({value})" for name, value in parameters.items())
    return f"""\
{TIMESCALE}
module {n}_top;
  reg  [{width_in - 1}:0] {n}_in = {idle};
  wire [{width_out - 1}:0] {n}_out;
  reg  [{width_in * chunk - 1}:0] {n}_stim;
  reg  [{width_out * chunk - 1}:0] {n}_seen;
  integer {n}_length, {n}_cycles, {n}_k;
  reg {n}_go = 0;
  {top} {f"#({settings}) " if settings else ""}{n}_dut({", ".join(ports)});
  always @({n}_go) begin
    repeat ({n}_cycles) begin
      {n}_in = {n}_stim[0 +: {width_in}];
      #{STEP_NS} {n}_in = {n}_stim[{width_in} +: {width_in}];
      #{STEP_NS};
    end
    for ({n}_k = 0; {n}_k < {n}_length; {n}_k = {n}_k + 1) begin
      {n}_in = {n}_stim[{n}_k * {width_in} +: {width_in}];
      #{STEP_NS} {n}_seen[{n}_k * {width_out} +: {width_out}] = {n}_out;
    end
  end
endmodule
"""
