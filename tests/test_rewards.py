"""Rewards for other trainers: their contracts, and what happens when the machine fails."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError

import pytest

from itertl_eval import _reward_pool, rewards
from itertl_eval._util.paths import shipped
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader import grade_item
from itertl_eval.suites import load_suite
from itertl_eval.verdict import ungraded
from tests.train.conftest import MODULE, write_model, write_suite

pytestmark = pytest.mark.simulator


@pytest.fixture(scope="module")
def gates(tmp_path_factory):
    return str(write_suite(tmp_path_factory.mktemp("rewards") / "gates"))


RIGHT = MODULE.format(name="and", expression="a & b")
WRONG = MODULE.format(name="and", expression="a | b")


def test_trl_contract(gates):
    got = rewards.trl_reward(
        prompts=["p"] * 3,
        completions=[RIGHT, [{"role": "assistant", "content": f"```\n{WRONG}```"}], "no code"],
        completion_ids=[[1], [2], [3]],
        suite=[gates] * 3,
        task_id=["and_gate"] * 3,
        trainer_state=None,
    )
    assert got[0] == 1.0
    assert got[1] is not None
    assert 0 < got[1] < 0.5
    assert got[2] == 0.0


def test_a_chat_message_may_hold_typed_parts(gates):
    parts = [{"type": "text", "text": RIGHT[:20]}, {"type": "text", "text": RIGHT[20:]}]
    message = {"role": "assistant", "content": parts}
    got = rewards.trl_reward(["p"], [[message]], suite=[gates], task_id=["and_gate"])
    assert got == [1.0]


def test_trl_names_a_missing_column(gates):
    with pytest.raises(UsageError, match="task_id"):
        rewards.trl_reward(prompts=["p"], completions=[RIGHT], suite=[gates])


@pytest.mark.parametrize("shape", ["json", "dict", "path", "extra_info"])
def test_verl_contract(gates, shape):
    named = {"suite": gates, "task_id": "and_gate"}
    truth = {"json": json.dumps(named), "dict": named, "path": f"{gates}/and_gate"}.get(shape, "")
    extra = named if shape == "extra_info" else {"index": 3}
    got = rewards.verl_reward("rtl", RIGHT, truth, extra)
    assert got == {"score": 1.0, "passed": 1.0, "stage": "pass"}
    assert rewards.compute_score is rewards.verl_reward


def test_openrlhf_contract(gates):
    torch = pytest.importorskip("torch")
    label = json.dumps({"suite": gates, "task_id": "and_gate"})
    got = rewards.openrlhf_reward(["Q:" + RIGHT, "Q:" + WRONG], ["Q:", "Q:"], [label, label])
    assert got["rewards"].dtype == torch.float
    assert got["rewards"][0] == 1
    assert got["rewards"][1] < 0.5
    assert got["scores"].tolist() == [1, 0]


@pytest.mark.parametrize("name", ["compute_score", "reward_func"])
def test_the_file_works_under_another_modules_name(gates, name):
    """verl and OpenRLHF load a reward by the path of its file and look the function up there."""
    spec = importlib.util.spec_from_file_location("custom_module", rewards.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if name == "compute_score":
        got = module.compute_score("rtl", RIGHT, f"{gates}/and_gate", None)["score"]
    else:
        pytest.importorskip("torch")
        got = float(module.reward_func([RIGHT], [""], [f"{gates}/and_gate"])["rewards"][0])
    assert got == 1.0


@pytest.fixture
def full_disk(monkeypatch):
    def broken(pairs):
        for p, _ in pairs:
            answer = Future()
            answer.set_result(ungraded(p.id, 0, 0, "no space"))
            yield answer

    monkeypatch.setattr(rewards, "submit", broken)


def test_an_infrastructure_error_is_never_a_reward(gates, full_disk):
    columns = {"suite": [gates], "task_id": ["and_gate"]}
    assert rewards.trl_reward(["p"], [RIGHT], **columns) == [None]
    with pytest.raises(InfrastructureError, match="no space"):
        rewards.verl_reward("rtl", RIGHT, f"{gates}/and_gate")
    with pytest.raises(InfrastructureError):
        rewards.openrlhf_reward([RIGHT], [""], [f"{gates}/and_gate"])


@pytest.mark.parametrize("trl", ["1.5.1", "1.6.0", "1.10.0.dev0", "2.0rc1", None])
def test_a_trl_that_takes_none_for_zero_is_refused(gates, full_disk, monkeypatch, trl):
    def version(name):
        if trl is None:
            raise PackageNotFoundError
        return trl

    monkeypatch.setattr("importlib.metadata.version", version)
    columns = {"suite": [gates], "task_id": ["and_gate"]}
    if trl != "1.5.1":
        assert rewards.trl_reward(["p"], [RIGHT], **columns) == [None]
        return
    with pytest.raises(UsageError, match=r"TRL 1\.5\.1 takes for 0: pip install 'trl>=1\.6'"):
        rewards.trl_reward(["p"], [RIGHT], **columns)


def call(gates, number):
    end = f"// {os.getpid()} {number}\nendmodule"
    text = (RIGHT if number % 2 else WRONG).replace("endmodule", end)
    return {"data_source": "", "solution_str": text, "ground_truth": f"{gates}/and_gate"}


def scores(results):
    return [round(one["score"], 2) for one in results]


def test_calls_of_many_threads_and_loops_share_the_workers(gates, monkeypatch):
    first = scores([rewards.verl_reward(**call(gates, 1)), rewards.verl_reward(**call(gates, 0))])
    with ThreadPoolExecutor(8) as threads:  # as many workers as there will be
        list(threads.map(lambda n: rewards.verl_reward(**call(gates, n)), range(100, 116)))
    started = []
    monkeypatch.setattr("itertl_eval.grader.worker.pool.open_worker", started.append)
    with ThreadPoolExecutor(8) as threads:
        found = scores(threads.map(lambda n: rewards.verl_reward(**call(gates, n)), range(16)))

    async def many():
        calls = (rewards.verl_reward_async(**call(gates, n)) for n in range(16))
        return scores(await asyncio.gather(*calls))

    assert first[0] == 1.0
    assert found == [first[1 - number % 2] for number in range(16)]
    assert [asyncio.run(many()) for _ in range(2)] == [found, found]
    assert not started


def test_batched_and_asynchronous_calls_give_the_same(gates):
    calls = [call(gates, number) for number in range(4)]
    single = [rewards.verl_reward(**one) for one in calls]
    plural = {f"{name}s": [one[name] for one in calls] for name in calls[0]}
    assert rewards.verl_reward_batch(**plural, extra_infos=None) == single
    texts = plural["solution_strs"]
    columns = {"suite": [gates] * 4, "task_id": ["and_gate"] * 4}
    found = asyncio.run(rewards.trl_reward_async(["p"] * 4, texts, **columns))
    assert found == [one["score"] for one in single]
    assert found == rewards.trl_reward(["p"] * 4, texts, **columns)
    pytest.importorskip("torch")
    found = asyncio.run(rewards.openrlhf_reward_async(texts, [""] * 4, plural["ground_truths"]))
    assert found["scores"].tolist() == [one["passed"] for one in single]


def test_a_call_that_is_given_up_harms_no_other(gates):
    async def main():
        tasks = [asyncio.create_task(rewards.verl_reward_async(**call(gates, n))) for n in range(9)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        kept = await asyncio.wait_for(asyncio.gather(*tasks[1:]), 60)
        return [one["passed"] for one in kept]

    assert asyncio.run(main()) == [1.0, 0.0] * 4


def test_a_forked_process_grades_too(gates):
    right = rewards.verl_reward(**call(gates, 1))
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = int(rewards.verl_reward(**call(gates, 1)) != right)
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0
    assert rewards.verl_reward(**call(gates, 3)) == right


def test_a_fault_reaches_every_call_that_waits_and_none_that_comes_later(gates, monkeypatch):
    def missing():
        raise InfrastructureError("no simulator")

    def graders():
        return {thread for thread in threading.enumerate() if thread.name == "grade-rewards"}

    assert rewards.verl_reward(**call(gates, 9))["passed"] == 1.0
    before = graders()
    assert before
    with monkeypatch.context() as broken:
        broken.setattr("itertl_eval.grader._grade_item.find_icarus", missing)
        with pytest.raises(InfrastructureError, match="no simulator"):
            rewards.verl_reward(**call(gates, 11))
    assert rewards.verl_reward(**call(gates, 13))["passed"] == 1.0
    assert graders() == before


def test_a_pool_that_could_not_be_made_is_made_by_a_later_call(gates, monkeypatch):
    def fail(jobs):
        raise OSError("too many open files")

    monkeypatch.setattr(_reward_pool, "_pool", None)
    problem = rewards.find(gates, "and_gate")
    with monkeypatch.context() as broken:
        broken.setattr("itertl_eval.grader._grading_pool.local_executor", fail)
        for answer in [_reward_pool.submit([(problem, RIGHT)])[0] for _ in range(3)]:
            with pytest.raises(RuntimeError, match="too many open files"):
                answer.result(10)
    assert rewards.verl_reward(**call(gates, 1))["passed"] == 1.0


def test_an_error_of_one_call_reaches_no_other(gates, monkeypatch):
    def grade(item):
        if "fails" in item.completion:
            raise InfrastructureError("a worker did not start")
        return grade_item(item)

    monkeypatch.setattr("itertl_eval.grader._grading_pool.grade_item", grade)
    problem = rewards.find(gates, "and_gate")
    failed, passed = _reward_pool.submit([(problem, "// fails"), (problem, RIGHT)])
    assert passed.result(60).passed
    with pytest.raises(InfrastructureError, match="did not start"):
        failed.result(60)


def test_unknown_problems_are_named(gates):
    with pytest.raises(UsageError, match="nand_gat"):
        rewards.find(gates, "nand_gat")
    with pytest.raises(UsageError, match="ground_truth"):
        rewards.verl_reward("rtl", RIGHT, "")


def test_importing_rewards_is_light():
    code = (
        "import sys, itertl_eval.rewards; "
        "heavy = {'torch', 'transformers', 'trl', 'lm_eval', 'datasets'} & set(sys.modules); "
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.train
def test_a_few_grpo_steps_for_real(gates, tmp_path):
    """TRL's own script with the shipped recipe; the rewards that it logs are the grader's."""
    script = pytest.importorskip("trl.scripts.grpo")
    data = tmp_path / "data"
    data.mkdir()
    rows = [
        {"prompt": p.prompt.text, "suite": gates, "task_id": p.id}
        for p in load_suite(gates).values()
    ]
    (data / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    small = {
        "model_name_or_path": write_model(tmp_path / "model"),
        "dataset_name": data,
        "output_dir": tmp_path / "out",
        "max_steps": 2,
        "max_completion_length": 12,
        "use_cpu": "true",
        "bf16": "false",
        "logging_steps": 1,
        "save_steps": 2,
        "gradient_accumulation_steps": 1,
    }
    flags = [str(part) for key, value in small.items() for part in (f"--{key}", value)]
    recipe = str(shipped("training") / "trl" / "grpo.yaml")
    script.main(*script.make_parser().parse_args_and_config(["--config", recipe, *flags]))
    state = json.loads((tmp_path / "out/checkpoint-2/trainer_state.json").read_text())
    logged = [entry for entry in state["log_history"] if "rewards/trl_reward/mean" in entry]
    assert len(logged) == 2
    assert all(entry["rewards/trl_reward/mean"] >= 0 for entry in logged)
    assert (tmp_path / "out/adapter_config.json").exists()
