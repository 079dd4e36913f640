"""Wrong designs that a testbench of rtl_core once missed, and right ones that one rejected."""

from __future__ import annotations

import pytest

from itertl_eval import grade, load_suite

pytestmark = pytest.mark.simulator

CHANGES = {  # problem and fault -> what the reference has, what a wrong design has there
    "traffic_light": ("walk  <= to_side && (pending || button)", "walk <= to_side && pending"),
    "axi_lite_registers: reads wait for the read before": (
        "&& !s_axi_bvalid;",
        "&& !s_axi_bvalid && !s_axi_rvalid;",
    ),
    "axi_lite_registers: a read waits for a write's data": (
        "assign s_axi_arready = !s_axi_rvalid;",
        "assign s_axi_arready = !s_axi_rvalid && !(have_address && !have_data);",
        "else if (s_axi_arvalid) begin",
        "else if (s_axi_arvalid && s_axi_arready) begin",
    ),
    "axi_lite_registers: a read waits for a write's address": (
        "assign s_axi_arready = !s_axi_rvalid;",
        "assign s_axi_arready = !s_axi_rvalid && !(have_data && !have_address);",
        "else if (s_axi_arvalid) begin",
        "else if (s_axi_arvalid && s_axi_arready) begin",
    ),
    "axi_lite_registers: events in reset": ("flags <= 8'd0;", "flags <= events;"),
    "axi_lite_registers: a refused write clears flags": (
        "write && address == FLAGS",
        "write && address[2:0] == FLAGS[2:0]",
    ),
    "axi_lite_registers: any flag, any enable": (
        "(flags & control[7:0]) != 8'd0",
        "flags != 8'd0 && control[7:0] != 8'd0",
    ),
    "axi_lite_registers: what is offered changes": (
        "logic [3:0] address, strobe;",
        "logic [3:0] address, strobe, taken;",
        "s_axi_rresp <= OKAY;",
        "s_axi_rresp <= OKAY; taken <= s_axi_araddr[5:2];",
        "if (s_axi_rready) s_axi_rvalid <= 1'b0;",
        "if (s_axi_rready) s_axi_rvalid <= 1'b0; if (taken == FLAGS) s_axi_rdata <= flags;",
    ),
    "async_fifo: never more than eight words": ("mem[0:(1<<DEPTH_BITS)-1]", "mem[0:7]"),
    "debouncer: one sample too few after six": (
        "count <= 3'd0;\n            end else if",
        "count <= clean && count == 3'd6;\n            end else if",
    ),
    "divider: never more than 16 bits": ("logic [CW-1:0] count;", "logic [3:0] count;"),
    "sync_fifo: never more than eight words": ("mem[0:DEPTH-1]", "mem[0:7]"),
    "uart_rx: never more than 16 clock cycles": ("logic [CW-1:0] clocks;", "logic [3:0] clocks;"),
    "uart_rx: pulses stay in reset": (
        "        valid <= 1'b0;\n        frame_error <= 1'b0;\n        if (rst)",
        "        if (rst)",
        "end else begin\n",
        "end else begin {valid, frame_error} <= 0;\n",
    ),
    "uart_tx: never more than 16 clock cycles": ("logic [CW-1:0] clocks;", "logic [3:0] clocks;"),
}

FIFO = """
    module async_fifo #(parameter WIDTH = 8, DEPTH_BITS = 3)
        (input rst_n, wr_clk, wr_en, input [WIDTH-1:0] wr_data, output reg full,
         input rd_clk, rd_en, output [WIDTH-1:0] rd_data, output reg empty);
      localparam N = DEPTH_BITS;
      reg [WIDTH-1:0] words [0:(1<<N)-1];
      reg [N:0] w, r, wgray, rgray, w1, w2, r1, r2;
      wire [N:0] wnext = w + (wr_en && !full), rnext = r + (rd_en && !empty);
      wire [N:0] wgray_next = wnext ^ (wnext >> 1), rgray_next = rnext ^ (rnext >> 1);
      assign rd_data = words[r[N-1:0]];
      always @(posedge wr_clk) if (wr_en && !full) words[w[N-1:0]] <= wr_data;
      always @(posedge wr_clk or negedge rst_n)
        if (!rst_n) {w, wgray, full} <= 0;
        else begin
          {w, wgray} <= {wnext, wgray_next};
          full <= wgray_next == {~r2[N:N-1], r2[N-2:0]};
        end
      always @(posedge rd_clk or negedge rst_n)
        if (!rst_n) {r, rgray, empty} <= 1;
        else begin
          {r, rgray} <= {rnext, rgray_next};
          empty <= rgray_next == w2;
        end
      always @(posedge wr_clk or negedge rst_n) {r2, r1} <= rst_n ? {r1, rgray} : 0;
      always @(posedge rd_clk or negedge rst_n) {w2, w1} <= rst_n ? {w1, wgray} : 0;
    endmodule"""

WRONG = {  # what the other side has done is forgotten with the clock only
    "async_fifo: resets of the writer": FIFO.replace(
        "(posedge wr_clk or negedge rst_n) {r2, r1} <= rst_n ? {r1, rgray} : 0;",
        "(posedge wr_clk) {r2, r1} <= {r1, rgray};",
    ),
    "async_fifo: resets of the reader": FIFO.replace(
        "(posedge rd_clk or negedge rst_n) {w2, w1} <= rst_n ? {w1, wgray} : 0;",
        "(posedge rd_clk) {w2, w1} <= {w1, wgray};",
    ),
}

RIGHT = {
    "async_fifo": FIFO,
    # slow to simulate: one multiplexer per bit, each of which reads a vector that all write
    "barrel_shifter": """
        module mux2(input a, b, sel, output y);
          assign y = sel ? b : a;
        endmodule
        module barrel_shifter #(parameter WIDTH = 16)
            (input [WIDTH-1:0] data, input [$clog2(WIDTH)-1:0] amount, input [1:0] op,
             output [WIDTH-1:0] result);
          localparam STAGES = $clog2(WIDTH);
          wire [WIDTH-1:0] stage [0:STAGES];
          wire sign = op == 2 && data[WIDTH-1];
          genvar i, j;
          assign stage[0] = data;
          assign result = stage[STAGES];
          generate
            for (i = 0; i < STAGES; i = i + 1) begin : stages
              for (j = 0; j < WIDTH; j = j + 1) begin : bits
                wire left, right;
                if (j < 1 << i) assign left = 1'b0;
                else assign left = stage[i][j - (1 << i)];
                if (j + (1 << i) < WIDTH) assign right = stage[i][j + (1 << i)];
                else assign right = op == 3 ? stage[i][j + (1 << i) - WIDTH] : sign;
                mux2 mux(stage[i][j], op == 0 ? left : right, amount[i], stage[i+1][j]);
              end
            end
          endgenerate
        endmodule""",
}


@pytest.fixture(scope="module")
def suite():
    return load_suite("rtl_core")


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("fault", CHANGES)
def test_a_wrong_design_that_was_missed_fails(suite, fault, seed):
    problem = suite[fault.partition(":")[0]]
    design, changes = problem.reference, CHANGES[fault]
    for right, wrong in zip(changes[::2], changes[1::2], strict=True):
        assert design.count(right) == 1
        design = design.replace(right, wrong)
    verdict = grade(problem, design, seed=seed)
    assert (verdict.status, verdict.stage) == ("fail", "simulate")


@pytest.mark.parametrize("fault", WRONG)
def test_another_design_that_was_missed_fails(suite, fault):
    assert grade(suite[fault.partition(":")[0]], WRONG[fault]).stage == "simulate"


@pytest.mark.parametrize("task_id", RIGHT)
def test_a_right_design_that_was_rejected_passes(suite, task_id):
    assert grade(suite[task_id], RIGHT[task_id]).passed
