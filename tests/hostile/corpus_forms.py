"""Designs that use up time or memory, are odd in size, form or interface, or are right."""

FORMS = """
# name | problem | status | stage | word in the message
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
open_files_in_initialisers | late | fail | simulate
monitor_huge | adder | pass fail | pass simulate
error_flood | adder | fail | simulate
# -- unclosed
unclosed_ifdef | adder | fail | syntax extract
unclosed_comment | adder | fail | syntax extract
unclosed_string | adder | fail | syntax
unclosed_module | adder | fail | syntax extract
unclosed_begin | adder | fail | syntax
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
ports_twice | adder | fail | interface elaborate | y
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
"""
