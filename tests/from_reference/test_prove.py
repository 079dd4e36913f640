"""What is left of the mutants is proved to change nothing or becomes a test case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from itertl_eval.errors import UsageError
from itertl_eval.formal import Counterexample, _yosys
from itertl_eval.from_reference import Refused, make_testbench, read_circuit, write_task
from itertl_eval.from_reference._counterexamples import block_of
from itertl_eval.from_reference._stimulus import Item
from itertl_eval.from_reference.circuit import Reset
from itertl_eval.grader import grade
from tests.from_reference.designs import COUNTER, problem

LOCK = """
module top(input clk, rst, input [15:0] key, output reg half, output reg open);
  always @(posedge clk)
    if (rst) begin half <= 0; open <= 0; end
    else begin
      half <= key[3:0] == key[7:4];
      open <= half & ((key * 16'd3) ^ 16'h9c39) == 16'h1111;
    end
endmodule
"""


@pytest.mark.formal
@pytest.mark.simulator
def test_a_counterexample_opens_the_lock_that_random_inputs_do_not(tmp_path):
    case, wrong = problem(LOCK), LOCK.replace("== 16'h1111", "== 16'h1112")
    without, with_proofs = (make_testbench(case, limit=5, prove=prove) for prove in (False, True))
    assert without.survivors
    assert with_proofs.survivors == ()
    assert with_proofs.killed + with_proofs.proved == without.mutants
    for made, passes in ((without, True), (with_proofs, False)):
        graded = replace(case, testbench=write_task(tmp_path / f"made_{passes}", case, made))
        assert grade(graded, LOCK, cache=False).passed
        assert grade(graded, wrong, cache=False).passed == passes


@pytest.mark.formal
@pytest.mark.simulator
@pytest.mark.slow
def test_proofs_give_the_same_bytes_each_time():
    assert len({make_testbench(problem(LOCK), limit=5, prove=True).text for _ in range(2)}) == 1


def test_proofs_without_yosys_are_refused(monkeypatch):
    monkeypatch.setattr(_yosys, "yosys_folder", lambda: "")
    with pytest.raises(UsageError, match="pip install"):
        make_testbench(problem(COUNTER), prove=True)


@pytest.mark.parametrize(
    ("edge", "kinds"),
    [
        ("posedge clk", ["hold", "hold", "cycle", "cycle"]),
        ("negedge clk", ["hold", "hold", "cycle"]),
    ],
)
def test_the_edges_of_a_counterexample_become_cycles(edge, kinds):
    circuit = read_circuit(problem(COUNTER.replace("posedge clk", edge)))
    levels = [(0, 1), (0, 0), (1, 0), (0, 0), (1, 0)]
    steps = tuple({"clk": clk, "rst": rst, "en": 1} for clk, rst in levels)
    block = block_of(circuit, Counterexample(steps, ("clk",), "q", "0000", "0001"))
    assert [item.kind for item in block.items] == kinds
    assert block.items[0] == Item({"rst": 1, "en": 1}, "hold")


def test_a_counterexample_with_two_resets_at_once_shows_nothing():
    circuit = read_circuit(problem(COUNTER))
    circuit.resets.append(Reset("en", 1, False))
    steps = ({"clk": 0, "rst": 1, "en": 1}, {"clk": 1, "rst": 1, "en": 1})
    found = Counterexample(steps, ("clk",), "q", "0000", "0001")
    assert block_of(circuit, found).items
    circuit.rivals = frozenset({"rst", "en"})
    with pytest.raises(Refused):
        block_of(circuit, found)
