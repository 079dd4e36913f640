"""What is said of a design that does not compile: whose fault it is, and in which words."""

from __future__ import annotations

import pytest

from itertl_eval import grade
from itertl_eval.grader import close_workers
from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.compile._messages import first_error
from itertl_eval.problem import Port, Problem, Prompt
from itertl_eval.verdict import Verdict
from itertl_eval.verilog import slang

HEADER = "module split8(input [7:0] d, output logic [3:0] hi, lo, k);"
RIGHT = "assign hi = d[7:4], lo = d[3:0], k = 9;"
BENCH = """
from itertl_eval.bench import Bench

bench = Bench(
    lambda i: {"hi": i.d >> 4, "lo": i.d & 15, "k": 9},
    inputs={"d": 8}, outputs={"hi": 4, "lo": 4, "k": 4},
)


@bench.case
def words(rng):
    return bench.random(rng, 20)
"""


@pytest.fixture(scope="module")
def split8(tmp_path_factory) -> Problem:
    file = tmp_path_factory.mktemp("split8") / "test_split8.py"
    file.write_text(BENCH)
    ports = (
        Port("d", "input", 8),
        Port("hi", "output", 4),
        Port("lo", "output", 4),
        Port("k", "output", 4),
    )
    reference = f"{HEADER} {RIGHT} endmodule"
    return Problem("split8", "own", "split8", ports, Prompt(""), reference, testbench=file)


def verdict_of(problem: Problem, body: str) -> Verdict:
    return grade(problem, f"{HEADER}\n{body}\nendmodule\n", cache=False)


@pytest.mark.simulator
def test_the_reference_passes(split8):
    verdict = verdict_of(split8, RIGHT)
    assert verdict.passed, verdict.message
    assert verdict.unsupported is False


VALID = {
    "let": "let nine = 9; assign hi = d[7:4], lo = d[3:0], k = nine;",
    "checker": f"{RIGHT} checker c(input logic x); endchecker c one(d[0]);",
    "property": f"{RIGHT} property p; @(posedge d[0]) d[1] |-> d[2]; endproperty "
    "logic l; assert property (p) else l = 1;",
}
CRASHES_11 = {
    "pattern": "logic [1:0][3:0] p; assign p = '{d[7:4], d[3:0]}; assign {hi, lo} = p, k = 9;",
    "unpacked": "logic [3:0] a [0:1]; assign a = '{d[7:4], d[3:0]}; "
    "assign hi = a[0], lo = a[1], k = 9;",
    "void": "function automatic void f(output logic [3:0] x); x = d[7:4]; endfunction "
    "always_comb f(hi); assign lo = d[3:0], k = 9;",
}


@pytest.mark.simulator
@pytest.mark.parametrize("name", VALID)
def test_what_the_simulator_lacks_is_its_own_fault(split8, name):
    verdict = verdict_of(split8, VALID[name])
    if verdict.passed:
        pytest.skip(f"{find_icarus().name} has it")
    assert verdict.status == "fail"
    assert verdict.unsupported
    assert verdict.as_row()["unsupported"] is True
    said = f"valid SystemVerilog; {find_icarus().name} does not support it: line 2: "
    assert verdict.message.startswith(said), verdict.message


@pytest.mark.simulator
@pytest.mark.parametrize("name", CRASHES_11)
def test_a_crash_of_the_compiler_is_its_own_defect(split8, name):
    verdict = verdict_of(split8, CRASHES_11[name])
    if verdict.passed:
        pytest.skip(f"{find_icarus().name} has it")
    assert verdict.unsupported
    assert verdict.message.startswith("valid SystemVerilog; ")
    if find_icarus().version.startswith("11"):
        assert "crashed the compiler (its own defect)" in verdict.message


@pytest.mark.simulator
@pytest.mark.parametrize(
    ("body", "stage", "said"),
    [
        ("assign hi = d[7:4], lo = d[3:0], k = nine;", "elaborate", "nine"),
        (f"{RIGHT} other o(d);", "elaborate", "Unknown module type: other"),
        (f"{RIGHT} assign hi = ;", "syntax", "line 2: expected expression"),
        (f"reg do; always @* do = d[0]; {RIGHT}", "syntax", "'do' is a keyword"),
        (f"wire priority; {RIGHT}", "syntax", "'priority' is a keyword of SystemVerilog"),
        (
            "always @* for (i = 0; i < 4; i = i + 1) hi[i] = d[4 + i]; assign lo = d[3:0], k = 9;",
            "elaborate",
            "``i''",
        ),
        (
            f"{RIGHT} deeper #(0) d0(); endmodule\nmodule deeper #(parameter N = 0);\n"
            "  generate if (N < 60) begin : g deeper #(N + 1) d(); end endgenerate",
            "elaborate",
            "nested too deep",
        ),
        # Legal for slang's checks one by one, but two drivers of a variable are not.
        (f"{RIGHT} always @* hi = d[7:4];", "elaborate", "hi"),
    ],
)
def test_a_mistake_stays_the_models(split8, body, stage, said):
    verdict = verdict_of(split8, body)
    assert (verdict.status, verdict.stage, verdict.unsupported) == ("fail", stage, False)
    assert said in verdict.message
    assert "during elaboration" not in verdict.message


@pytest.mark.simulator
def test_assertions_that_the_simulator_lacks_are_ignored(split8):
    """They can't change what the logic does, and a wrong design stays wrong."""
    checks = """
        always @(d) begin assert #0 (k == 9); cover #0 (d); assert (1) else $error; end
        property p; @(posedge d[0]) d[1] |-> d[2]; endproperty
        named: assert property (p) else $error("never seen");
        always_comb assert #0 (k == 9);
    """
    assert verdict_of(split8, f"{RIGHT} {checks}").passed
    wrong = verdict_of(split8, f"{RIGHT.replace('9', '8')} {checks}")
    assert (wrong.status, wrong.stage) == ("fail", "simulate")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "completion.sv:3: sorry: This cast is not supported.\n1 error(s) during elaboration.",
            "line 3: sorry: This cast is not supported.",
        ),
        ("2 error(s) during elaboration.\n", ""),
        ("Elaboration failed", ""),
        (
            "completion.sv:2: warning: choosing typ expression.\n"
            "completion.sv:4: register ``i'' unknown in top.\n"
            "1 error(s) during elaboration.",
            "line 4: register ``i'' unknown in top.",
        ),
        (
            "completion.sv:2: sorry: constant selects in always_* processes are not currently "
            "supported (all bits will be included).\n"
            "completion.sv:4:      : a continued line\n"
            "completion.sv:5: error: x",
            "line 5: error: x",
        ),
        (
            "ivl: netlist.cc:12: Assertion failed: error\n",
            "ivl: netlist.cc:12: Assertion failed: error",
        ),
        ("", ""),
    ],
)
def test_the_first_error_says_where(said, message):
    assert first_error(said) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("module m; wire priority; endmodule", "line 1: 'priority' is a keyword"),
        ("module m(input a,\noutput do); endmodule", "line 2: 'do' is a keyword"),
        (
            "module m; // ein größerer Satz über Wörter\nwire priority; endmodule",
            "line 2: 'priority'",
        ),
        ("module do; endmodule", "line 1: 'do' is a keyword"),
        ("module m; wire a, unique; endmodule", "line 1: 'unique' is a keyword"),
        ("module m; wire\nendmodule", "line 2: expected a declaration name"),
        ("module m; wire [3:0]\n assign a = b; endmodule", "line 2: expected a declaration name"),
    ],
)
def test_a_keyword_as_a_name_is_called_one(text, message):
    assert next(slang.errors(text)).startswith(message)


@pytest.mark.simulator
@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize(
    ("body", "still"),
    [
        ("reg x = 0; initial while (1) x = ~x;", True),
        ("reg x = 0; initial begin #1; while (1) x = ~x; end", False),
    ],
)
def test_a_design_that_stood_still_at_time_0_is_told_so(split8, body, still, direct, monkeypatch):
    monkeypatch.setenv("ITERTL_EVAL_DIRECT", "1" if direct else "0")
    close_workers()
    verdict = verdict_of(split8, f"{RIGHT} {body}")
    close_workers()
    assert (verdict.status, verdict.stage) == ("fail", "simulate")
    assert ("stood still at time 0" in verdict.message) is still, verdict.message
