"""RTLLM's testbenches: other readings of the texts pass, and what no reading allows fails."""

from __future__ import annotations

import pytest

from itertl_eval import grade_many, load_suite

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def suite():
    return load_suite("rtllm")


RIGHT = {
    # Readings that the published references do not have.
    "edge_detect": """
        module edge_detect(input clk, input rst_n, input a, output reg rise, output reg down);
          reg past;
          always @(posedge clk)
            if (!rst_n) begin rise <= 0; down <= 0; past <= a; end
            else begin rise <= a & ~past; down <= ~a & past; past <= a; end
        endmodule""",
    "signal_generator": """
        module signal_generator(input clk, input rst_n, output reg [4:0] wave);
          reg down;
          always @(posedge clk or negedge rst_n)
            if (!rst_n) begin wave <= 0; down <= 0; end
            else begin
              wave <= down ? wave - 1 : wave + 1;
              if (!down && wave == 30) down <= 1;
              if (down && wave == 1) down <= 0;
            end
        endmodule""",
    "pulse_detect": """
        module pulse_detect(input clk, input rst_n, input data_in, output reg data_out);
          reg [1:0] last;
          always @(posedge clk or negedge rst_n)
            if (!rst_n) begin last <= 0; data_out <= 0; end
            else begin last <= {last[0], data_in}; data_out <= last == 2'b01 && !data_in; end
        endmodule""",
    "sequence_detector": """
        module sequence_detector(input clk, input reset_n, input data_in,
                                 output reg sequence_detected);
          reg [3:0] last;
          always @(posedge clk)
            if (!reset_n) begin last <= 0; sequence_detected <= 0; end
            else begin
              sequence_detected <= {last[2:0], data_in} == 4'b1001;
              last <= {last[2:0], data_in} == 4'b1001 ? 4'b0000 : {last[2:0], data_in};
            end
        endmodule""",
    "multi_pipe_8bit": """
        module multi_pipe_8bit(input clk, input rst_n, input mul_en_in, input [7:0] mul_a,
                               input [7:0] mul_b, output mul_en_out, output [15:0] mul_out);
          reg valid; reg [15:0] product;
          always @(posedge clk or negedge rst_n)
            if (!rst_n) begin valid <= 0; product <= 0; end
            else begin valid <= mul_en_in; product <= mul_a * mul_b; end
          assign mul_en_out = valid;
          assign mul_out = valid ? product : 16'd0;
        endmodule""",
    # Two's complement, which no test may refuse for another default width either.
    "fixed_point_adder": """
        module fixed_point_adder #(parameter Q = 8, N = 16)
            (input [N-1:0] a, b, output reg [N-1:0] c);
          always @* begin
            c = a + b;
            if (a[N-1] == b[N-1] && c[N-1] != a[N-1]) c = {a[N-1], {N-1{!a[N-1]}}};
          end
        endmodule""",
    "fixed_point_substractor": """
        module fixed_point_subtractor #(parameter Q = 8, N = 16)
            (input [N-1:0] a, b, output [N-1:0] c);
          assign c = a - b;
        endmodule""",
    # `done` falls when `start` ends just before the count of 17.
    "multi_16bit": """
        module multi_16bit(input clk, rst_n, start, input [15:0] ain, bin,
                           output reg [31:0] yout, output reg done);
          reg [4:0] i; reg [15:0] a, b;
          always @(posedge clk or negedge rst_n)
            if (!rst_n) {i, a, b, yout, done} <= 0;
            else begin
              done <= i == 16;
              i <= !start ? 0 : i < 17 ? i + 1 : i;
              if (start && i == 0) begin a <= ain; b <= bin; end
              else if (start && i < 17 && a[i-1]) yout <= yout + (b << (i - 1));
            end
        endmodule""",
}

MULTIPLIER = """
    module float_multi(input clk, rst, input [31:0] a, b, output reg [31:0] z);
      wire sign = a[31] ^ b[31], zero = !a[30:23] || !b[30:23];
      wire a_nan = &a[30:23] && a[22:0], b_nan = &b[30:23] && b[22:0];
      wire infinite = &a[30:23] || &b[30:23];
      wire [47:0] p = {1'b1, a[22:0]} * {1'b1, b[22:0]}, n = p[47] ? p : p << 1;
      wire [24:0] m = n[47:24] + (n[23] && (|n[22:0] || n[24]));
      wire signed [10:0] e = a[30:23] + b[30:23] - 11'sd127 + p[47] + m[24];
      always @(posedge clk)
        if (rst) z <= 0;
        else if (a_nan || b_nan || infinite && zero) z <= 32'h7fc00000;
        else if (infinite || !zero && e >= 255) z <= {sign, 31'h7f800000};
        else if (zero || e <= 0) z <= {sign, 31'h0};
        else z <= {sign, e[7:0], m[22:0]};
    endmodule"""

DIVIDER = """
    module radix2_div(input clk, rst, sign, input [7:0] dividend, divisor,
                      input opn_valid, res_ready, output reg res_valid, output reg [15:0] result);
      reg [7:0] q, r, magnitude; reg [3:0] left; reg negate_q, negate_r;
      wire [7:0] positive = sign && divisor[7] ? -divisor : divisor;
      wire [8:0] shifted = {r, q[7]};
      wire fits = shifted >= magnitude;
      wire [7:0] next_r = fits ? shifted - magnitude : shifted, next_q = {q[6:0], fits};
      always @(posedge clk)
        if (rst) {res_valid, left} <= 0;
        else begin
          if (res_ready) res_valid <= 0;
          if (left) begin
            {q, r, left} <= {next_q, next_r, left - 4'd1};
            if (left == 1) begin
              res_valid <= 1;
              result <= {negate_r ? -next_r : next_r, negate_q ? -next_q : next_q};
            end
          end else if (opn_valid && !res_valid) begin
            {r, left} <= {8'd0, 4'd8};
            magnitude <= positive;
            q <= sign && dividend[7] ? -dividend : dividend;
            {negate_q, negate_r} <= {2{sign}} & {dividend[7] ^ divisor[7], dividend[7]};
          end
        end
    endmodule"""

WRONG = {
    # A default that is not the text's.
    "clkgenerator: default": """
        module clkgenerator #(parameter PERIOD = 20) (output reg clk);
          initial clk = 0;
          always #(PERIOD / 2) clk = ~clk;
        endmodule""",
    # The text says that the registers follow the reset without the clock.
    "JC_counter: reset": """
        module JC_counter(input clk, rst_n, output reg [63:0] Q);
          always @(posedge clk) Q <= !rst_n ? 0 : {~Q[0], Q[63:1]};
        endmodule""",
    "multi_pipe_4bit: reset": """
        module multi_pipe_4bit #(parameter size = 4)
            (input clk, rst_n, input [size-1:0] mul_a, mul_b, output reg [2*size-1:0] mul_out);
          reg [2*size-1:0] product;
          always @(posedge clk) product <= !rst_n ? 0 : mul_a * mul_b;
          always @(posedge clk or negedge rst_n) mul_out <= !rst_n ? 0 : product;
        endmodule""",
    "multi_booth_8bit: reset": """
        module multi_booth_8bit(input clk, reset, input signed [7:0] a, b,
                                output reg signed [15:0] p, output reg rdy);
          reg [4:0] count; reg signed [7:0] x, y;
          always @(posedge clk)
            if (reset) begin count <= 0; rdy <= 0; p <= 0; x <= a; y <= b; end
            else if (count < 16) begin count <= count + 1; p <= x * y; end
            else rdy <= 1;
        endmodule""",
    # Written on the falling edge.
    "RAM: falling edge": """
        module RAM(input clk, rst_n, write_en, input [7:0] write_addr, input [5:0] write_data,
                   input read_en, input [7:0] read_addr, output reg [5:0] read_data);
          reg [5:0] words [0:7]; integer i;
          always @(negedge clk or negedge rst_n)
            if (!rst_n) for (i = 0; i < 8; i = i + 1) words[i] <= 0;
            else if (write_en) words[write_addr[2:0]] <= write_data;
          always @(posedge clk or negedge rst_n)
            read_data <= !rst_n || !read_en ? 0 : words[read_addr[2:0]];
        endmodule""",
    # The sign of a zero that nothing sets.
    "fixed_point_adder: zero": """
        module fixed_point_adder #(parameter Q = 8, N = 16)
            (input [N-1:0] a, b, output reg [N-1:0] c);
          wire [N-2:0] x = a, y = b;
          always @* begin
            c[N-2:0] = a[N-1] == b[N-1] ? x + y : x > y ? x - y : y - x;
            if (a[N-1] == b[N-1] || x > y) c[N-1] = a[N-1];
            else if (x < y) c[N-1] = b[N-1];
          end
        endmodule""",
    # Only as wide and deep as the defaults.
    "asyn_fifo: a memory without parameters": """
        module dual_port_RAM #(parameter WIDTH = 8, DEPTH = 16)
            (input wclk, wenc, input [$clog2(DEPTH)-1:0] waddr, input [WIDTH-1:0] wdata,
             input rclk, renc, input [$clog2(DEPTH)-1:0] raddr, output reg [WIDTH-1:0] rdata);
          reg [WIDTH-1:0] words [0:DEPTH-1];
          always @(posedge wclk) if (wenc) words[waddr] <= wdata;
          always @(posedge rclk) if (renc) rdata <= words[raddr];
        endmodule
        module asyn_fifo #(parameter WIDTH = 8, DEPTH = 16)
            (input wclk, rclk, wrstn, rrstn, winc, rinc, input [WIDTH-1:0] wdata,
             output wfull, rempty, output [WIDTH-1:0] rdata);
          localparam A = $clog2(DEPTH);
          reg [A:0] w, r, w1, w2, r1, r2;
          wire [A:0] wgray = w ^ (w >> 1), rgray = r ^ (r >> 1);
          wire wen = winc && !wfull, ren = rinc && !rempty;
          assign wfull = wgray == {~r2[A:A-1], r2[A-2:0]}, rempty = rgray == w2;
          always @(posedge wclk or negedge wrstn)
            if (!wrstn) {w, r2, r1} <= 0;
            else begin w <= w + wen; {r2, r1} <= {r1, rgray}; end
          always @(posedge rclk or negedge rrstn)
            if (!rrstn) {r, w2, w1} <= 0;
            else begin r <= r + ren; {w2, w1} <= {w1, wgray}; end
          dual_port_RAM memory(wclk, wen, w[A-1:0], wdata, rclk, ren, r[A-1:0], rdata);
        endmodule""",
    # Halves are rounded up, not to the even number.
    "float_multi: halves": MULTIPLIER.replace("(|n[22:0] || n[24])", "1'b1"),
    # The exponent of a very small product wraps around.
    "float_multi: underflow": MULTIPLIER.replace("|| e <= 0", ""),
    # What announces a result stays 1 in a reset.
    "adder_pipe_64bit: reset": """
        module adder_pipe_64bit(input clk, rst_n, i_en, input [63:0] adda, addb,
                                output reg [64:0] result, output reg o_en);
          reg on; reg [64:0] sum;
          always @(posedge clk or negedge rst_n)
            if (!rst_n) on <= 0;
            else begin {o_en, on} <= {on, i_en}; sum <= adda + addb; result <= sum; end
        endmodule""",
    "multi_pipe_8bit: reset": """
        module multi_pipe_8bit(input clk, rst_n, mul_en_in, input [7:0] mul_a, mul_b,
                               output reg mul_en_out, output [15:0] mul_out);
          reg on; reg [15:0] product, last;
          assign mul_out = mul_en_out ? last : 0;
          always @(posedge clk or negedge rst_n)
            if (!rst_n) {on, product, last} <= 0;
            else begin
              {mul_en_out, on} <= {on, mul_en_in};
              {last, product} <= {product, 16'd0 + mul_a * mul_b};
            end
        endmodule""",
    "serial2parallel: reset": """
        module serial2parallel(input clk, rst_n, din_serial, din_valid,
                               output reg [7:0] dout_parallel, output reg dout_valid = 0);
          reg [2:0] count;
          always @(posedge clk or negedge rst_n)
            if (!rst_n) {count, dout_parallel} <= 0;
            else begin
              dout_valid <= din_valid && count == 7;
              if (din_valid) begin
                dout_parallel <= {dout_parallel, din_serial};
                count <= count + 1;
              end
            end
        endmodule""",
    "radix2_div: reset": DIVIDER.replace("{res_valid, left} <= 0", "left <= 0").replace(
        "res_valid,", "res_valid = 0,"
    ),
    # `done` alone follows the reset without the clock.
    "multi_16bit: reset": RIGHT["multi_16bit"]
    .replace("{i, a, b, yout, done} <= 0", "done <= 0")
    .replace("endmodule", "always @(posedge clk) if (!rst_n) {i, a, b, yout} <= 0; endmodule"),
    # The operands have to be saved, and an offer is refused while a result waits.
    "radix2_div: operands": DIVIDER.replace(">= magnitude", ">= positive"),
    "radix2_div: result": DIVIDER.replace("opn_valid && !res_valid", "opn_valid"),
    # Sign and magnitude for some signs, two's complement for others.
    "fixed_point_adder: mixture": """
        module fixed_point_adder #(parameter Q = 8, N = 16)
            (input [N-1:0] a, b, output [N-1:0] c);
          wire [N-2:0] x = a, y = b, sum = x + y, more = x - y, less = y - x;
          assign c = a[N-1] == b[N-1] ? {a[N-1], sum} : a[N-1] ? a + b
                   : x > y ? {1'b0, more} : {x != y, less};
        endmodule""",
    "fixed_point_substractor: mixture": """
        module fixed_point_subtractor #(parameter Q = 8, N = 16)
            (input [N-1:0] a, b, output [N-1:0] c);
          wire [N-2:0] sum = a[N-2:0] + b[N-2:0];
          assign c = a[N-1] == b[N-1] ? a - b : {a[N-1], sum};
        endmodule""",
}


@pytest.mark.simulator
def test_other_readings_of_the_text_pass(suite):
    right = {**RIGHT, "float_multi": MULTIPLIER, "radix2_div": DIVIDER}
    verdicts = grade_many([(suite[name], source) for name, source in right.items()])
    assert len(verdicts) == len(right)
    assert {v.task_id: v.message for v in verdicts if not v.passed} == {}


@pytest.mark.simulator
def test_what_no_reading_of_the_text_allows_fails(suite):
    names = [label.partition(":")[0] for label in WRONG]
    verdicts = grade_many(
        [(suite[n], source) for n, source in zip(names, WRONG.values(), strict=True)]
    )
    stages = dict(zip(WRONG, (v.stage for v in verdicts), strict=True))
    assert stages == dict.fromkeys(WRONG, "simulate")
