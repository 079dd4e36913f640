"""Testbenches made from a reference: what passes and what fails."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from itertl_eval.authoring import mutants
from itertl_eval.authoring.soundness._mutants import facts_of
from itertl_eval.from_reference import Refused, make_testbench, read_circuit, write_task
from itertl_eval.from_reference._stimulus import Player
from itertl_eval.grader import grade
from itertl_eval.suites import load_suite
from tests.from_reference.designs import ALU, ASYNC, COUNTER, grader_for, problem

pytestmark = pytest.mark.simulator


@pytest.mark.parametrize("text", [ALU, COUNTER, ASYNC])
def test_the_reference_passes(text, tmp_path):
    assert grader_for(problem(text), tmp_path)(text).passed


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (ALU, "a - b", "b - a"),
        (ALU, "8'h5c", "8'h5d"),
        (ALU, "@(*)", "@(a or op)"),
        (ALU, "2'd2: y = a & b;", ""),
        (COUNTER, "if (en)", "if (1)"),
        (COUNTER, "q + 1", "q + 2"),
        (COUNTER, "posedge clk", "negedge clk"),
        (COUNTER, "posedge clk", "posedge clk or posedge rst"),
        (ASYNC, " or negedge rst_n", ""),
        (ASYNC, "posedge clk or negedge rst_n", "*"),
    ],
)
def test_a_wrong_design_fails(text, old, new, tmp_path):
    assert old in text
    prompt = "The reset is synchronous." if text is COUNTER else "It has an asynchronous reset."
    verdict = grader_for(problem(text, prompt), tmp_path)(text.replace(old, new))
    assert verdict.stage == "simulate"
    assert not verdict.passed


def test_a_long_counter_is_walked_to_its_end(tmp_path):
    text = COUNTER.replace("[3:0] q", "[12:0] q").replace("if (en)", "if (q == 4999) q <= 0; else")
    case = problem(text)
    made = make_testbench(case, limit=20)
    graded = replace(case, testbench=write_task(tmp_path / "top", case, made))
    assert grade(graded, text, cache=False).passed
    assert not grade(graded, text.replace("4999", "5000"), cache=False).passed


TICK = """\
module top(input clk, input rst, output tick);
  reg [22:0] n = 0;
  always @(posedge clk) if (rst || n == 999) n <= 0; else n <= n + 1;
  assign tick = n == 999;
endmodule
"""


def test_a_rare_pulse_after_a_reset_needs_no_initial_value(tmp_path):
    verdict = grader_for(problem(TICK), tmp_path)
    assert verdict(TICK).passed
    assert verdict(TICK.replace("n = 0;", "n;")).passed
    for wrong in ("998", "1000"):
        assert not verdict(TICK.replace("999", wrong)).passed


@pytest.mark.parametrize(
    "pulse",
    [
        "output tick); assign tick = n == 4999999;",
        "output reg tick); always @(posedge clk) if (n == 4999999) tick <= 1; else tick <= 0;",
    ],
)
def test_a_pulse_out_of_reach_is_refused(pulse):
    text = TICK.replace("output tick);", pulse).replace("  assign tick = n == 999;\n", "")
    with pytest.raises(Refused, match="constant outputs"):
        make_testbench(problem(text.replace("999)", "4999999)")), limit=0)


def test_values_of_a_wide_input_are_of_many_kinds():
    case = problem("module top(input [31:0] a, b, output y); assign y = a - b == 0; endmodule")
    player = Player(read_circuit(case), random.Random(1), frozenset())
    spread = 0
    apart = []
    for _ in range(1000):
        player.draw_all()
        a, b = player.values["a"], player.values["b"]
        spread += all(10 < f"{n:b}".count("1") < 22 for n in (a, b))
        apart.append(a ^ b if a > 9 else -1)
    assert spread > 200
    assert apart.count(0) > 10
    assert apart.count(1 << 31) > 2
    assert sum(f"{n:b}".count("1") == 1 for n in apart if 1 < n < 1 << 31) > 2


FIRST_FOUR = """
module top(input clk, rst, output busy);
  reg [2:0] n;
  always @(posedge clk) if (rst) n <= 0; else if (n != 4) n <= n + 1;
  assign busy = n != 4;
endmodule
"""
TIMER = """
module top(input clk, arst, go, output late);
  reg [4:0] n;
  always @(posedge clk or posedge arst)
    if (arst) n <= 0;
    else if (!go) n <= 0;
    else if (n != 20) n <= n + 1;
  assign late = n == 20;
endmodule
"""


MEMORY = """
module top(input clk, we, input [1:0] addr, input [3:0] d, output reg [3:0] q);
  reg [3:0] words [0:3];
  always @(posedge clk) if (we) words[addr] <= d;
  always @(posedge clk) if (!we) q <= words[addr];
endmodule
"""
TWO_STAGES = """
module top(input clk, rst_n, d, output reg q);
  reg inner;
  always @(posedge clk or negedge rst_n) if (!rst_n) inner <= 0; else inner <= inner ^ d;
  always @(posedge clk or negedge rst_n) if (!rst_n) q <= 0; else q <= inner;
endmodule
"""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (MEMORY, MEMORY.replace("posedge", "negedge", 1)),
        (TWO_STAGES, TWO_STAGES.replace(" or negedge rst_n", "", 1)),
        (
            FIRST_FOUR,
            FIRST_FOUR.replace("[2:0]", "[7:0]")
            .replace("if (n != 4)", "")
            .replace("n != 4", "n < 4"),
        ),  # begins anew after 256 cycles
        (
            TIMER,
            TIMER.replace("posedge clk or posedge arst", "posedge clk").replace(
                "if (arst) n <= 0;\n    else", ""
            ),
        ),  # goes on after a reset
    ],
)
def test_rare_moments_are_looked_at_although_no_mutant_needs_them(text, wrong, tmp_path):
    verdict = grader_for(problem(text, "It has an asynchronous reset."), tmp_path)
    assert verdict(text).passed
    assert verdict(wrong).stage == "simulate"


@pytest.mark.parametrize("name", ["rst", "sys_reset_n"])
def test_a_counter_runs_to_its_end_whatever_the_reset_looks_like(name, tmp_path):
    text = COUNTER.replace("[3:0] q", "[6:0] q").replace("input rst", f"input {name}")
    text = text.replace("if (rst) q <= 0;\n    else if (en) q <= q + 1;", "q <= NEXT;")
    text = text.replace("NEXT", f"{name} ? q == 7'd52 ? 0 : q + 1 : 0")
    verdict = grader_for(problem(text), tmp_path)
    assert verdict(text).passed
    for wrong in ("51", "127", "20", "100"):
        assert not verdict(text.replace("7'd52", f"7'd{wrong}")).passed, wrong


def test_an_input_may_have_any_name(tmp_path):
    text = "module top(input [31:0] self, output y); assign y = ^self; endmodule\n"
    assert grader_for(problem(text), tmp_path)(text).passed


@pytest.mark.parametrize("limit", [0, 5])
def test_a_design_without_inputs(limit, tmp_path):
    text = "module top(output [1:0] y); assign y = 2'd2; endmodule\n"
    verdict = grader_for(problem(text), tmp_path, limit)
    assert verdict(text).passed
    assert not verdict(text.replace("2'd2", "2'd3")).passed


def test_several_clocks(tmp_path):
    text = """\
module top(input wclk, input rclk, input [3:0] d, output reg [3:0] q);
  reg [3:0] p;
  always @(posedge wclk) p <= d;
  always @(posedge rclk) q <= p;
endmodule
"""
    verdict = grader_for(problem(text), tmp_path)
    assert verdict(text).passed
    assert not verdict(text.replace("posedge rclk", "posedge wclk")).passed
    assert not verdict(text.replace("q <= p", "q <= d")).passed
    assert not verdict(text.replace("posedge wclk", "negedge wclk")).passed


@pytest.mark.parametrize("text", [ALU, COUNTER])
def test_the_same_bytes_each_time(text):
    one, two = (make_testbench(problem(text), limit=12) for _ in range(2))
    assert one.text == two.text
    assert one.mutants == two.mutants > 5
    assert make_testbench(problem(text), limit=12, seed=1).text != one.text


def test_mutants_count_and_the_killed_ones_fail_by_the_final_file(tmp_path):
    case = problem(COUNTER)
    made = make_testbench(case, limit=40)
    assert 0 < made.killed <= made.mutants
    assert made.mutants - made.killed == len(made.survivors)


def test_listed_mutants_do_not_count_whatever_blank_lines_the_reference_has():
    text = "module top(input a, b, output y);\n  assign y = a & b | a;\nendmodule\n"
    case = problem(f"\n\n{text}")
    made = make_testbench(case, limit=40)
    assert made.survivors  # the first term changes nothing
    names = [
        facts_of(case, mutant)["name"]
        for mutant in mutants(case.reference, "top", limit=40)
        if mutant.description in {each.description for each in made.survivors}
    ]
    listed = replace(case, equivalent=dict.fromkeys(names, "changes nothing"))
    again = make_testbench(listed, limit=40)
    assert again.mutants == again.killed == made.killed


def test_the_task_folder_is_a_task(tmp_path):
    case = problem(ALU)
    write_task(tmp_path / "pairs-000001", case, make_testbench(case, limit=0))
    [loaded] = load_suite(str(tmp_path / "pairs-000001")).values()
    assert loaded.ports == case.ports
    assert loaded.prompt == case.prompt
    assert loaded.reference == case.reference
    assert grade(loaded, ALU, cache=False).passed


def test_output_bits_that_never_change_ask_for_more_stimulus(tmp_path):
    text = COUNTER.replace("[3:0] q", "[9:0] q")
    verdict = grader_for(problem(text), tmp_path)  # without mutants
    assert verdict(text).passed
    wrong = text.replace("q <= q + 1", "q <= q == 600 ? 0 : q + 1")
    assert not verdict(wrong).passed
