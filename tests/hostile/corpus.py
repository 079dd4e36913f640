"""The hostile corpus: which problem each design answers and what the grader must say of it.

`designs/NAME.sv` holds one attack each, named in its first line. Before it is graded its
placeholders are filled in: `@SECRET@` and the like by paths (see test_hostile.py),
`@REPEAT n text@` by n copies of a text, `@LINES n text@` by n lines in which %N counts from 1
and %P is one less.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from itertl_eval import load_suite
from itertl_eval.problem import Limits, Port, Problem, Prompt

HERE = Path(__file__).parent
DESIGNS = HERE / "designs"
SHORT = Limits(wall=5, cpu=1, memory=256, file=4)
PATIENT = Limits(wall=30, cpu=10, memory=512, file=4)
"""For honest designs: a busy machine must not fail them."""
CYCLES = 174
"""Clock edges in bench_accumulator.py: its items, and two cycles of reset in each case."""


def _problem(name: str, top: str, testbench: str, *ports: Port) -> Problem:
    return Problem(
        id=name,
        suite="hostile",
        top=top,
        ports=ports,
        prompt=Prompt(""),
        testbench=HERE / testbench,
        limits=SHORT,
    )


_CLOCKED = (
    Port("clk", "input"),
    Port("rst", "input"),
    Port("d", "input", 8),
    Port("q", "output", 8),
)
_ADDER = (Port("a", "input", 8), Port("b", "input", 8), Port("y", "output", 8))
_OWN = {
    problem.id: problem
    for problem in (
        _problem("adder", "adder8", "bench_adder.py", *_ADDER),
        _problem("accumulator", "accumulator", "bench_accumulator.py", *_CLOCKED),
        _problem("plain", "accumulator", "plain_accumulator.py", *_CLOCKED),
        _problem(
            "doubler",
            "doubler",
            "bench_doubler.py",
            Port("a", "input", 64),
            Port("y", "output", 64),
        ),
        _problem("single", "single", "bench_single.py", Port("a", "input"), Port("y", "output")),
    )
}
_OWN["sized"] = replace(_OWN["adder"], id="sized", parameters=({"WIDTH": 8},))
GOOD = {
    "adder": "module adder8(input [7:0] a, b, output [7:0] y); assign y = a + b; endmodule\n",
    "accumulator": "module accumulator(input clk, rst, input [7:0] d, output reg [7:0] q);\n"
    "  always @(posedge clk) q <= rst ? 0 : q + d;\nendmodule\n",
    "single": "module single(input a, output y); assign y = ~a; endmodule\n",
    "doubler": "module doubler(input [63:0] a, output [63:0] y); assign y = 2 * a; endmodule\n",
}
GOOD["plain"] = GOOD["accumulator"]
GOOD["sized"] = GOOD["adder"].replace("adder8", "adder8 #(parameter WIDTH = 8) ")


@cache
def problem(name: str) -> Problem:
    """A problem of this folder, or one of rtl_core with short limits."""
    if name in _OWN:
        return _OWN[name]
    return replace(load_suite("rtl_core")[name], limits=SHORT)


@dataclass(frozen=True)
class Case:
    """What must come of one design.

    `status` and `stage` are the allowed ones, separated by blanks; `word` must be in the
    message.
    """

    name: str
    problem: str
    status: str = "fail"
    stage: str = "simulate"
    word: str = ""

    @property
    def honest(self) -> bool:
        return self.name.startswith("honest_")

    @property
    def limits(self) -> Limits:
        return PATIENT if self.honest else SHORT

    def text(self, places: Mapping[str, str]) -> str:
        """The design with its placeholders filled in."""
        text = (DESIGNS / f"{self.name}.sv").read_text(encoding="utf-8")
        text = re.sub(r"@REPEAT (\d+) (.*?)@", lambda m: int(m[1]) * m[2], text)
        text = re.sub(r"@LINES (\d+) (.*?)@", _lines, text)
        fixed = {"CYCLES": str(CYCLES), "SURROGATE": "\ud800", "CONTROL": "\x01\x07\x1b\x7f"}
        for key, value in {**fixed, **places}.items():
            text = text.replace(f"@{key}@", value)
        return text


def _lines(match: re.Match[str]) -> str:
    numbers = range(1, int(match[1]) + 1)
    return "\n".join(match[2].replace("%N", str(n)).replace("%P", str(n - 1)) for n in numbers)


def _table(text: str) -> list[Case]:
    lines = [line for line in text.strip().splitlines() if not line.startswith("#")]
    rows = [[field.strip() for field in line.split("|")] for line in lines]
    return [Case(*row) for row in rows]


# name | problem | status | stage | word in the message
CASES = _table("""
# -- forged verdicts
print_pass_lines | adder | fail | simulate | y: expected
print_json_rows | adder | fail | simulate | y: expected
print_then_finish | adder | fail | simulate | ended
finish_time_zero | accumulator | fail | simulate | ended
finish_zero_argument | adder | fail | simulate | ended
finish_midway | accumulator | fail | simulate | ended
finish_at_first_error | accumulator | fail | simulate
finish_last_cycle | accumulator | fail | simulate
stop_time_zero | adder | fail | simulate | ended
stop_midway | adder | fail | simulate | ended
fatal_time_zero | adder | fail | simulate | ended
fatal_midway | accumulator | fail | simulate | ended
error_formats | adder | fail | simulate elaborate
final_block_forges | adder | fail | simulate syntax
final_block_loops | adder | pass fail | pass syntax
early_end_no_events | plain | fail | interface | 'clk' is driven by the design
alu_stub_forges | simple_alu | fail | simulate
# -- reading
read_secret_fopen | adder | fail | simulate | y: expected
read_secret_readmemh | adder | fail | simulate
read_secret_relative | adder | fail | simulate | y: expected
read_passwd | adder | fail | simulate | y: expected
read_environment | adder | fail | simulate | y: expected
read_testbench | adder | fail | simulate | y: expected
read_reference | adder | fail | simulate | y: expected
read_other_samples | adder | fail | simulate | y: expected
read_standard_input | adder | fail | simulate
read_plusargs | adder | fail | simulate | y: expected
read_dump_of_harness | adder | fail | simulate
read_own_tools_folder | adder | fail | simulate
include_absolute | adder | fail | policy | `include
include_relative | adder | fail | policy | `include
include_spaced | adder | fail | policy syntax
include_by_macro | adder | fail | policy | `include
include_by_pasting | adder | fail | policy syntax
include_system_file_by_pasting | adder | fail | policy syntax elaborate simulate
include_behind_escaped_name | adder | fail | policy syntax elaborate
system_behind_escaped_name | adder | fail | policy | system task
line_directive | adder | fail | policy | `line
# -- writing
write_absolute | adder | pass | pass
write_secret | adder | pass | pass
write_parent | adder | pass | pass
write_grandparents | adder | pass | pass
write_next_samples_folder | adder | pass | pass
write_through_proc | adder | pass | pass
write_file_descriptors | adder | fail | simulate
write_channel_numbers | adder | fail | simulate
write_shared_memory | adder | pass | pass
write_devices | adder | pass fail | pass simulate
dumpfile_outside | adder | pass fail | pass simulate
writemem_outside | adder | pass fail | pass simulate
# -- the compiler's time and memory
generate_huge | adder | fail | syntax elaborate
generate_nested | adder | fail | syntax elaborate
recursive_module | adder | fail | syntax elaborate
recursive_module_doubling | adder | fail | syntax elaborate
instance_array_huge | adder | fail | syntax elaborate
vector_huge | adder | fail | syntax elaborate simulate interface
memory_huge | adder | fail | syntax elaborate simulate interface
constant_function_endless | adder | fail | syntax elaborate
constant_power_huge | adder | fail pass | syntax elaborate simulate interface pass
replication_huge | adder | fail | syntax elaborate simulate interface
macro_recursion | adder | fail | syntax
macro_bomb | adder | fail | syntax
# -- the simulator's
zero_delay_loop | adder | fail | simulate syntax elaborate
always_without_delay | adder | fail | simulate syntax elaborate
forever_without_delay | adder | fail | simulate syntax elaborate
loop_when_clocked | accumulator | fail | simulate
delta_loop | adder | fail | simulate
combinational_ring | adder | fail | simulate
tick_every_femtosecond | adder | fail | simulate
fork_bomb | adder | fail | simulate
task_recursion | adder | fail | simulate
event_flood | adder | fail | simulate
queue_flood | adder | fail | simulate
string_flood | adder | fail | simulate
sformat_flood | adder | fail | simulate
dynamic_array_flood | adder | fail pass | simulate pass
memory_creep | adder | fail | simulate
display_forever | adder | fail | simulate
write_file_forever | adder | fail | simulate
write_many_files | adder | fail | simulate
write_large_files | adder | fail | simulate | files
open_files_without_end | adder | pass | pass
monitor_huge | adder | pass fail | pass simulate
error_flood | adder | fail | simulate
# -- names of others
hierarchical_read | adder | fail | elaborate
hierarchical_read_names | adder | fail | elaborate
hierarchical_root | adder | fail | elaborate syntax
hierarchical_write | adder | fail | elaborate
hierarchical_instance | adder | fail | elaborate
force_harness | adder | fail | elaborate
force_own_inputs | plain | fail | interface | 'd' is driven by the design
force_own_clock | plain | fail | interface | 'clk' is driven by the design
force_other_clock | pulse_synchroniser | fail | interface | 'dst_clk' is driven by the design
force_clock_inside | pulse_synchroniser | fail | interface | 'dst_clk' is driven by the design
deposit_own_clock | plain | fail | interface | 'clk' is driven by the design
tran_between_inputs | plain | fail | interface | driven by the design
release_and_deassign | plain | fail | interface elaborate
drive_own_inputs | plain | fail | interface elaborate
drive_own_inputs_in_player | adder | fail | interface simulate
bind_harness | adder | fail | policy simulate
bind_inside | adder | fail | policy | bind
defparam_upward | adder | fail | elaborate syntax simulate
own_testbench | adder | fail | simulate syntax
own_root_module | adder | fail | simulate
top_twice | adder | fail pass | elaborate syntax pass
# -- unclosed
unclosed_ifdef | adder | fail | syntax extract
unclosed_comment | adder | fail | syntax extract
unclosed_string | adder | fail | syntax
unclosed_module | adder | fail | syntax extract
unclosed_begin | adder | fail | syntax
# -- time, X and initial values
time_memorised | accumulator | fail | simulate | random_words
cycle_counted | accumulator | fail | simulate
slow_answer | adder | fail | simulate
own_clock | accumulator | fail | simulate
huge_delay | accumulator | fail | simulate syntax elaborate
x_output | adder | fail | simulate | 8'bx
x_one_bit | adder | fail | simulate | x at
z_output | adder | fail | simulate | 8'bz
driven_twice | adder | fail | simulate
initial_instead_of_reset | accumulator | fail | simulate
initial_value_inside | accumulator | fail | simulate
never_initialised | accumulator | fail | simulate | x
latch_instead_of_register | accumulator | fail | simulate
wrong_edge | accumulator | fail | simulate
random_guess | adder | fail | simulate
sensitivity_without_b | adder | fail | simulate
sensitivity_without_a | adder | fail | simulate
sensitivity_clocked | register_file | fail | simulate | rs2_data
right_for_an_instant | adder | fail | simulate | 8'bx
right_for_half_the_time | adder | fail | simulate
right_at_the_end_of_a_step | accumulator | fail | simulate | 8'bx
edge_detector_stateful | edge_detector | fail | simulate
# -- system tasks
undefined_system_task | adder | fail | simulate elaborate
undefined_system_function | adder | fail | simulate elaborate
system_command | adder | fail | policy | system task
system_sdf | adder | fail | policy | system task
system_save_restart | adder | fail | simulate elaborate
system_deposit | adder | fail | elaborate
system_readmempath | adder | fail | simulate elaborate
system_listing | adder | fail | simulate elaborate
system_log | adder | pass fail | pass simulate elaborate
system_getpattern | adder | fail | simulate elaborate
system_cocotb | adder | fail | simulate elaborate
# -- size and depth
long_identifier | adder | fail | simulate elaborate syntax
long_port_name | adder | fail | interface elaborate syntax
long_undeclared_name | adder | fail | elaborate syntax
long_line | adder | pass | pass
too_long | adder | fail | policy | longer than
deep_parentheses | adder | pass fail | pass syntax elaborate interface
deep_begin | adder | pass fail | pass syntax elaborate interface
deep_conditional | adder | fail | simulate syntax elaborate interface
deep_generate | adder | fail | simulate syntax elaborate interface
long_sum | adder | fail | simulate syntax elaborate interface
surrogate | adder | pass fail | pass syntax policy extract
unicode_identifier | adder | fail | syntax
control_characters | adder | fail | syntax
fake_line_mark | adder | fail | simulate
# -- units and interface
program_block | adder | fail | simulate syntax
config_block | adder | fail | simulate syntax elaborate
package_forges | adder | fail | simulate syntax elaborate
inout_output | adder | fail | interface | inout
real_output | doubler | fail | interface elaborate syntax
missing_output | adder | fail | interface | y
missing_port_inside | plain | fail | interface | q
missing_port_for_simulator | plain | fail | interface | q
missing_port_deep | plain | fail | interface syntax elaborate
extra_port_for_simulator | adder | fail | interface | open
inout_for_simulator | adder | fail | interface | inout
renamed_port | plain | fail | simulate interface elaborate syntax
extra_input | adder | fail | interface | cheat
wide_output | adder | fail | interface | y
upper_case_port | adder | fail | interface | 'Y'
top_is_package | adder | fail | extract syntax elaborate
top_in_comment | adder | fail | extract
parameters_missing | sync_fifo | fail | interface | parameter 'WIDTH'
parameters_ignored | gray_counter | fail | interface | declared as
parameters_wrong_names | sync_fifo | fail | interface | (there is 'D', 'W')
parameter_missing_in_player | sized | fail | interface | parameter 'WIDTH' is missing
parameter_local | sized | fail | interface | (there is 'W')
parameter_too_narrow | gray_counter | fail | interface | parameter 'WIDTH' can't be 4
fake_mark_hides_ports | plain | fail | interface | cheat
inner_nets_named_like_ports | plain | fail | simulate
too_deep_for_slang_wide | adder | fail | interface | y
too_deep_for_slang_extra | adder | fail | interface | cheat
too_deep_for_slang_inout | adder | fail | interface | inout
too_deep_for_slang_real | doubler | fail | interface | y
too_deep_for_slang_plain | plain | fail | interface | cheat
real_behind_port_expression | single | fail | interface | y
too_deep_for_slang_real_expression | single | fail | interface | can't be read
logic_in_assertion | accumulator | fail | syntax elaborate
wrong_beside_properties | accumulator | fail | simulate
top_is_primitive | single | fail | interface elaborate syntax extract
parameter_too_wide_to_print | gray_counter | fail | interface | parameter 'WIDTH' can't be 4
# -- unusual and legal
honest_display | accumulator | pass | pass
honest_initial_and_reset | accumulator | pass | pass
honest_module_named_tb | adder | pass | pass
honest_helper_names | adder | pass | pass
honest_clog2_generate | adder | pass | pass
honest_tasks | adder | pass | pass
honest_macros | adder | pass | pass
honest_timescale_seconds | adder | pass | pass
honest_timescale_femtoseconds | plain | pass | pass
honest_nettype_none | adder | pass | pass
honest_nettype_left | adder | pass | pass
honest_delays | accumulator | pass | pass
honest_two_state_inputs | adder | pass | pass
honest_clock_of_its_own | accumulator | pass | pass
honest_assertion | accumulator | pass | pass
honest_comments | adder | pass | pass
honest_package | adder | pass | pass
honest_package_of_one_letter | adder | pass | pass
honest_escaped_names | adder | pass | pass
honest_primitive | adder | pass | pass
honest_simulator_macro | adder | pass | pass
honest_dump | accumulator | pass | pass
honest_memory | adder | pass | pass
honest_random_unused | adder | pass | pass
honest_class | adder | pass | pass
honest_old_style | plain | pass | pass
honest_own_hierarchy | adder | pass | pass
honest_strength | adder | pass | pass
honest_parameter_types | sized | pass | pass
honest_reads_its_inputs | plain | pass | pass
honest_escaped_keyword | adder | pass | pass
honest_port_expressions | plain | pass | pass
honest_port_expressions_in_player | adder | pass | pass
honest_too_deep_for_slang | adder | pass | pass
honest_assertions | accumulator | pass | pass
honest_properties | accumulator | pass | pass
""")
