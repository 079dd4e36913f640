"""Compare two designs with Yosys and ABC; runs alone, in the sandbox, in the job's folder.

Reads job.json, gold.sv (the reference) and gate.sv (the candidate); writes result.json. It must
not import the package: the sandbox lets it read nothing of it.

Both designs get the same inputs in steps, as from a testbench: in a step either clocks change or
other inputs do, never both, so that no result depends on which of them comes first. xprop turns
each signal into a value and a mark for X, so that X is an ordinary value of an ordinary circuit.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_FLIP_FLOP = re.compile(r"\$(a|s|al)?dff\w*")
_SEQUENTIAL = "strash; scorr; dc2; scorr"
KNOWN_STEPS = 200
"""In how many steps outputs and state of the reference must become known for some inputs."""


class Unsupported(Exception):
    """The designs can't be compared; the message says why."""


class Yosys:
    """One Yosys design and the passes that are run on it."""

    def __init__(self, folder: str) -> None:
        # The folders above pyosys can't be listed, so Python does not find it by itself.
        spec = importlib.util.spec_from_file_location(
            "pyosys", f"{folder}/__init__.py", submodule_search_locations=[folder]
        )
        assert spec is not None
        assert spec.loader is not None
        sys.modules["pyosys"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        from pyosys import libyosys

        self._library: Any = libyosys
        self._design = libyosys.Design()

    def __call__(self, *passes: str) -> None:
        for line in passes:
            self._library.run_pass(line, self._design)


class Abc:
    """The model checker, and how many seconds it may take for one question."""

    def __init__(self, folder: str, seconds: int) -> None:
        self._program = f"{folder}/yosys-abc"
        self._seconds = seconds

    def _run(self, *commands: str) -> str:
        for file in ("status", "trace"):
            Path(file).unlink(missing_ok=True)
        script = "; ".join(commands)
        subprocess.run([self._program, "-s", "-q", script], check=False)
        status = Path("status")
        return status.read_text().split()[0].removeprefix("snl_") if status.exists() else ""

    def prove_zero(self, name: str) -> str:
        """Return UNSAT if the output of NAME.aig is never 1, SAT (and a trace) if it can be."""
        if _latches(name):
            self._run(f"read_aiger {name}.aig", _SEQUENTIAL, "write_aiger small.aig")
            name = "small"
        prove = f"pdr -T {self._seconds}" if _latches(name) else "iprove"
        read = f"read_aiger {name}.aig"
        return self._run(read, "strash", prove, "write_status status", "write_cex trace")

    def can_be_one(self, name: str) -> bool:
        """Whether the output of NAME.aig becomes 1 within KNOWN_STEPS."""
        search = f"bmc3 -F {KNOWN_STEPS} -T {self._seconds}" if _latches(name) else "iprove"
        return self._run(f"read_aiger {name}.aig", "strash", search, "write_status status") == "SAT"


def _header(name: str) -> list[int]:
    """The numbers in the first line of an AIGER file: nodes, inputs, latches, outputs, gates."""
    with Path(f"{name}.aig").open("rb") as file:
        return [int(word) for word in file.readline().split()[1:]]


def _latches(name: str) -> int:
    return _header(name)[2]


def prepare(yosys: Yosys, job: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Read NAME.sv, put it aside as module NAME, and return it as Yosys describes it.

    The registers of the reference become outputs, or one could not see when they are known.
    """
    settings = " ".join(f"-G {key}={value}" for key, value in job["parameters"].items())
    yosys(f"read_slang --top {job['top']} {settings} {name}.sv", "flatten", "proc", "opt_clean")
    if name == "gold":
        yosys(*(["setattr -unset init w:*"] if job["forget_initial"] else []), "expose -dff")
    yosys(f"rename -top {name}", "memory_collect", "memory_map")
    yosys("setundef -undriven -undef", "opt_clean")
    yosys(f"write_json {name}.json", f"design -stash {name}")
    found = json.loads(Path(f"{name}.json").read_text())["modules"][name]
    assert isinstance(found, dict)
    return found


def build(yosys: Yosys, job: Mapping[str, Any]) -> dict[str, Any]:
    """Write bad.aig and known.aig; return the clocks of the designs."""
    gold, gate = (prepare(yosys, job, name) for name in ("gold", "gate"))
    inputs, outputs, state = job["inputs"], job["outputs"], _outputs(gold)
    if _outputs(gate) != outputs or {name: state.pop(name, 0) for name in outputs} != outputs:
        raise Unsupported("the outputs are not those that the problem asks for")
    clocks = sorted(_clocks(gold) | _clocks(gate))
    options = {"one_hot": job["one_hot"], "warm_up": job["forget_initial"]}
    Path("miter.v").write_text(miter(inputs, outputs, state, clocks, **options))
    yosys("design -reset", "design -copy-from gold gold", "design -copy-from gate gate")
    yosys("read_verilog -formal miter.v", "hierarchy -top miter", "proc", "flatten", "opt_clean")
    yosys("clk2fflogic", "xprop -required -formal -assume-def-inputs", "chformal -assume -remove")
    yosys("opt_clean", "techmap", "opt -fast", "simplemap", "dffunmap", "aigmap")
    yosys("design -save miter")
    for kept, other in (("bad", "known"), ("known", "bad")):
        yosys("design -load miter", f"delete -output w:{other}", "opt_clean")
        yosys(f"write_aiger -zinit -map miter.map {kept}.aig")
    return {"clocks": clocks}


def _outputs(module: Mapping[str, Any]) -> dict[str, int]:
    ports = module["ports"].items()
    return {name: len(p["bits"]) for name, p in ports if p["direction"] == "output"}


def _clocks(module: Mapping[str, Any]) -> set[str]:
    """The inputs that clock flip-flops; raises Unsupported for what the miter can't treat."""
    inputs = {
        port["bits"][0]: name
        for name, port in module["ports"].items()
        if port["direction"] == "input" and len(port["bits"]) == 1
    }
    found = set()
    for cell in module["cells"].values():
        if cell["type"] == "$tribuf":
            raise Unsupported("a signal is driven to Z")
        if _FLIP_FLOP.fullmatch(cell["type"]):
            clock = cell["connections"]["CLK"][0]
            if clock not in inputs:
                raise Unsupported("a clock is made inside the design")
            found.add(inputs[clock])
    return found


def miter(
    inputs: Mapping[str, int],
    outputs: Mapping[str, int],
    state: Mapping[str, int],
    clocks: Sequence[str],
    *,
    one_hot: Sequence[str] = (),
    warm_up: bool = True,
) -> str:
    """Return the module that drives both designs and compares them.

    Its output `bad` is 1 where an output differs from that of the reference, `known` where
    neither outputs nor state of the reference are X.

    Args:
        inputs: The inputs of both designs, with their widths.
        outputs: The outputs of both.
        state: Further outputs of the reference: its registers.
        clocks: Which inputs are clocks.
        one_hot: The inputs that have one bit set; what comes after another value is not compared.
        warm_up: Compare only after a whole cycle of each clock. Until then a flip-flop may be X
            here that the simulator has clocked at power-on, when the clock went from X to 0.
    """
    data = {name: width for name, width in inputs.items() if name not in clocks}
    lines = [f"  input [{width - 1}:0] \\raw.{name} ," for name, width in data.items()]
    lines += [f"  input \\tick.{name} ," for name in clocks]
    lines += ["  output bad, known);", "  reg begun = 0;", "  always @($global_clock) begun <= 1;"]
    ticks = " | ".join(["1'b0", *(f"\\tick.{name} " for name in clocks)])
    lines += [f"  wire tick = begun & ({ticks});"]
    for name in clocks:
        lines += [f"  wire \\in.{name} = \\last.{name} ^ (begun & \\tick.{name} );"]
        lines += [_CYCLE.format(name=name)]
    for name, width in data.items():
        lines += [f"  wire [{width - 1}:0] \\in.{name} = tick ? \\last.{name} : \\raw.{name} ;"]
    for name, width in inputs.items():
        lines += [f"  reg [{width - 1}:0] \\last.{name} = 0;"]
        lines += [f"  always @($global_clock) \\last.{name} <= \\in.{name} ;"]
    for design, shown in (("gold", {**outputs, **state}), ("gate", outputs)):
        lines += [f"  wire [{width - 1}:0] \\{design}.{name} ;" for name, width in shown.items()]
        links = [f".\\{name} (\\in.{name} )" for name in inputs]
        links += [f".\\{name} (\\{design}.{name} )" for name in shown]
        lines += [f"  {design} {design}({', '.join(links)});"]
    lines += [_vector("gold", outputs), _vector("gate", outputs), _vector("gold", state, "state")]
    warm = [f"\\cycled.{name} " for name in clocks] if warm_up else []
    legal = [_one_hot(name, inputs[name]) for name in one_hot]
    ready, legal_now = (" & ".join(["1'b1", *parts]) for parts in (warm, legal))
    lines += [_COMPARISON.format(ready=ready, legal=legal_now)]
    return "module miter(\n" + "\n".join(lines)


def _vector(design: str, widths: Mapping[str, int], name: str = "all") -> str:
    """Outputs of a design as one vector; a bit that is 0 where there are none."""
    parts = ", ".join(f"\\{design}.{each} " for each in widths) or "1'b0"
    size = sum(widths.values()) or 1
    return (
        f"  localparam {design}_{name}_size = {size};\n"
        f"  wire [{size - 1}:0] {design}_{name} = {{{parts}}};"
    )


_CYCLE = """\
  reg \\rose.{name} = 0;
  wire \\cycled.{name} = \\rose.{name} & (\\fell.{name} | ~\\in.{name} );
  reg \\fell.{name} = 0;
  always @($global_clock) \\rose.{name} <= \\rose.{name} | \\in.{name} ;
  always @($global_clock) \\fell.{name} <= \\cycled.{name} ;"""
_COMPARISON = """\
  wire [gold_all_size-1:0] is_known, differs;
  wire [gold_state_size-1:0] is_settled;
  genvar i;
  generate
    for (i = 0; i < gold_all_size; i = i + 1) begin : each_bit
      assign is_known[i] = (gold_all[i] === 1'b0) | (gold_all[i] === 1'b1);
      assign differs[i] = is_known[i] & (gold_all[i] !== gate_all[i]);
    end
    for (i = 0; i < gold_state_size; i = i + 1) begin : each_state_bit
      assign is_settled[i] = (gold_state[i] === 1'b0) | (gold_state[i] === 1'b1);
    end
  endgenerate
  reg legal_before = 1;
  wire legal = legal_before & {legal};
  always @($global_clock) legal_before <= legal;
  wire ready = {ready};
  assign bad = legal & ready & |differs;
  assign known = legal & ready & &is_known & &is_settled;
endmodule
"""


def _one_hot(name: str, width: int) -> str:
    values = [f"\\in.{name} == {width}'d{1 << bit}" for bit in range(width)]
    return f"({' | '.join(values)})"


def steps_of(trace: str, inputs: Mapping[str, int], clocks: Sequence[str]) -> list[dict[str, int]]:
    """Return the inputs of the designs in each step of ABC's counterexample.

    Args:
        trace: The initial values of all latches, then the bits of each step.
        inputs: The inputs of the designs, with their widths.
        clocks: Which of them are clocks.
    """
    with Path("miter.map").open() as file:
        rows = [line.split() for line in file if line.startswith("input ")]
    bits = {int(row[1]): (row[3], int(row[2])) for row in rows}
    digits = trace.split("#")[0].strip()
    width = _header("bad")[1]
    if not width:
        return [{}]
    latches = _latches("small") if _latches("bad") else 0
    steps: list[dict[str, int]] = []
    last = dict.fromkeys(inputs, 0)
    for start in range(latches, len(digits), width):
        raw: dict[str, int] = {}
        for at, (name, bit) in bits.items():
            raw[name] = raw.get(name, 0) | int(digits[start + at]) << bit
        ticks = [name for name in clocks if steps and raw.get(f"tick.{name}")]
        now = {name: last[name] ^ 1 for name in ticks}
        if not ticks:
            now = {name: raw.get(f"raw.{name}", 0) for name in inputs if name not in clocks}
        last = last | now
        steps.append(last)
    return steps


def main() -> None:
    job = json.loads(Path("job.json").read_text())
    try:
        yosys = Yosys(job["pyosys"])
        Path("begun").touch()  # what ends it from here on may be the designs' doing
        result = build(yosys, job)
        abc = Abc(job["pyosys"], job["seconds"])
        result["status"] = abc.prove_zero("bad")
        if result["status"] == "SAT":
            trace = Path("trace").read_text()
            result["steps"] = steps_of(trace, job["inputs"], result["clocks"])
        elif result["status"] == "UNSAT":
            result["vacuous"] = not abc.can_be_one("known")
    except Unsupported as error:
        result = {"unsupported": str(error)}
    Path("result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
