"""Our own completions of public rows of CVDP: one that is right, and changes that make it wrong.

Where a row asks to mend or change a file, the completion is made from that file when the test runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

Files = Mapping[str, str]


class Ours(NamedTuple):
    """`right` has the files for a row's context; each pair of `wrong` is a replacement in them."""

    right: Callable[[Files], dict[str, str]]
    wrong: tuple[tuple[str, str], ...]


def own(path: str, text: str) -> Callable[[Files], dict[str, str]]:
    """A completion that is written from the specification alone."""
    return lambda _: {path: text}


def mended(path: str, *pairs: tuple[str, str]) -> Callable[[Files], dict[str, str]]:
    """A completion that replaces parts of the row's own file."""

    def made(context: Files) -> dict[str, str]:
        text = context[path]
        for old, new in pairs:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return {path: text}

    return made


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
OLD_COUNTER = "rtl/generic_counter.sv"
PROGRESSION = "rtl/arithmetic_progression_generator.sv"

COMPLETIONS: dict[str, Ours] = {
    "cvdp_copilot_lfsr_0001": Ours(
        own("rtl/lfsr_8bit.sv", GALOIS), (("0011_0001", "0011_0000"), ("!reset", "reset"))
    ),
    "cvdp_copilot_bcd_counter_0001": Ours(
        own("rtl/bcd_counter.sv", CLOCK),
        (("ls_hr == 3", "ls_hr == 4"), ("ms_sec == 5", "ms_sec == 6")),
    ),
    "cvdp_copilot_8x3_priority_encoder_0013": Ours(
        own("rtl/cascaded_encoder.v", ENCODER + CASCADE),
        (("1'b0, out_l", "1'b1, out_l"), ("out = i", "out = 0")),
    ),
    "cvdp_copilot_generic_nbit_counter_0036": Ours(
        mended(
            OLD_COUNTER,
            ("count <= count + 2;", "count <= count + 1;"),
            ("count <= count >> 1;", "count <= count + 1;"),
            ("end else begin\n            case", "end else if (enable_in) begin\n            case"),
            ("o_count = count", "o_count = mode_in == GRAY ? count ^ (count >> 1) : count"),
        ),
        (("if (enable_in)", ""), ("count - 1", "count - 2"), ("mode_in == GRAY", "0")),
    ),
    "cvdp_agentic_binary_to_gray_0003": Ours(
        own("rtl/binary_to_gray.sv", GRAY), ((">> 1", "<< 1"),)
    ),
    "cvdp_agentic_barrel_shifter_0001": Ours(
        mended(
            "rtl/barrel_shifter.sv",
            ("data_in < shift", "data_in << shift"),
            ("data_in > shift", "data_in >> shift"),
        ),
        (("<<", ">>"),),
    ),
    "cvdp_agentic_barrel_shifter_0002": Ours(
        own("rtl/barrel_shifter.sv", SHIFTER), ((">>>", ">>"),)
    ),
    "cvdp_agentic_lfsr_0001": Ours(
        mended(
            "rtl/lfsr_8bit.sv",
            ("8'b00000001", "seed"),
            ("lfsr_out[5] ^", "lfsr_out[5] ^ lfsr_out[4] ^"),
        ),
        (("lfsr_out[4] ^", ""), ("<= seed", "<= 0")),
    ),
    "cvdp_agentic_lfsr_0005": Ours(
        mended(
            "rtl/bit16_lfsr.sv",
            ("lfsr_out[4] ^ lfsr_out[3] ^ lfsr_out[2]", "lfsr_out[5] ^ lfsr_out[4] ^ lfsr_out[3]"),
        ),
        (("{feedback", "{1'b0"),),
    ),
    "cvdp_agentic_nbit_swizzling_0001": Ours(
        own("rtl/nbit_swizzling.sv", SWIZZLER),
        ((">> sel", ">> 1"), ("data_out >> 1", "data_out >> 2")),
    ),
    "cvdp_agentic_caesar_cipher_0001": Ours(
        mended(
            "rtl/caesar_cipher.sv",
            ('c >= "A" && c >= "Z"', 'c >= "A" && c <= "Z"'),
            ('c <= "a" && c >= "z"', 'c >= "a" && c <= "z"'),
        ),
        (('c <= "z"', 'c < "z"'), ('% 26) + "A"', ') + "A"')),
    ),
    "cvdp_agentic_universal_shift_reg_0001": Ours(
        own("rtl/universal_shift_register.sv", USR),
        (("mode_sel != 0", "1"), ("mode_sel[1] ?", "0 ?")),
    ),
    "cvdp_agentic_arithmetic_progression_generator_0001": Ours(
        mended(
            PROGRESSION,
            (
                "$clog2(SEQUENCE_LENGTH) + DATA_WIDTH",
                "(SEQUENCE_LENGTH > 1 ? $clog2(SEQUENCE_LENGTH) : 1) + DATA_WIDTH",
            ),
            ("[$clog2(SEQUENCE_LENGTH)-1:0] counter", "[31:0] counter"),
            ("else if (enable) begin", "else if (enable && SEQUENCE_LENGTH > 0) begin"),
        ),
        (("enable && SEQUENCE_LENGTH > 0", "enable"),),
    ),
}
