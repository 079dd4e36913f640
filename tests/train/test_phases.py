"""Samples on disk and the graders: what is read, by whom, and on how many cores."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from types import SimpleNamespace

import pytest

from itertl_eval.errors import InfrastructureError
from itertl_eval.train.data import Instruction
from itertl_eval.train.run import Phase
from itertl_eval.train.sampling._phase import SampleFiles, SamplingPlan, sample_all
from itertl_eval.train.sampling._protocol import Sample, SamplingParams
from itertl_eval.train.scoring import Graders, GradingPhase
from tests.designs import ADDER

pytestmark = pytest.mark.train


def sample(number):
    return Sample("s/p", number, f"text {number}", None, None, "eos")


def line(number):
    return json.dumps(sample(number).as_row()) + "\n"


def test_samples_of_other_ranks_are_read_as_they_come_and_once(tmp_path, monkeypatch):
    parsed = []
    from_row = Sample.from_row.__func__
    monkeypatch.setattr(
        Sample, "from_row", classmethod(lambda cls, row: parsed.append(row) or from_row(cls, row))
    )
    other = tmp_path / "samples-1.jsonl"
    other.write_text(line(0))
    files = SampleFiles(Phase(tmp_path, {}))
    assert files.fresh() == [sample(0)]
    files.append([sample(1)])
    with other.open("a") as file:
        file.write(line(2) + line(3)[:10])  # the last one is still being written
    assert files.fresh() == [sample(2)]
    with other.open("a") as file:
        file.write(line(3)[10:])
    assert files.fresh() == [sample(3)]
    assert files.fresh() == []
    files.close()
    assert len(parsed) == 3
    assert sorted(files.found) == [("s/p", n) for n in range(4)]
    assert SampleFiles(Phase(tmp_path, {})).fresh() == [sample(1), sample(0), sample(2), sample(3)]


def test_samples_of_other_ranks_are_graded_while_this_rank_samples(tmp_path, monkeypatch):
    """Not after its last one: the graders would stand idle until then."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    instructions = [Instruction(replace(ADDER, id=name)) for name in "abcd"]
    encoder = SimpleNamespace(prompt=lambda _: [1], prompt_text=lambda _: "p")
    settings = SamplingParams(1.0, 1.0, 8, 1)
    plan = SamplingPlan("stage", instructions, 1, 0, settings, stop_at_endmodule=False)
    own, others = instructions[::2], instructions[1::2]
    taken, seen = [], []

    def sampler(_):
        for one, other in zip(own, others, strict=True):
            with (tmp_path / "samples-1.jsonl").open("a") as file:
                file.write(json.dumps(Sample(other.id, 0, "", None, None, "eos").as_row()) + "\n")
            yield [Sample(one.id, 0, "", None, None, "eos")]
            seen.append(len(taken))

    found = sample_all(
        Phase(tmp_path, {}),
        plan,
        encoder,
        lambda: SimpleNamespace(sample=sampler),
        "label",
        taken.extend,
    )
    assert [sample.problem_id for sample in found] == [one.id for one in instructions]
    assert seen == [2, 4]
    assert len(taken) == 4


def test_one_rank_grades_on_all_cores(monkeypatch):
    """The other ranks of the machine do not grade, so their share is not theirs."""
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "8")
    graders = Graders(0)
    with graders.open():
        assert graders._pool.jobs == len(os.sched_getaffinity(0))
    monkeypatch.setenv("RANK", "1")
    other = Graders(0)
    with other.open():
        assert other._pool is None


def test_rows_of_earlier_versions_have_no_end_token():
    row = {key: value for key, value in sample(0).as_row().items() if key != "end"}
    assert Sample.from_row(row) == sample(0)


@pytest.mark.simulator
def test_a_broken_testbench_stops_the_run(tmp_path):
    """Its verdicts would be infrastructure errors for every sample."""
    bench = tmp_path / "bench.py"
    bench.write_text(
        "import cocotb\n\n\n@cocotb.test()\nasync def old(dut):\n    cocotb.fork(None)\n"
    )
    problem = replace(ADDER, testbench=bench)
    instruction = Instruction(problem)
    graders = Graders(1)
    with graders.open():
        phase = GradingPhase(
            Phase(tmp_path / "phase", {}),
            [instruction],
            graders,
            preset="functional",
            seed=0,
            label="grading",
        )
        one = Sample(instruction.id, 0, ADDER.reference, None, None, "eos")
        phase.feed([one])
        with (
            pytest.warns(UserWarning, match="cocotb 1.x"),
            pytest.raises(InfrastructureError, match=f"{instruction.id}: the testbench is broken"),
        ):
            phase.result([one])
