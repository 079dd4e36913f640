"""Parts of completions, and how two designs are compared."""

from __future__ import annotations

import re

TOP = "top_module"
HEADER = "module top_module (\n\tinput a,\n\toutput y\n);\n"
BODY = "  assign y = ~a;\nendmodule\n"
WHOLE = HEADER + BODY
HELPER = "module inv(input i, output o);\n  assign o = ~i;\nendmodule\n"
USES = HEADER + "  inv u(.i(a), .o(y));\nendmodule\n"
OTHER = WHOLE.replace(TOP, "my_module")
WRONG = WHOLE.replace("~a", "a")
TESTBENCH = (
    "module tb;\n  reg a; wire y;\n  top_module dut(.a(a), .y(y));\n"
    "  initial begin a = 0; #1 $finish; end\nendmodule\n"
)
PACKAGE = "package p;\n  localparam N = 1;\nendpackage\n"
STRUCT = "typedef struct packed\n{\n  logic a;\n  logic b;\n} s;\n"
SKETCH = "module top_module (...);\n  ...\nendmodule\n"


def fence(code: str, language: str = "verilog", mark: str = "```") -> str:
    return f"{mark}{language}\n{code}{mark}\n"


def same(one: str | None, other: str) -> bool:
    """Compare without white space; the tail `: name` of an endmodule may be dropped or kept."""
    if one is None:
        return False
    plain = [
        re.sub(r"\s+", "", re.sub(r"endmodule\s*:\s*\w+", "endmodule", x)) for x in (one, other)
    ]
    return plain[0] == plain[1]
