"""The faults of each simulator that `doctor` lists, each with the smallest design that shows it.

A version that handles such a design has lost the fault, and its entry in KNOWN_FAULTS and in
docs/verdicts.md should go.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from itertl_eval import grade
from itertl_eval.grader import KNOWN_FAULTS, find_icarus
from tests.grader.test_explain import HEADER, split8  # noqa: F401 (a fixture)

pytestmark = pytest.mark.simulator

REST = "assign lo = d[3:0], k = 9;"
PIECES = (
    "logic [3:0] t; assign hi = d[7:4];\n"
    "always_comb begin t[0] = 0; if (d[4]) t[0] = 1; t[1] = 0; if (t[2]) t[1] = 1; end\n"
    "always_comb begin t[2] = 0; if (d[5]) t[2] = 1; t[3] = 0; if (t[0]) t[3] = 1; end"
)
BREAK = "always_comb begin hi = 0; for (int i = 0; i < 16; i++) begin"
RETURN = "function automatic [3:0] f(input [3:0] x); for (int i = 0; i < 16; i++) begin"
# name: (design, where it goes wrong, the word of KNOWN_FAULTS, what the verdict says)
FAULTS = {
    "pieces": (PIECES, {"11", "12"}, "other without end", "CPU time limit"),
    "pieces in turn": (
        "logic [1:0] t; assign hi = d[7:4]; always_comb begin t[0] = 0; if (d[4]) t[0] = 1; end\n"
        "always_comb begin t[1] = 0; if (t[0]) t[1] = 1; end",
        {"11"},
        "other without end",
        "CPU time limit",
    ),
    "stale": (
        "function void f(); hi = d[7:4]; endfunction always_comb f();",
        {"12"},
        "void function",
        "hi: expected",
    ),
    "void": (
        "function void f(input [3:0] x); hi = x; endfunction always_comb f(d[7:4]);",
        {"11"},
        "void functions",
        "crashed the compiler (its own defect)",
    ),
    "break in a named block": (
        f"{BREAK} : body hi = i[3:0]; if (i == d[7:4]) break; end end",
        {"13"},
        "break in a loop",
        "hi: expected",
    ),
    "break beside a declaration": (
        f"{BREAK} logic [3:0] t; t = i[3:0]; hi = t; if (t == d[7:4]) break; end end",
        {"13"},
        "break in a loop",
        "hi: expected",
    ),
    "return in a named block": (
        f"{RETURN} : body if (i == x) return i[3:0]; end return 0; endfunction\n"
        "assign hi = f(d[7:4]);",
        {"11", "12", "13"},
        "return from a loop",
        "the simulator crashed",
    ),
    "member": (
        "struct packed {logic [3:0] x, y;} s; assign hi = s.x;\n"
        "always_comb begin s = '0; for (int i = 0; i < 4; i++) s.x[i] = d[4 + i]; end",
        {"11", "12", "13"},
        "member of a packed struct",
        "crashed the compiler (its own defect)",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_doctor_lists_is_so(split8, name):  # noqa: F811
    design, versions, listed, said = FAULTS[name]
    verdict = grade(split8, f"{HEADER}\n{REST}\n{design}\nendmodule\n", cache=False)
    major = find_icarus().major
    if major not in versions:
        assert verdict.passed or verdict.unsupported, verdict.message
        return
    assert verdict.status == "fail"
    assert said in verdict.message, verdict.message
    assert any(listed in line for line in KNOWN_FAULTS[major])


@pytest.mark.parametrize("name", FAULTS)
def test_the_page_lists_it_too(name):
    _, versions, listed, _ = FAULTS[name]
    page = Path(__file__).parents[2].joinpath("docs/verdicts.md").read_text()
    section = page.partition("## Gaps and faults of the simulator")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if listed in line.replace("`", "")]
    assert any(all(major in row.split("|")[1] for major in versions) for row in rows), rows
