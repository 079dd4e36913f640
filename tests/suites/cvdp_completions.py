"""Our own completions of public rows of CVDP: one that is right, and changes that make it wrong.

Where a row asks to mend or change a file, the completion is made from that file when the test runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.suites.cvdp_designs import (
    CASCADE,
    CELLS,
    CLOCK,
    COMPARATOR,
    ENCODER,
    GALOIS,
    GRAY,
    HAMMING,
    LANES,
    MULTIPLEXER,
    SHIFTER,
    SWIZZLER,
    USR,
)
from tests.suites.cvdp_systems import (
    BROADCAST,
    FIFO,
    RAM,
    SLICER,
    SLICER_TOP,
    TIMER,
    TRIPLE_DES,
)

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


NO_TESTBENCH = "module ttc_counter_lite_tb;\nendmodule\n"
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
    "cvdp_agentic_Min_Hamming_Distance_Finder_0001": Ours(
        own("rtl/Min_Hamming_Distance_Finder.sv", HAMMING),
        (("< min_d", "<= min_d"), ("min_distance = distances[i*W +: W];", "")),
    ),
    "cvdp_agentic_signed_comparator_0001": Ours(
        own("rtl/signed_comparator.sv", COMPARATOR),
        (("x > y ?", "x < y ?"), ("enable ? compared", "enable ? 3'b001")),
    ),
    "cvdp_agentic_cellular_automata_0002": Ours(
        own("rtl/pseudoRandGenerator_ca.sv", CELLS), (("CA_seed : next", "16'd2 : next"),)
    ),
    "cvdp_agentic_dual_port_memory_0001": Ours(
        mended(
            "rtl/dual_port_memory.sv",
            (" or negedge clk", ""),
            (" ^ 4'b1010", ""),
            (" ^ 4'b1100", ""),
            (" >> 1", ""),
            (" << 1", ""),
            ("ram[addr_b] + 1", "ram[addr_b]"),
            ("ram[addr_b] - 1", "ram[addr_b]"),
            ("[DATA_WIDTH:0]", "[DATA_WIDTH-1:0]"),
        ),
        (("<= data_in_b", "<= ~data_in_b"), ("ram[addr_a] <=", "ram[addr_b] <=")),
    ),
    "cvdp_agentic_axis_broadcaster_0001": Ours(
        own("rtl/axis_broadcast.sv", BROADCAST), (("full ?", "0 ?"), ("full <= 0;", ""))
    ),
    "cvdp_agentic_phase_rotation_0013": Ours(
        lambda _: {"rtl/slicer.sv": SLICER, "rtl/slicer_top.sv": SLICER_TOP},
        (("-i_sample_pos - high", "-i_sample_pos + high"), ("if (asked) {", "if (o_cost_rdy) {")),
    ),
    "cvdp_agentic_async_fifo_compute_ram_application_0006": Ours(
        own("rtl/async_fifo.sv", FIFO), ((".i_wr_addr(write_at)", ".i_wr_addr(read_at)"),)
    ),
    "cvdp_agentic_DES_0005": Ours(
        own("rtl/des3_enc.sv", TRIPLE_DES),
        (("second_key[15],", "second_key[14],"), ("des_dec two", "des_enc two")),
    ),
    "cvdp_agentic_swizzler_0001": Ours(
        own("rtl/swizzler.sv", LANES),
        (("bypass ? i :", ""), ("[i*W +: W])", "[(NUM_LANES-1-i)*W +: W])")),
    ),
    "cvdp_agentic_multiplexer_0001": Ours(
        own("rtl/multiplexer.sv", MULTIPLEXER),
        (("bypass ? inp[DATA_WIDTH-1:0]", "0 ? 0"), ("inp[sel*", "inp[!sel*")),
    ),
    "cvdp_agentic_byte_enable_ram_0002": Ours(
        own("rtl/custom_byte_enable_ram.sv", RAM),
        (("en_b ? be_b :", "en_b ? ~be_b :"), ("data_out_a <= ram[at_a]", "data_out_a <= new_a")),
    ),
    "cvdp_agentic_ttc_lite_0001": Ours(
        lambda _: {"rtl/ttc_counter_lite.sv": TIMER, "verif/ttc_counter_lite_tb.sv": NO_TESTBENCH},
        (("divided >= prescaler", "1"), ("4: status <= 0;", "4: status <= 1;")),
    ),
    "cvdp_agentic_fixed_arbiter_0010": Ours(
        mended(
            "rtl/fixed_priority_arbiter.sv",
            ("input reset, ", "input reset, enable, clear, output [2:0] active_grant, "),
            ("if (reset) begin", "if (reset || clear) begin"),
            (
                "else begin\n            if (priority",
                "else if (enable) begin\n            if (priority",
            ),
            ("always @(", "assign active_grant = grant_index;\n    always @("),
        ),
        (("|| clear", ""), ("grant <= 8'b00000100;", "grant <= 8'b00001000;")),
    ),
}
