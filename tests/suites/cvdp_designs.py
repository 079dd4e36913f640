"""Our own designs for public rows of CVDP, written from their specifications: small ones."""

GALOIS = """\
module lfsr_8bit(input clock, input reset, input [7:0] lfsr_seed, output reg [7:0] lfsr_out);
  wire [7:0] taps = 8'b0011_0001;
  always @(posedge clock or negedge reset)
    if (!reset) lfsr_out <= lfsr_seed;
    else lfsr_out <= {lfsr_out[0], lfsr_out[7:1]} ^ (taps & {8{lfsr_out[0]}});
endmodule
"""
CLOCK = """\
module bcd_counter(input clk, input rst, output reg [3:0] ms_hr, ls_hr, ms_min, ls_min, ms_sec,
                   ls_sec);
  wire s0 = ls_sec == 9, s1 = s0 && ms_sec == 5, m0 = s1 && ls_min == 9, m1 = m0 && ms_min == 5;
  wire last = ms_hr == 2 && ls_hr == 3;
  always @(posedge clk or posedge rst)
    if (rst) {ms_hr, ls_hr, ms_min, ls_min, ms_sec, ls_sec} <= 0;
    else begin
      ls_sec <= s0 ? 0 : ls_sec + 1;
      if (s0) ms_sec <= s1 ? 0 : ms_sec + 1;
      if (s1) ls_min <= m0 ? 0 : ls_min + 1;
      if (m0) ms_min <= m1 ? 0 : ms_min + 1;
      if (m1) begin
        ls_hr <= last || ls_hr == 9 ? 0 : ls_hr + 1;
        ms_hr <= last ? 0 : ms_hr + (ls_hr == 9);
      end
    end
endmodule
"""
ENCODER = """\
module priority_encoder #(parameter N = 8, parameter M = 3)
    (input [N-1:0] input_signal, output reg [M-1:0] out);
  integer i;
  always @* begin
    out = 0;
    for (i = 0; i < N; i = i + 1) if (input_signal[i]) out = i;
  end
endmodule
"""
CASCADE = """\
module cascaded_encoder #(parameter N = 8, parameter M = 3)
    (input [N-1:0] input_signal, output [M-1:0] out,
     output [M-2:0] out_upper_half, out_lower_half);
  wire [N/2-1:0] upper = input_signal[N-1:N/2], lower = input_signal[N/2-1:0];
  priority_encoder #(.N(N/2), .M(M-1)) u(.input_signal(upper), .out(out_upper_half));
  priority_encoder #(.N(N/2), .M(M-1)) l(.input_signal(lower), .out(out_lower_half));
  assign out = |upper ? {1'b1, out_upper_half} : {1'b0, out_lower_half};
endmodule
"""
GRAY = """\
module binary_to_gray #(parameter WIDTH = 6)
    (input [WIDTH-1:0] binary_in, output [WIDTH-1:0] gray_out);
  assign gray_out = binary_in ^ (binary_in >> 1);
endmodule
"""
SHIFTER = """\
module barrel_shifter(input [7:0] data_in, input [2:0] shift_bits, input left_right, shift_mode,
                      output [7:0] data_out);
  wire signed [7:0] value = data_in;
  wire [7:0] right = data_in >> shift_bits, arithmetic = value >>> shift_bits;
  assign data_out = left_right ? data_in << shift_bits : shift_mode ? arithmetic : right;
endmodule
"""
SWIZZLER = """\
module nbit_swizzling #(parameter DATA_WIDTH = 64)
    (input [DATA_WIDTH-1:0] data_in, input [1:0] sel, output reg [DATA_WIDTH-1:0] data_out,
     output [DATA_WIDTH-1:0] gray_out);
  integer i, part;
  always @* begin
    part = DATA_WIDTH >> sel;
    for (i = 0; i < DATA_WIDTH; i = i + 1)
      data_out[i] = data_in[(i / part) * part + part - 1 - i % part];
  end
  assign gray_out = data_out ^ (data_out >> 1);
endmodule
"""
USR = """\
module universal_shift_register #(parameter N = 8)(input clk, rst, input [1:0] mode_sel,
    input shift_dir, serial_in, input [N-1:0] parallel_in, output reg [N-1:0] q,
    output reg serial_out);
  wire into = mode_sel[1] ? (shift_dir ? q[N-1] : q[0]) : serial_in;
  always @(posedge clk or posedge rst)
    if (rst) q <= 0;
    else if (mode_sel == 3) q <= parallel_in;
    else if (mode_sel != 0) q <= shift_dir ? {q[N-2:0], into} : {into, q[N-1:1]};
  always @* if (shift_dir) serial_out = q[N-1]; else serial_out = q[0];
endmodule
"""
HAMMING = """\
module Min_Hamming_Distance_Finder #(parameter BIT_WIDTH = 8, parameter REFERENCE_COUNT = 4)
    (input [BIT_WIDTH-1:0] input_query, input [REFERENCE_COUNT*BIT_WIDTH-1:0] references,
     output reg [$clog2(REFERENCE_COUNT)-1:0] best_match_index,
     output reg [$clog2(BIT_WIDTH+1)-1:0] min_distance);
  localparam W = $clog2(BIT_WIDTH + 1);
  wire [REFERENCE_COUNT*W-1:0] distances;
  genvar g;
  for (g = 0; g < REFERENCE_COUNT; g = g + 1) begin : each
    Bit_Difference_Counter #(.BIT_WIDTH(BIT_WIDTH)) counter(.input_A(input_query),
      .input_B(references[g*BIT_WIDTH +: BIT_WIDTH]), .bit_difference_count(distances[g*W +: W]));
  end
  integer i;
  always @* begin
    best_match_index = 0;
    min_distance = distances[W-1:0];
    for (i = 1; i < REFERENCE_COUNT; i = i + 1)
      if (distances[i*W +: W] < min_distance) begin
        best_match_index = i;
        min_distance = distances[i*W +: W];
      end
  end
endmodule
"""
COMPARATOR = """\
module signed_comparator #(parameter integer DATA_WIDTH = 16, REGISTER_OUTPUT = 0,
                           ENABLE_TOLERANCE = 0, TOLERANCE = 0, SHIFT_LEFT = 0)
    (input clk, rst_n, enable, bypass, input signed [DATA_WIDTH-1:0] a, b, output reg gt, lt, eq);
  wire signed [DATA_WIDTH-1:0] x = a <<< SHIFT_LEFT, y = b <<< SHIFT_LEFT;
  wire signed [DATA_WIDTH:0] difference = x - y;
  wire [DATA_WIDTH:0] distance = difference < 0 ? -difference : difference;
  wire close = ENABLE_TOLERANCE && distance <= TOLERANCE;
  wire [2:0] compared = close || x == y ? 3'b001 : x > y ? 3'b100 : 3'b010;
  wire [2:0] now = bypass ? 3'b001 : enable ? compared : 3'b000;
  generate
    if (REGISTER_OUTPUT) begin : registered
      always @(posedge clk or negedge rst_n)
        if (!rst_n) {gt, lt, eq} <= 0; else {gt, lt, eq} <= now;
    end else begin : direct
      always @* {gt, lt, eq} = now;
    end
  endgenerate
endmodule
"""
CELLS = """\
module pseudoRandGenerator_ca(input clock, input reset, input [15:0] CA_seed, input [1:0] rule_sel,
                              output reg [15:0] CA_out);
  wire [7:0] rule = rule_sel == 1 ? 8'd110 : 8'd30;
  reg [15:0] next;
  integer i;
  always @* for (i = 0; i < 16; i = i + 1)
    next[i] = rule[{CA_out[(i + 15) % 16], CA_out[i], CA_out[(i + 1) % 16]}];
  always @(posedge clock) CA_out <= reset ? CA_seed : next;
endmodule
"""
LANES = """\
module swizzler #(parameter integer NUM_LANES = 4, DATA_WIDTH = 8, REGISTER_OUTPUT = 0,
                  ENABLE_PARITY_CHECK = 0)
    (input clk, rst_n, bypass, input [NUM_LANES*DATA_WIDTH-1:0] data_in,
     input [NUM_LANES*$clog2(NUM_LANES)-1:0] swizzle_map_flat,
     output reg [NUM_LANES*DATA_WIDTH-1:0] data_out, output reg parity_error);
  localparam W = $clog2(NUM_LANES);
  reg [NUM_LANES*DATA_WIDTH-1:0] moved;
  reg odd;
  integer i;
  always @* begin
    odd = 0;
    for (i = 0; i < NUM_LANES; i = i + 1) begin
      moved[i*DATA_WIDTH +: DATA_WIDTH] =
        data_in[(bypass ? i : swizzle_map_flat[i*W +: W])*DATA_WIDTH +: DATA_WIDTH];
      odd = odd | (ENABLE_PARITY_CHECK != 0 && ^moved[i*DATA_WIDTH +: DATA_WIDTH]);
    end
  end
  generate
    if (REGISTER_OUTPUT) begin : registered
      always @(posedge clk or negedge rst_n)
        if (!rst_n) {data_out, parity_error} <= 0; else {data_out, parity_error} <= {moved, odd};
    end else begin : direct
      always @* {data_out, parity_error} = {moved, odd};
    end
  endgenerate
endmodule
"""
MULTIPLEXER = """\
module multiplexer #(parameter DATA_WIDTH = 8, NUM_INPUTS = 4, REGISTER_OUTPUT = 0, HAS_DEFAULT = 0,
                     parameter [DATA_WIDTH-1:0] DEFAULT_VALUE = 0)
    (input clk, rst_n, input [DATA_WIDTH*NUM_INPUTS-1:0] inp, input [$clog2(NUM_INPUTS)-1:0] sel,
     input bypass, output reg [DATA_WIDTH-1:0] out);
  wire [DATA_WIDTH-1:0] chosen = bypass ? inp[DATA_WIDTH-1:0]
    : HAS_DEFAULT && sel >= NUM_INPUTS ? DEFAULT_VALUE : inp[sel*DATA_WIDTH +: DATA_WIDTH];
  generate
    if (REGISTER_OUTPUT) begin : registered
      always @(posedge clk or negedge rst_n) if (!rst_n) out <= 0; else out <= chosen;
    end else begin : direct
      always @* out = chosen;
    end
  endgenerate
endmodule
"""
