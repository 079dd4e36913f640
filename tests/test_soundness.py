"""check does not call a testbench sound that hides a gap, nor count mutants that mean nothing."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from itertl_eval.authoring import check
from itertl_eval.authoring.mutate import mutants
from itertl_eval.authoring.soundness._elaboration import Elaboration
from itertl_eval.authoring.soundness._outputs import OutputMap
from itertl_eval.authoring.soundness._variants import deaf, renamed
from itertl_eval.cli._check import text
from itertl_eval.problem import Problem, Prompt
from itertl_eval.verilog import slang

pytestmark = pytest.mark.simulator


def make(folder: Path, reference: str, bench: str, **facts: object) -> Problem:
    """A problem with this reference and plain cocotb testbench; the top module is `top`."""
    file = folder / "test_top.py"
    file.write_text("import cocotb\nfrom cocotb.triggers import Timer\n" + textwrap.dedent(bench))
    reference = textwrap.dedent(reference)
    ports = slang.ports(reference, "top")
    assert ports is not None
    parameters = [name for setting in facts.get("parameters", ()) for name in setting]  # type: ignore[attr-defined]
    prompt = Prompt(" ".join(["top", *(port.name for port in ports), *parameters]))
    return Problem("top", "tests", "top", ports, prompt, reference, file, **facts)  # type: ignore[arg-type]


REGISTER = """
    module top(input clk, input [3:0] d, output [3:0] q);
      reg [3:0] hidden;
      always @(posedge clk) hidden <= d;
      assign q = hidden;
    endmodule
"""


def test_a_testbench_that_reads_an_internal_register_is_not_sound(tmp_path):
    problem = make(
        tmp_path,
        REGISTER,
        """
        @cocotb.test()
        async def stores(dut):
            for value in range(16):
                dut.clk.value, dut.d.value = 0, value
                await Timer(1, "ns")
                dut.clk.value = 1
                await Timer(1, "ns")
                assert dut.hidden.value == value
                assert dut.q.value == value
        """,
    )
    result = check(problem, limit=4, jobs=1)
    assert "hidden" in result.renamed
    line = result.shortcomings[0]
    assert line.startswith("the reference with other internal names fails, so the testbench looks")
    (tmp_path / "test_top.py").write_text(
        (tmp_path / "test_top.py").read_text().replace("assert dut.hidden.value == value", "pass")
    )
    assert check(problem, limit=4, jobs=1).renamed == "pass"


def test_renaming_keeps_ports_parameters_fields_and_connections():
    reference = textwrap.dedent("""
        module sub(input a, output y); assign y = a; endmodule
        module top #(parameter W = 2)(input [W-1:0] a, output [W-1:0] y);
          typedef struct packed { logic [1:0] part; } pair_t;
          pair_t part;
          localparam N = 2;
          wire [N-1:0] mid;
          wire b = a[0];
          assign part.part = a;
          genvar i;
          generate for (i = 0; i < N; i = i + 1) begin : bit_of
            sub u(.a(part.part[i]), .y(mid[i]));
          end endgenerate
          assign y = mid;
        endmodule
    """)
    ports = slang.ports(reference, "top")
    problem = Problem("top", "tests", "top", ports, Prompt(""), reference)
    changed_text = renamed(problem)
    assert changed_text is not None
    assert slang.ports(changed_text, "top") == ports
    for kept in ("module sub(input a, output y)", "logic [1:0] part;", ".a(", ".y(", "part_1.part"):
        assert kept in changed_text
    for changed in ("mid_1", "N_1", "bit_of_1", "u_1", "b_1"):
        assert changed in changed_text
    assert renamed(Problem("top", "t", "top", ports, Prompt(""), "module top; endmodule")) is None


ADDER = """
    module top #(parameter DATA_WIDTH = 8)
      (input [DATA_WIDTH-1:0] A, B, output [DATA_WIDTH-1:0] X);
      assign X = A + B;
    endmodule
"""
SMALL = """
    @cocotb.test()
    async def adds(dut):
        top = {top}
        for a in range(0, top, max(1, top // 17)):
            for b in range(0, top, max(1, top // 17)):
                dut.A.value, dut.B.value = a, b
                await Timer(1, "ns")
                assert dut.X.value == (a + b) % 2 ** len(dut.X), f"X: {{a}} + {{b}}"
"""
SETTINGS = ({"DATA_WIDTH": 4}, {"DATA_WIDTH": 8})


def test_a_parameter_that_only_the_small_values_test_is_found(tmp_path):
    """Stimulus of four bits at both widths: X = A[3:0] + B[3:0] passes."""
    bench = SMALL.format(top=16)
    result = check(make(tmp_path, ADDER, bench, parameters=SETTINGS), jobs=1)
    assert result.ignored_parameters == {"DATA_WIDTH": "passes"}
    assert "a design that ignores parameter DATA_WIDTH passes" in result.shortcomings
    small, large = result.settings
    assert small["parameters"] == {"DATA_WIDTH": 4}
    assert small["killed"] == small["mutants"]
    assert large["killed"] < large["mutants"]


def test_a_testbench_that_covers_each_setting_is_sound(tmp_path):
    bench = SMALL.format(top="2 ** len(dut.X)")
    result = check(make(tmp_path, ADDER, bench, parameters=SETTINGS), jobs=1)
    assert result.shortcomings == []
    assert result.ignored_parameters == {"DATA_WIDTH": "noticed"}
    assert [row["killed"] for row in result.settings] == [row["mutants"] for row in result.settings]


def test_a_deaf_design_has_the_least_value_and_the_same_ports(tmp_path):
    problem = make(tmp_path, ADDER, SMALL.format(top=16), parameters=SETTINGS)
    fixed, narrow = deaf(problem)["DATA_WIDTH"]
    assert "#(.DATA_WIDTH(4))" in fixed
    assert ".A(A[3:0])" in narrow
    for design in (fixed, narrow):
        assert slang.ports(design, "top") == problem.ports
    assert deaf(make(tmp_path, ADDER, SMALL.format(top=16), parameters=SETTINGS[:1])) == {}


BRANCHES = """
    module top #(parameter REG_TYPE = 0)(input clk, a, b, output y);
      generate
        if (REG_TYPE == 1) begin : registered
          reg kept;
          always @(posedge clk) kept <= a & b;
          assign y = kept;
        end else begin : direct
          assign y = a & b;
        end
      endgenerate
    endmodule
"""
COMBINATIONAL, REGISTERED = "dut.y.value == (value == 3)", "True"
ALL = """
    @cocotb.test()
    async def all(dut):
        for value in range(4):
            dut.clk.value = 0
            dut.a.value, dut.b.value = value & 1, value >> 1
            await Timer(1, "ns")
            assert {early}
            dut.clk.value = 1
            await Timer(1, "ns")
            assert dut.y.value == (value == 3)
"""


def test_mutants_of_code_that_no_setting_elaborates_are_named_apart(tmp_path):
    result = check(make(tmp_path, BRANCHES, ALL.format(early=COMBINATIONAL)), jobs=1)
    assert result.shortcomings == []
    assert result.survivors == []
    assert {mutant["line"] for mutant in result.unelaborated} <= {5, 6, 7, 8}
    assert {mutant["setting"] for mutant in result.unelaborated} == {"{REG_TYPE: 1}"}
    both = make(
        tmp_path,
        BRANCHES,
        ALL.format(early=REGISTERED),
        parameters=({"REG_TYPE": 0}, {"REG_TYPE": 1}),
    )
    assert check(both, jobs=1).unelaborated == []


def test_what_is_elaborated_depends_on_setting_loop_and_instances():
    source = textwrap.dedent("""
        module unused(input a, output y); assign y = ~a; endmodule
        module top #(parameter N = 0)(input a, output y);
          genvar i;
          generate for (i = 0; i < N; i = i + 1) begin : g
            wire w = ~a;
          end endgenerate
          assign y = a;
        endmodule
    """)
    found = mutants(source, "top")
    for setting, dead in (({}, {2, 6}), ({"N": 2}, {2})):
        elaboration = Elaboration(source, "top", setting)
        left_out = {mutant.line for mutant in found if elaboration.leaves_out(mutant)}
        assert left_out & {2, 6, 8} == dead


def test_survivors_are_grouped_by_the_output_that_they_reach_first():
    source = textwrap.dedent("""
        module top(input clk, wr, rd, output reg full, output reg underflow);
          reg [1:0] count;
          always @(posedge clk) begin
            count <= count + wr;
            full <= count == 2'd3;
            if (rd)
              underflow <= ~wr;
          end
        endmodule
    """)
    ports = slang.ports(source, "top")
    outputs = OutputMap(Problem("top", "tests", "top", ports, Prompt(""), source))
    found = {(m.line, outputs.nearest(m)) for m in mutants(source, "top")}
    assert {(5, ("full",)), (6, ("full",)), (7, ("underflow",)), (8, ("underflow",))} <= found


# -- proofs -----------------------------------------------------------------------------------

GRAY = """
    module top(input [3:0] a, output [3:0] y, output is_low);
      assign y = a ^ (a >> 1);
      assign is_low = (a | 4'd3) < 4'd12;
    endmodule
"""
MOST = """
    @cocotb.test()
    async def most(dut):
        for value in range(8):
            dut.a.value = value
            await Timer(1, "ns")
            assert dut.y.value == value ^ value >> 1
            assert dut.is_low.value == 1
"""


@pytest.mark.formal
def test_survivors_are_proved_or_shown_with_the_inputs_that_the_testbench_lacks(tmp_path):
    problem = make(tmp_path, GRAY, MOST)
    result = check(problem, jobs=1)
    proved, surviving = (
        {mutant["what"] for mutant in found} for found in (result.proved, result.survivors)
    )
    assert {"< -> <= in (a | 4'd3) < 4'd12", "4'd3 -> 4'd0"} <= proved
    assert {"y[3] stuck at 0", "4'd12 -> 4'd8"} <= surviving
    assert result.mutants == result.killed + len(result.survivors)
    lines = text(result)
    assert f"  proved           {len(result.proved)} mutants, surviving without changing" in lines
    assert "\n      a=0xc: is_low expected 0, got 1\n" in lines


def test_without_yosys_survivors_count_and_a_hint_is_given_once(tmp_path):
    result = check(make(tmp_path, GRAY, MOST), limit=20, jobs=1)
    assert result.survivors
    assert result.proved == []
    assert not any("counterexample" in survivor for survivor in result.survivors)
    assert text(result).count("pip install 'itertl-eval[formal]'") == 1


def test_a_signal_named_like_its_module_keeps_its_name():
    reference = "module top(input a, output y); wire top = a, b = top; assign y = b; endmodule"
    text = renamed(Problem("p", "s", "top", (), Prompt(""), reference))
    assert text is not None
    assert text.startswith("module top(")
    assert "wire b" not in text
