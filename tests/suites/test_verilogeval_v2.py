"""VerilogEval v2: the prompts, letter by letter, against what the data files say."""

from __future__ import annotations

import re

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.errors import UsageError
from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.published import TOO_NEW, official
from itertl_eval.suites._data import read_source
from itertl_eval.suites._verilogeval import prompt_constants
from itertl_eval.suites._verilogeval_v2 import load_v2

pytestmark = pytest.mark.data
TASKS = ["spec-to-rtl", "code-complete-iccad2023"]
OTHER_PORTS = {
    "Prob092_gatesv100",
    "Prob094_gatesv",
    "Prob099_m2014_q6c",
    "Prob135_m2014_q6b",
    "Prob149_ece241_2013_q4",
}

ONE_STATE_AT_A_TIME = {
    "Prob079_fsm3onehot",
    "Prob099_m2014_q6c",
    "Prob150_review2015_fsmonehot",
}


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    found = read_source("verilog-eval-v2")
    return {path: data.decode() for path, data in found.items() if path.endswith((".txt", ".sv"))}


def ids(files: dict[str, str], task: str) -> list[str]:
    pattern = re.compile(rf"dataset_{task}/(Prob.*)_prompt\.txt")
    return sorted(m[1] for m in map(pattern.fullmatch, files) if m)


@pytest.mark.parametrize("task", TASKS)
def test_problems(files, task):
    suite = load_v2(task)
    assert list(suite) == ids(files, task)
    assert len(suite) == 156
    assert suite.revision.startswith("c498220")
    for name, problem in suite.items():
        assert problem.id == name
        assert problem.suite == suite.name
        assert problem.top == "TopModule"
        assert problem.outputs
        assert "module TopModule" in problem.reference
        assert "RefModule" not in problem.reference
        declared = files[f"dataset_{task}/{name}_ref.sv"]
        assert all(re.search(rf"\b{port.name}\b", declared) for port in problem.ports)


@pytest.mark.parametrize("shots", range(5))
@pytest.mark.parametrize("rules", [False, True])
def test_spec_to_rtl_prompts(files, shots, rules):
    constants = prompt_constants()
    examples = files.get(f"scripts/verilog-example-prefix_spec-to-rtl_{shots}-shot.txt", "")
    assert bool(examples) == bool(shots)
    for name, problem in load_v2("spec-to-rtl", shots, rules).items():
        question = files[f"dataset_spec-to-rtl/{name}_prompt.txt"].strip()
        parts = [examples, "\nQuestion:\n", question, "\n"]
        if rules:
            parts += [constants["prompt_rules_suffix"].rstrip("\n"), "\n"]
        parts += [constants["prompt_no_explain_suffix"], "\nAnswer:\n"]
        assert problem.prompt.text == "".join(parts)
        assert problem.prompt.system == constants["prompts"]["spec-to-rtl"]["system_msg"]
        assert problem.prompt.header == ""


@pytest.mark.parametrize("shots", range(5))
def test_code_complete_prompts(files, shots):
    task = "code-complete-iccad2023"
    constants = prompt_constants()["prompts"][task]
    examples = files.get(f"scripts/verilog-example-prefix_{task}_{shots}-shot.txt", "")
    for name, problem in load_v2(task, shots).items():
        asked = files[f"dataset_{task}/{name}_prompt.txt"].removesuffix("\n")
        words, module, rest = asked.partition("module TopModule")
        commented = re.sub(r"^", "// ", words.removesuffix("\n"), flags=re.MULTILINE)
        expected = f"{examples}{constants['prompt_prefix']}{commented}\n\n{module}{rest}"
        assert problem.prompt.text == expected
        assert problem.prompt.system == constants["system_msg"]
        assert problem.prompt.header.startswith("module TopModule")
        assert problem.prompt.header.rstrip().endswith(");")


def test_first_prompts_in_full():
    question = load_v2("spec-to-rtl")["Prob001_zero"].prompt.text
    assert question.startswith(
        "\nQuestion:\nI would like you to implement a module named TopModule"
    )
    assert question.endswith("\nAnswer:\n")
    assert question.count("[BEGIN] and [DONE]") == 1
    header = load_v2("code-complete-iccad2023")["Prob001_zero"].prompt.header
    assert header.split() == ["module", "TopModule", "(", "output", "zero", ");"]


def test_each_circuit_has_the_bench_for_its_ports():
    spec, complete = load_v2("spec-to-rtl"), load_v2("code-complete-iccad2023")
    differing = {name for name in spec if set(spec[name].ports) != set(complete[name].ports)}
    assert differing == OTHER_PORTS
    for name in spec:
        circuit = name.split("_", 1)[1]
        usual = f"{circuit}_v2.py" if name in ONE_STATE_AT_A_TIME else f"{circuit}.py"
        assert complete[name].testbench.name == usual
        expected = f"{circuit}_spec_to_rtl.py" if name in OTHER_PORTS else usual
        assert spec[name].testbench.name == expected


ONE_HOT = """
module TopModule(input in, input [3:0] state, output reg [3:0] next_state, output out);
always @*
 case (state)
  4'b0001: next_state = in ? 4'b0010 : 4'b0001;
  4'b0010: next_state = in ? 4'b0010 : 4'b0100;
  4'b0100: next_state = in ? 4'b1000 : 4'b0001;
  4'b1000: next_state = in ? 4'b0010 : 4'b0100;
  default: next_state = 4'b0001;
 endcase
assign out = state == 4'b1000;
endmodule
"""


@pytest.mark.simulator
def test_v2_judges_a_one_hot_machine_one_state_at_a_time():
    v1 = load_suite("verilogeval_human")["fsm3onehot"]
    assert grade(v1, ONE_HOT.replace("TopModule", v1.top)).stage == "simulate"
    for task in TASKS:
        v2 = load_v2(task)["Prob079_fsm3onehot"]
        assert grade(v2, ONE_HOT).passed
        assert not grade(v2, ONE_HOT.replace("4'b1000 : 4'b0001", "4'b1000 : 4'b0010")).passed


def test_what_the_script_does_not_offer_is_refused():
    with pytest.raises(UsageError, match="0 to 4 shots"):
        load_v2("spec-to-rtl", shots=5)
    with pytest.raises(UsageError, match="rules block"):
        load_v2("code-complete-iccad2023", rules=True)
    with pytest.raises(UsageError, match="spec-to-rtl"):
        load_v2("chat")  # type: ignore[arg-type]


@pytest.mark.simulator
@pytest.mark.parametrize("task", TASKS)
def test_references_pass_the_published_protocol(task):
    if int(find_icarus().version.split(".")[0]) >= TOO_NEW:
        pytest.skip("this Icarus compiles none of the published benches")
    problem = load_v2(task)["Prob139_2013_q2bfsm"]
    assert official(problem, f"```\n{problem.reference}```\n") == {"passed": True, "label": "."}
