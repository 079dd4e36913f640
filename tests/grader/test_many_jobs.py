"""More jobs than one process feeds: every caller gets the verdicts of grading processes."""

from __future__ import annotations

import json
import os

import pytest

from itertl_eval import _reward_pool, grade_many, load_suite, rewards
from itertl_eval.cli import main
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import _grading_pool, close_workers
from itertl_eval.grader.feeders import Feeders

pytestmark = [pytest.mark.simulator]

JOBS = 17


@pytest.fixture(scope="module")
def problem():
    return load_suite("rtl_core")["gray_counter"]


@pytest.fixture(scope="module")
def wrong(problem):
    """A design that fails one test case."""
    return problem.reference.replace("clear ? '0 : ", "")


def by_grade_many(problem, text, _):
    (verdict,) = grade_many([(problem, text)], jobs=JOBS)
    return verdict.score


def by_command_line(problem, text, folder):
    samples, output = folder / "samples.jsonl", folder / "verdicts.jsonl"
    samples.write_text(json.dumps({"task_id": problem.id, "completion": text}))
    command = ["grade", str(samples), "--task", "rtl_core", "--output", str(output)]
    assert main([*command, "--jobs", str(JOBS)]) == 0
    return json.loads(output.read_text())["score"]


def by_reward(problem, text, _):
    return rewards.trl_reward([""], [text], suite=["rtl_core"], task_id=[problem.id])[0]


def by_training(problem, text, folder):
    from itertl_eval.train.data import Instruction
    from itertl_eval.train.run import Phase
    from itertl_eval.train.sampling import Sample
    from itertl_eval.train.scoring import Graders, GradingPhase

    instruction, graders = Instruction(problem), Graders(JOBS)
    sample = Sample(instruction.id, 0, text, None, None, "eos")
    settings = {"preset": "functional", "seed": 0, "label": "grading"}
    with graders.open():
        phase = GradingPhase(Phase(folder, {}), [instruction], graders, **settings)
        return phase.result([sample])[sample.key].reward


@pytest.fixture(scope="module")
def expected(problem, wrong):
    """Return the score without grading processes of a design that fails some test cases."""
    (verdict,) = grade_many([(problem, wrong)], jobs=1, cache=False)
    assert 0 < verdict.score < 0.5
    return verdict.score


@pytest.mark.parametrize(
    "score",
    [
        by_grade_many,
        by_command_line,
        by_reward,
        pytest.param(by_training, marks=pytest.mark.train),
    ],
)
def test_each_caller_gets_its_verdicts_from_grading_processes(
    score, problem, wrong, expected, tmp_path, monkeypatch
):
    new = wrong.replace("endmodule", f"// {os.urandom(8).hex()}\nendmodule")
    monkeypatch.setattr(_grading_pool, "default_jobs", lambda: JOBS)
    monkeypatch.setattr(_reward_pool, "_pool", None)
    monkeypatch.setattr("itertl_eval.cli._grade.preflight", lambda: None)  # a worker more
    sent, submit = [], Feeders.submit
    monkeypatch.setattr(Feeders, "submit", lambda *work: sent.append(work) or submit(*work))
    try:
        found = score(problem, new, tmp_path)
    finally:
        close_workers()  # those of the rewards live as long as the process
    assert len(sent) == 1
    assert found == expected


def test_rewards_start_grading_processes_that_could_not_start_before(problem, monkeypatch):
    monkeypatch.setattr(_grading_pool, "default_jobs", lambda: JOBS)
    monkeypatch.setattr(_reward_pool, "_pool", None)

    def fail(_):
        raise OSError("too many open files")

    with monkeypatch.context() as broken:
        broken.setattr("itertl_eval.grader.feeders._executor._Feeder", fail)
        with pytest.raises(InfrastructureError, match="too many open files"):
            by_reward(problem, problem.reference, None)
    try:
        assert by_reward(problem, problem.reference, None) == 1.0
    finally:
        close_workers()
