"""Closeness to benchmarks: tokens, syntax trees, and the references of the suites."""

from __future__ import annotations

import json
import re

import pytest

from itertl_eval.problem import Problem, Prompt, Suite
from itertl_eval.suites import PUBLISHED, SHIPPED, load_suite
from itertl_eval.train.data._instruction import Instruction
from itertl_eval.train.data._pairs import load_pairs
from itertl_eval.train.filter._contamination import (
    FEW_GRAMS,
    Benchmarks,
    design_grams,
    normal_tokens,
)
from itertl_eval.train.filter._syntax_tree import design_hash
from tests.suites.cvdp_rows import lines, row


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("q = 8'hF_0;", "n0 = 8'240 ;"),
        ("q = 8 'sd 3;", "n0 = 8'3 ;"),
        ("q = 4'b1x0z;", "n0 = 4'b1x0z ;"),
        ("q = '0;", "n0 = '0 ;"),
        ("q = 'X;", "n0 = 'x ;"),
        ("q = PW'(1_000);", "n0 = n1 ' ( 1000 ) ;"),
        ("q = '{a, 1};", "n0 = ' { n1 , 1 } ;"),
        ("q = '{default: '1};", "n0 = ' { default : '1 } ;"),
        ("q = '", "n0 = '"),
    ],
)
def test_tokens(text, tokens):
    assert normal_tokens(text) == tokens.split()


@pytest.mark.parametrize(
    "name", [*SHIPPED, *(pytest.param(name, marks=pytest.mark.data) for name in PUBLISHED)]
)
def test_every_suite_finds_its_references(name):
    suite = load_suite(name)
    benchmarks = Benchmarks([suite])
    having = [problem for problem in suite.values() if problem.reference.strip()]
    assert len(having) > len(suite) / 2
    missed = [p.id for p in having if benchmarks.closest(Instruction(p)) is None]
    assert missed == []


DESIGN = """
module lights(input clk, input rst, input car, output reg [1:0] lamp);
  reg [3:0] wait_for;
  always @(posedge clk)
    if (rst) begin
      lamp <= 2'd0;
      wait_for <= 4'd9;
    end else if (wait_for != 0) wait_for <= wait_for - 1;
    else
      case (lamp)
        2'd0: if (car) begin lamp <= 2'd1; wait_for <= 4'd2; end
        2'd1: begin lamp <= 2'd2; wait_for <= 4'd12; end
        default: begin lamp <= 2'd0; wait_for <= 4'd9; end
      endcase
endmodule
"""
OTHER = """
  reg [15:0] line;
  wire fresh = ^line[15:12] | (line == 16'hbeef);
  integer at;
  always @(negedge clk or posedge rst) begin
    if (rst) line <= {8{2'b10}};
    else for (at = 0; at < 15; at = at + 1) line[at + 1] <= line[at] ^ (at[0] & fresh);
  end
  assign sum = (line[7:0] * line[15:8]) >> (fresh ? 3 : 5);
  assign odd = &line[3:0] ? ~line[9] : line[11] ~^ line[14];
"""


def instruction(code, text="Describe some hardware of which the words say nothing known."):
    return Instruction(Problem("o1", "other", "m", (), Prompt(text), code))


def of(code):
    return Benchmarks([Suite("bench", [instruction(code, "A riddle.").problem], revision="1")])


def closest(benchmark, code):
    found = benchmark.closest(instruction(code))
    return found.measure if found else None


def within(code, names):
    """Return the design inside one twice as long, with other names and another header."""
    head, _, body = code.partition(";")
    for old, new in names.items():
        head, body = (re.sub(rf"\b{old}\b", new, text) for text in (head, body))
    head = head.replace("(", "(output [15:0] sum, output odd,", 1)
    half = OTHER.index("  assign")
    body = body.replace("endmodule", OTHER[half:] + "endmodule")
    return f"{head};{OTHER[:half]}{body}"


@pytest.mark.parametrize("names", [{}, {"lights": "x", "lamp": "q", "wait_for": "n", "car": "go"}])
def test_a_copy_in_a_longer_design_is_found(names):
    assert closest(of(DESIGN), within(DESIGN, names)) == "13-grams of the designs"


def test_a_header_and_a_common_register_are_not_a_copy():
    head = DESIGN[: DESIGN.index(";") + 1]
    usual = "always @(posedge clk) if (rst) lamp <= 2'd0; else lamp <= lamp + {1'b0, car};"
    longer = f"{head} {OTHER} {usual} endmodule"
    assert closest(of(f"{head} {usual} endmodule"), longer) is None
    assert closest(of(DESIGN), longer) is None


@pytest.mark.data
def test_references_are_found_in_longer_designs():
    suite = load_suite("verilogeval_human")
    benchmarks = Benchmarks([suite])
    long = [p for p in suite.values() if len(design_grams(p.reference)) >= FEW_GRAMS]
    assert len(long) > 80
    longer = {
        p.id: re.sub(r"\bendmodule\b", lambda _: OTHER + "endmodule", p.reference) for p in long
    }
    assert [name for name, body in longer.items() if closest(benchmarks, body) is None] == []


GOOD = "module top(input a, output y);\n  assign y = ~a;\nendmodule\n"


def suite_of(description, reference):
    prompt = Prompt(description)
    return Suite("bench", [Problem("b1", "bench", "t", (), prompt, reference)], revision="1")


LONG = (
    "Build a counter that counts from zero to nine and wraps around to zero again, with a "
    "synchronous active high reset and an enable input that holds the value when low"
)


@pytest.mark.parametrize(
    ("instruction", "code", "measure"),
    [
        (
            "Something else altogether in eight or more words.",
            "module x(input c, output d); // same\n assign d = !c & 2'b1; endmodule",
            "same syntax tree",
        ),
        (f"Please help: {LONG}. Thanks a lot.", GOOD, "13-grams"),
        (LONG.replace("zero", "0").replace("with a", "having one"), GOOD, "Rouge-L"),
        ("Write an arbiter for four requesters, round robin, one grant.", GOOD, None),
    ],
)
def test_contamination(tmp_path, instruction, code, measure):
    benchmark = Benchmarks(
        [suite_of(LONG, "module t(input a, output b);\nassign b = !a & 2'h1; endmodule")]
    )
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps({"instruction": instruction, "output": code}))
    close = benchmark.closest(load_pairs(path).instructions[0])
    assert (measure is None) == (close is None)
    if close is not None:
        assert measure in close.measure
        assert close.problem == "bench/b1"


BODY = "always @(*) if (a) q = 4'hF; else q = b + 'h1_0;"
RENAMED = "always @(*) begin if ((en)) begin r = (4'b1111); end else r = data + 'd16; end"


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (
            "module m(input a, b); // c\n reg [3:0] q; BODY endmodule",
            "module x (input en,data);\nreg [3:0] r;\nRENAMED\nendmodule",
            True,
        ),
        (
            "module m; wire [3:0] q = 4'hF; endmodule",
            "module m; wire [3:0] q = 4'hE; endmodule",
            False,
        ),
        ("module m; wire q = 4'sd1; endmodule", "module m; wire q = 4'd1; endmodule", False),
        ("module m; wire q = 4'hx; endmodule", "module m; wire q = 4'bx; endmodule", False),
        (
            "module m(input a, b, c, output y); assign y = a & b | c; endmodule",
            "module m(input a, b, c, output y); assign y = a & (b | c); endmodule",
            False,
        ),
        (
            "module m(input a, b, c, output y); assign y = a & b | c; endmodule",
            "module m(input a, b, c, output y); assign y = (a & b) | c; endmodule",
            True,
        ),
        (
            "module m(input a, b, output y); assign y = a - b; endmodule",
            "module m(input a, b, output y); assign y = b - a; endmodule",
            False,
        ),
        (
            "module m; initial begin : name a = 1; end endmodule",
            "module m; initial a = 1; endmodule",
            False,
        ),
    ],
)
def test_design_hash_ignores_names_and_layout(one, two, same):
    one, two = (text.replace("BODY", BODY).replace("RENAMED", RENAMED) for text in (one, two))
    assert (design_hash(one) == design_hash(two)) is same


def test_design_hash_of_extreme_texts():
    long = f"module m(input x, output y); assign y = {'|'.join(['x'] * 3000)}; endmodule"
    assert design_hash(long) != design_hash(long.replace("x|x;", "x;"))
    assert design_hash("module m; assign y = " + "(" * 20_000) is None


def test_the_files_that_a_row_with_a_harness_shows_are_designs_too(tmp_path):
    shown = "\n".join(
        f"  always @(posedge clk) q{n} <= q{n} ^ (a[{n}] & ~b[{n + 1}]);" for n in range(FEW_GRAMS)
    )
    design = f"module mixer(input clk, input [99:0] a, b, output reg q0);\n{shown}\nendmodule\n"
    file = tmp_path / "rows.jsonl"
    file.write_text(lines(row(context={"rtl/mixer.sv": design, "docs/a.md": "Read me."})))
    benchmarks = Benchmarks([load_suite(str(file))])
    close = benchmarks.closest(instruction(design, "Another text."))
    assert close.problem == "rows/own_agentic_counter_0001 (rtl/mixer.sv)"
    assert benchmarks.descriptions[0] == ["write", "a", "counter"]
