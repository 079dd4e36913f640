"""Read Verilog text: ports, syntax errors and module names, with slang."""

from itertl_eval.verilog import slang
from itertl_eval.verilog._assertions import without_assertions
from itertl_eval.verilog._ports import compare, expected_ports
from itertl_eval.verilog._text import blank
from itertl_eval.verilog.slang import root_of

__all__ = [
    "blank",
    "compare",
    "expected_ports",
    "root_of",
    "slang",
    "without_assertions",
]
