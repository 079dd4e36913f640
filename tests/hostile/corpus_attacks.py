"""Designs that try to pass without being right, to read, to write or to reach out of themselves."""

ATTACKS = """
# name | problem | status | stage | word in the message
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
read_random_numbers | adder | fail | simulate | y: expected
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
"""
