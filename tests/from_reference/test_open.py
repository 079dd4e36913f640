"""What a text leaves open is not compared."""

from __future__ import annotations

import pytest

from itertl_eval.from_reference import make_testbench, read_circuit
from itertl_eval.from_reference._open import one_hot_inputs, open_resets, rival_resets
from tests.from_reference.designs import ASYNC, grader_for, problem

pytestmark = pytest.mark.simulator


def test_the_kind_of_reset_counts_only_where_the_text_names_it(tmp_path):
    for name, text in (("holds", ASYNC), ("adds", ASYNC.replace("q <= d", "q <= q ^ d"))):
        folder = tmp_path / name
        other = text.replace(" or negedge rst_n", "")
        said = grader_for(problem(text, "It has an asynchronous reset."), folder / "said")
        left_open = grader_for(problem(text, "It has a reset."), folder / "open")
        assert not said(other).passed
        assert left_open(other).passed
        assert left_open(text).passed
        assert not left_open(text.replace("q <= 0", "q <= 1")).passed


def test_only_one_hot_values_where_the_text_says_so(tmp_path):
    text = """\
module top(input [3:0] state, input go, output next_busy);
  assign next_busy = state[0] & go | state[2];
endmodule
"""
    other = text.replace("state[0] & go", "state == 4'b0001 & go")
    said = grader_for(problem(text, "The state is one-hot encoded."), tmp_path / "said")
    assert said(other).passed
    assert not grader_for(problem(text), tmp_path / "open")(other).passed


@pytest.mark.parametrize(
    "text",
    [
        "It has an asynchronous active-low reset.",
        "It has an asynchronous, active-low reset.",
        "The reset is asynchronous.",
        "rst_n: 1 bit, active low, asynchronous",
        "A flop with a synchronous set and a load.",
        "The input `rst_n` asynchronously resets the lamp.",
        "reset (synchronous, active high)",
        "A low rst_n clears q synchronously.",
        "The reset input `rst_n` is synchronous with the clock.",
        "The port async_rst_n puts the lamp out.",
        "| `rst_n` | input | 1 | asynchronous reset, active low |",
    ],
)
def test_a_text_names_the_style_of_its_reset(text):
    case = problem(ASYNC, text)
    assert not open_resets(case, read_circuit(case))


@pytest.mark.parametrize(
    "text",
    [
        "A synchronous lamp that rst_n puts out.",
        "A synchronous 4-bit counter with a reset.",
        "The counter is synchronous. Reset it to 0.",
        "- clk: for synchronous operation\n- rst_n: reset\n",
        "A low rst_n resets the synchronous counter.",
        "The inputs are synchronous to the clock; rst_n is the reset.",
        "Reset and an asynchronous enable.",
        "The module is called sync_counter.",
    ],
)
def test_a_synchronous_counter_says_nothing_of_its_reset(text):
    case = problem(ASYNC, text)
    assert open_resets(case, read_circuit(case))


TWO_CLOCKS = """\
module top(input wclk, rclk, rst, input [3:0] d, output reg [3:0] kept, output reg [3:0] count);
  always @(posedge wclk or posedge rst) if (rst) kept <= 0; else kept <= d;
  always @(posedge rclk or posedge rst) if (rst) count <= 9; else count <= count + 1;
endmodule
"""


def test_several_clocks_with_an_open_style_of_reset(tmp_path):
    case = problem(TWO_CLOCKS, "It has two clocks and a reset.")
    assert not make_testbench(case, limit=0).power_on
    verdict = grader_for(case, tmp_path)
    assert verdict(TWO_CLOCKS).passed
    assert verdict(TWO_CLOCKS.replace(" or posedge rst", "")).passed
    for old, new in (("<= 9", "<= 8"), ("<= d", "<= ~d"), ("count + 1", "count + 2")):
        assert not verdict(TWO_CLOCKS.replace(old, new)).passed


GATED = """\
module top(input clk, input en, input [3:0] d, output [3:0] y);
  reg [3:0] q;
  always @(posedge clk) if (!en) q <= 0; else q <= d;
  assign y = en ? q : 4'd0;
endmodule
"""


def test_an_enable_that_clears_is_no_reset(tmp_path):
    verdict = grader_for(problem(GATED, "While en is low y is zero."), tmp_path)
    assert verdict(GATED).passed
    assert not verdict(GATED.replace("en ? q : 4'd0", "q")).passed


@pytest.mark.parametrize("name", ["rst", "sys_reset_n", "CLR_B", "arst", "preset", "res", "nset"])
def test_a_reset_is_known_by_its_name(name):
    case = problem(GATED.replace("en", name).replace(f"{name}dmodule", "endmodule"), "Write it.")
    assert [reset.name for reset in open_resets(case, read_circuit(case))] == [name]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("- `en`: a single-bit active low reset", True),
        ("The reset signal `en` is low.", True),
        ("Reset (en) puts it out.", True),
        ("Inputs: a reset, en and d.", False),
        ("- x: reset\n- en: enable", False),
        ("It gates with en. Reset it before.", False),
    ],
)
def test_a_text_may_call_an_input_a_reset(text, called):
    case = problem(GATED, text)
    assert bool(open_resets(case, read_circuit(case))) == called


SET_AND_CLEAR = """\
module top(input clk, input set, input clr, input d, output reg q);
  always @(posedge clk)
    if (set) q <= 1;
    else if (clr) q <= 0;
    else q <= d;
endmodule
"""


def test_the_order_of_two_resets_counts_only_where_the_text_names_it(tmp_path):
    other = "if (clr) q <= 0;\n    else if (set) q <= 1;"
    other = SET_AND_CLEAR.replace("if (set) q <= 1;\n    else if (clr) q <= 0;", other)
    text = "Synchronous set and clear. While both set and clr are low, q follows d, "
    left_open = grader_for(problem(SET_AND_CLEAR, text + "whatever q was."), tmp_path / "open")
    assert left_open(SET_AND_CLEAR).passed
    assert left_open(other).passed
    for old, new in (("q <= 0", "q <= 1"), ("q <= 1", "q <= 0"), ("if (clr)", "if (0)")):
        assert not left_open(SET_AND_CLEAR.replace(old, new)).passed
    said = grader_for(problem(SET_AND_CLEAR, text + "and set has priority."), tmp_path / "said")
    assert said(SET_AND_CLEAR).passed
    assert not said(other).passed


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("If set is high, q is 1; else if clr is high, q is 0.", True),
        ("A high clr overrides set.", True),
        ("Clear wins over set.", True),
        ("The set input is ignored while clr is high.", True),
        ("`set` has no effect during a clear.", True),
        ("d is ignored while set or clr is high.", False),
        ("When both are high, q is 1.", True),
        ("A high set makes q 1, regardless of clr.", True),
        ("A high set makes q 1, regardless of d.", False),
        ("Both inputs are inactive at first.", False),
        ("When set and clr are low q takes d, otherwise it is set or cleared.", False),
    ],
)
def test_a_text_may_name_the_order_of_two_resets(text, stated):
    case = problem(SET_AND_CLEAR, text)
    assert rival_resets(case, read_circuit(case)) == (set() if stated else {"set", "clr"})


ONE_HOT_MUX = """\
module top(input [3:0] a, b, c, input [2:0] pick, output [3:0] y);
  assign y = pick[0] ? a : pick[1] ? b : c;
endmodule
"""


def test_a_one_hot_select_takes_no_other_values(tmp_path):
    other = ONE_HOT_MUX.replace(
        "pick[0] ? a : pick[1] ? b : c", "{4{pick[0]}} & a | {4{pick[1]}} & b | {4{pick[2]}} & c"
    )
    said = grader_for(problem(ONE_HOT_MUX, "A mux with a one-hot select pick."), tmp_path / "said")
    assert said(ONE_HOT_MUX).passed
    assert said(other).passed
    assert not said(other.replace("& c", "& b")).passed
    left = grader_for(problem(ONE_HOT_MUX, "A mux of three."), tmp_path / "left")
    assert not left(other).passed


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("- `pick`: one-hot select", True),
        ("`pick` is always one-hot.", True),
        ("The 3-bit input pick must be a one hot code.", True),
        ("- pick[2:0]: a 3-bit one-hot vector", True),
        ("It is a one-hot encoded input `pick`.", True),
        ("It turns pick to one-hot.", False),
        ("The output is one-hot; pick is binary.", False),
        ("`pick` is one-hot. With any other value y is zero.", False),
        ("pick is not one-hot.", False),
    ],
)
def test_a_text_may_call_an_input_one_hot(text, called):
    assert ("pick" in one_hot_inputs(problem(ONE_HOT_MUX, text))) == called


def test_a_word_that_is_an_input_too_is_not_called_one_hot():
    case = problem(ONE_HOT_MUX.replace("pick", "in"), "Decode the number in a one-hot code.")
    assert not one_hot_inputs(case)
    case = problem(ONE_HOT_MUX.replace("pick", "in"), "The input `in` is one-hot.")
    assert one_hot_inputs(case) == {"in"}


@pytest.mark.parametrize(
    ("name", "width", "text", "called"),
    [
        ("state", 8, "y is the one-hot code of the number state.", False),
        ("s", 8, "A one-hot decoder for state machines.", False),
        ("s", 3, "y is one-hot: priority of s.", False),
        ("s", 3, "The states are one-hot; s is the present one.", True),
        ("state", 3, "Assume a one-hot encoding.", True),
    ],
)
def test_the_input_of_a_decoder_is_no_one_hot_state(name, width, text, called):
    ports = f"input [2:0] {name}, output [{width - 1}:0] y"
    case = problem(f"module top({ports}); assign y = 1 << {name}; endmodule", text)
    assert (name in one_hot_inputs(case)) == called
