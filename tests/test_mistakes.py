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
    "count_clock (the hour moves without enable)": """
    wire [7:0] second = ss[3:0] == 9 ? ss + 7 : ss + 1, minute = mm[3:0] == 9 ? mm + 7 : mm + 1;
    wire full = ss == 8'h59;
    always @(posedge clk)
        if (reset) {pm, hh, mm, ss} <= 25'h120000;
        else begin
            if (ena) ss <= full ? 0 : second;
            if (ena && full) mm <= mm == 8'h59 ? 0 : minute;
            if (full && mm == 8'h59) begin
                hh <= hh == 8'h12 ? 1 : hh == 9 ? 8'h10 : hh + 1;
                if (hh == 8'h11) pm <= !pm;
            end
        end
    """,
    "count_clock (the reset leaves pm)": """
    reg [15:0] time_of_day;
    initial pm = 0;
    always @(posedge clk)
        if (reset) time_of_day <= 0;
        else if (ena) begin
            time_of_day <= time_of_day == 43199 ? 0 : time_of_day + 1;
            if (time_of_day == 43199) pm <= !pm;
        end
    wire [5:0] hour = time_of_day / 3600 == 0 ? 12 : time_of_day / 3600;
    wire [5:0] minute = time_of_day / 60 % 60, second = time_of_day % 60;
    always @* begin
        hh = hour + hour / 10 * 6;
        mm = minute + minute / 10 * 6;
        ss = second + second / 10 * 6;
    end
    """,
    "lemmings4 (falls add up over a dig)": """
    reg [1:0] state;  // walks, falls, digs, is dead
    reg right;
    reg [4:0] fallen;
    always @(posedge clk or posedge areset)
        if (areset) {state, right, fallen} <= 0;
        else case (state)
            0: if (!ground) {state, fallen} <= {2'd1, 5'd0};
               else if (dig) state <= 2;
               else if (right ? bump_right : bump_left) right <= !right;
            1: if (ground) state <= fallen == 20 ? 3 : 0;
               else if (fallen != 20) fallen <= fallen + 1;
            2: if (!ground) state <= 1;  // and fallen <= 0
        endcase
    assign {aaah, digging} = {state == 1, state == 2};
    assign {walk_left, walk_right} = state == 0 ? {!right, right} : 2'b00;
    """,
    "review2015_count1k (wraps once)": """
    reg wrapped = 0;
    always @(posedge clk)
        if (reset) q <= 0;
        else if (q == 999 && !wrapped) {wrapped, q} <= {1'b1, 10'd0};
        else q <= q + 1;
    """,
    "review2015_fancytimer (the reset leaves the number of bits)": """
    reg [3:0] seen, delay;
    reg [1:0] state, bits = 0;
    reg [9:0] cycle;
    always @(posedge clk)
        if (reset) {state, seen} <= 0;
        else case (state)
            0: begin
                seen <= {seen, data};
                cycle <= 0;
                if ({seen[2:0], data} == 4'b1101) state <= 1;
            end
            1: begin
                delay <= {delay, data};
                bits <= bits + 1;
                if (bits == 3) state <= 2;
            end
            2: if (cycle != 999) cycle <= cycle + 1;
               else if (delay != 0) {cycle, delay} <= {10'd0, delay - 4'd1};
               else state <= 3;
            3: if (ack) {state, seen} <= 0;
        endcase
    assign count = delay;
    always @* {counting, done} = {state == 2, state == 3};
    """,
}

CELLS = """
    genvar k;
    generate
        for (k = 0; k < 512; k = k + 1) begin : cells
            wire left, right;
            assign left = k == 511 ? 1'b0 : q[(k + 1) % 512];
            assign right = k == 0 ? 1'b0 : q[(k + 511) % 512];
            always @(posedge clk) q[k] <= load ? data[k] : NEXT;
        end
    endgenerate
"""

RIGHT = {
    "m2014_q6c": "assign Y2 = ~w & y[1], Y4 = w & ~y[1] & ~y[4];",
    "2012_q2b": "assign Y1 = w & y[0], Y3 = ~w & ~y[0] & ~y[3];",
    # slow to simulate: 512 processes, each of which assigns one bit of a vector that all read
    "rule90": CELLS.replace("NEXT", "left ^ right"),
    "rule110": CELLS.replace("NEXT", "(q[k] | right) & ~(left & q[k] & right)"),
}


@pytest.fixture(scope="module")
def problems() -> dict[str, Problem]:
    return dict(load_suite("verilogeval_human"))


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_fails(problems, name):
    assert grade(problems[name.split()[0]], f"{WRONG[name]}\nendmodule\n").stage == "simulate"


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_design_passes(problems, name):
    assert grade(problems[name], f"{RIGHT[name]}\nendmodule\n").passed
