"""The packed player and cocotb's own runner on the bare design give the same outcome."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.runner import run_folder

pytestmark = pytest.mark.simulator

FILES = {
    "problem.yaml": """\
top: accumulator
ports:
  - {name: clk, direction: input}
  - {name: rst_n, direction: input}
  - {name: d, direction: input, width: 70}
  - {name: sum, direction: output, width: 70}
  - {name: zero, direction: output}
""",
    "spec.md": "accumulator: clk, rst_n, d, sum, zero",
    "reference.sv": """\
module accumulator(input clk, rst_n, input [69:0] d, output reg [69:0] sum, output zero);
  always @(posedge clk or negedge rst_n) if (!rst_n) sum <= 0; else sum <= sum + d;
  assign zero = sum == 0;
endmodule
""",
    "test_accumulator.py": '''\
from itertl_eval.bench import Bench, Care, Hold, Model


class Golden(Model):
    def reset(self):
        self.sum = 0

    def edge(self, i):
        self.sum = (self.sum + i.d) % (1 << 70)

    def outputs(self, i):
        return {"sum": Care(self.sum, (1 << 70) - 2), "zero": self.sum == 0}


bench = Bench(
    Golden, clock="clk", reset="!rst_n", asynchronous=True,
    inputs={"rst_n": 1, "d": 70}, outputs={"sum": 70, "zero": 1},
)


@bench.case
def small(rng):
    """In two rounds, so that a late mistake is beyond a chunk of the player."""
    for k in range(150):
        yield {"d": k}
        if k % 50 == 49:
            yield Hold(rst_n=0)
            yield {"rst_n": 1}


@bench.case
def random_numbers(rng):
    return bench.random(rng, 30, rst_n=0.1)
''',
}
REFERENCE = FILES["reference.sv"]
DESIGNS = {
    "right": REFERENCE,
    "lowest_bit_is_not_compared": REFERENCE.replace("output reg [69:0] sum", "output [69:0] sum")
    .replace("always", "reg [69:0] kept; assign sum = kept ^ 1;\n  always")
    .replace("sum <=", "kept <=")
    .replace("sum + d", "kept + d")
    .replace("sum ==", "kept =="),
    "wrong_when_late": REFERENCE.replace("sum + d", "sum + (d == 140 ? 138 : d)"),
    "unknown_bits": REFERENCE.replace("sum <= 0", "sum <= 70'bx"),
    "synchronous": REFERENCE.replace(" or negedge rst_n", ""),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("own") / "accumulator"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("name", DESIGNS)
def test_same_outcome_and_same_message(folder, tmp_path, name, monkeypatch):
    problem = load_suite(str(folder))["accumulator"]
    verdict = grade(problem, DESIGNS[name], cache=False)
    assert verdict.passed == (name in ("right", "lowest_bit_is_not_compared"))
    assert verdict.stage in ("simulate", "pass")
    design = tmp_path / "design.sv"
    design.write_text(DESIGNS[name])
    bench = folder / "test_accumulator.py"
    if verdict.passed:
        monkeypatch.setenv("WAVES", "1")
        run_folder(bench, design=design, seed=verdict.seed)
        assert (folder / "sim_build" / "0" / "accumulator.fst").stat().st_size > 0
        return
    with pytest.raises(AssertionError, match="failed: "):
        run_folder(bench, design=design, seed=verdict.seed)
    case, message = verdict.message.split(": ", 1)
    said = messages(folder / "sim_build" / "0" / "results.xml")
    assert message in said[case]
    assert len(said) == verdict.cases_total - verdict.cases_passed


def messages(results: Path) -> dict[str, str]:
    """Return what cocotb wrote about each failed test."""
    found = {}
    for case in ElementTree.parse(results).iter("testcase"):
        for failure in case.iter("failure"):
            found[case.get("name", "")] = f"{failure.get('message')} {failure.text}"
    return found


def test_simulation_that_ends_early_fails(folder, tmp_path):
    design = tmp_path / "design.sv"
    design.write_text(REFERENCE.replace("endmodule", "initial #25 $finish;\nendmodule"))
    with pytest.raises(AssertionError, match=r"failed: "):
        run_folder(folder / "test_accumulator.py", design=design)


def test_plain_tests_have_the_same_random_numbers_under_both(tmp_path):
    """`random` is seeded the same way, so that a verdict can be reproduced with its seed."""
    folder = tmp_path / "echo"
    folder.mkdir()
    (folder / "problem.yaml").write_text(
        "top: echo\nports:\n  - {name: a, direction: input, width: 32}\n"
        "  - {name: y, direction: output, width: 32}\n"
    )
    (folder / "spec.md").write_text("echo a y")
    text = "module echo(input [31:0] a, output [31:0] y); assign y = a; endmodule"
    (folder / "reference.sv").write_text(text)
    (folder / "test_echo.py").write_text(
        "import random, cocotb\n\n\n@cocotb.test()\nasync def numbers(dut):\n"
        "    assert False, f'got {random.getrandbits(64)}'\n"
    )
    problem = load_suite(str(folder))["echo"]
    verdict = grade(problem, text, cache=False)
    with pytest.raises(AssertionError):
        run_folder(folder / "test_echo.py", seed=verdict.seed)
    said = messages(folder / "sim_build" / "0" / "results.xml")["numbers"]
    assert verdict.message.split(": ")[1] in said
