"""Typical mistakes of language models that a testbench once missed, and right designs that one
once rejected."""

from __future__ import annotations

import pytest

from itertl_eval import Problem, grade, load_suite

pytestmark = [pytest.mark.simulator, pytest.mark.data]

WRONG = {
    "review2015_fancytimer": """
    reg [3:0] state, delay;
    reg [9:0] cycle;
    always @(posedge clk) begin
        case (state)
            0: state <= data;
            1: state <= data ? 2 : 0;
            2: state <= data ? 2 : 3;
            3: state <= data ? 4 : 1;  // must be 0
            8: if (cycle != 999) cycle <= cycle + 1;
               else if (delay != 0) begin cycle <= 0; delay <= delay - 1; end
               else state <= 9;
            9: if (ack) state <= 0;
            default: begin state <= state + 1; delay <= {delay[2:0], data}; cycle <= 0; end
        endcase
        if (reset) state <= 0;
    end
    assign count = delay;
    always @* begin counting = state == 8; done = state == 9; end
    """,
    "dff8p": """
    reg [7:0] next;
    always @* next <= reset ? 8'h34 : d;  // at the edge of the reset this has its old value
    always @(negedge clk or posedge reset) q <= next;
    """,
    "dff16e": """
    wire [15:0] ena = {{8{byteena[1]}}, {8{byteena[0]}}};
    reg [15:0] next;
    always @* next <= resetn ? d & ena | q & ~ena : 16'b0;
    always @(posedge clk or negedge resetn) q <= next;
    """,
    "fsm3s": """
    reg [1:0] state, next;
    always @*
        case ({state, in})
            0, 4: next = 0;
            1, 3, 7: next = 1;
            2, 6: next = 2;
            5: next = 3;
        endcase
    wire [1:0] stored = reset ? 0 : next;
    always @(posedge clk or posedge reset) state <= stored;
    assign out = state == 3;
    """,
    "lemmings4": """
    reg right, falling, digs, dead;
    reg [4:0] fallen;
    always @(posedge clk or posedge areset)
        if (areset) {right, falling, digs, dead} <= 0;  // and fallen
        else if (!dead)
            if (!ground) begin
                falling <= 1; digs <= 0;
                if (fallen != 31) fallen <= fallen + 1;
            end else if (falling) begin
                falling <= 0; fallen <= 0;
                if (fallen > 20) dead <= 1;
            end else if (dig || digs) digs <= 1;
            else if (right ? bump_right : bump_left) right <= !right;
    assign {aaah, digging} = {falling && !dead, digs && !dead};
    assign walk_left = !(right || falling || digs || dead);
    assign walk_right = right && !(falling || digs || dead);
    """,
    "review2015_fsmshift": """
    reg [7:0] cycle;
    always @(posedge clk) cycle <= reset ? 0 : cycle + 1;  // starts again
    assign shift_ena = cycle < 4;
    """,
    "fsm_serial": """
    reg [3:0] state;
    always @(posedge clk)
        if (reset && !in) state <= 0;  // whatever the line is
        else case (state)
            0, 10: state <= !in;
            9: state <= in ? 10 : 11;
            11: state <= in ? 0 : 11;
            default: state <= state + 1;
        endcase
    assign done = state == 10;
    """,
    "history_shift": """
    always @(posedge clk or posedge areset)
        if (areset && train_history != 0) predict_history <= 0;
        else if (train_mispredicted) predict_history <= {train_history, train_taken};
        else if (predict_valid) predict_history <= {predict_history, predict_taken};
    """,
    "mux2to1v": "assign out = sel && b ? b : a;",
}

RIGHT = {
    "m2014_q6c": "assign Y2 = ~w & y[1], Y4 = w & ~y[1] & ~y[4];",
    "2012_q2b": "assign Y1 = w & y[0], Y3 = ~w & ~y[0] & ~y[3];",
}


@pytest.fixture(scope="module")
def problems() -> dict[str, Problem]:
    return dict(load_suite("verilogeval_human"))


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_fails(problems, name):
    assert grade(problems[name], f"{WRONG[name]}\nendmodule\n").stage == "simulate"


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_design_passes(problems, name):
    assert grade(problems[name], f"{RIGHT[name]}\nendmodule\n").passed
