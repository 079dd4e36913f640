"""Executors: what runs the work elsewhere must not change a verdict, nor lose one."""

import os
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import replace

import pytest

from itertl_eval import UsageError, grade_many
from itertl_eval.authoring.mutate import mutants
from itertl_eval.grader import Item, grade_stream
from itertl_eval.grader.executors._load import load_executor
from tests.designs import ADDER, COUNTER

GOOD, BAD = ADDER.reference, ADDER.reference.replace("+", "-")


def same(one, other):
    return [replace(v, seconds=0, cached=False) for v in one] == [
        replace(v, seconds=0, cached=False) for v in other
    ]


def test_names():
    assert load_executor("local") is None
    made = load_executor("concurrent.futures:ThreadPoolExecutor", 3)
    assert made is not None
    with made as executor:
        assert executor.submit(lambda: 5).result() == 5


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dask", "use local, ray or MODULE:FACTORY"),
        ("nothing_of_this_name:make", "on PYTHONPATH"),
        ("os:nothing_of_this_name", "can't be loaded"),
        ("os:getpid", "getpid failed: TypeError"),
        ("builtins:str", "is not a concurrent.futures.Executor"),
    ],
)
def test_what_is_no_executor_is_said(name, message):
    with pytest.raises(UsageError, match=message):
        load_executor(name)


@pytest.mark.simulator
def test_processes_judge_as_threads_do():
    """The parent's own workers are inherited by the forks, which must not touch them."""
    items = [Item(ADDER, text, cache=False) for text in (GOOD, BAD, "", GOOD)]
    here = grade_many(items, jobs=1)
    with ProcessPoolExecutor(1) as executor:
        assert same(grade_many(items, executor=executor), here)
    assert same(grade_many(items[:1], jobs=1), here[:1])


class Recorder(Executor):
    """Answers at once, in the caller's thread, and keeps the order of what it was given."""

    def __init__(self):
        self.seen = []

    def submit(self, function, /, *args, **kwargs):
        self.seen.append(args[0])
        future = Future()
        future.set_result(function(*args, **kwargs))
        return future


@pytest.mark.simulator
def test_longest_problems_first_and_verdicts_in_order(monkeypatch):
    lengths = {ADDER.digest: 0.5, COUNTER.digest: 2.0}
    monkeypatch.setattr(
        "itertl_eval.grader._grading_pool.known_seconds",
        lambda problem, *_: lengths[problem.digest],
    )
    items = [Item(problem, f"// {n}", n) for n, problem in enumerate([ADDER, COUNTER] * 3)]
    executor = Recorder()
    verdicts = grade_many(items, executor=executor)
    assert [verdict.sample for verdict in verdicts] == [0, 1, 2, 3, 4, 5]
    assert [item.sample for item in executor.seen] == [1, 3, 5, 0, 2, 4]


@pytest.mark.simulator
def test_a_stream_is_read_only_as_far_as_its_window():
    read = 0

    def items():
        nonlocal read
        for n in range(100_000):
            read += 1
            yield Item(ADDER, "", n)

    stream = grade_stream(items(), jobs=1, window=8)
    next(stream)
    assert read <= 8
    stream.close()


def _die(_):
    os._exit(1)


@pytest.mark.simulator
def test_an_executor_that_loses_its_processes_fails_no_design(monkeypatch):
    monkeypatch.setattr("itertl_eval.grader._grading_pool.grade_item", _die)
    with ProcessPoolExecutor(1) as executor:
        verdicts = grade_many(
            [Item(ADDER, GOOD, n, cache=False) for n in range(3)], executor=executor
        )
    assert [verdict.status for verdict in verdicts] == ["infra_error"] * 3
    assert "BrokenProcessPool" in verdicts[0].message


def _mixed(count):
    pairs = []
    for problem in (ADDER, COUNTER):
        pairs += [(problem, problem.reference), (problem, "no design")]
        pairs += [(problem, m.source) for m in mutants(problem.reference, problem.top, limit=12)]
    # A comment makes each a sample of its own, so that nothing comes from a cache.
    return [
        Item(problem, f"{text}// {n}\n", n, cache=False)
        for n, (problem, text) in enumerate(pairs[k % len(pairs)] for k in range(count))
    ]


@pytest.fixture
def cluster():
    pytest.importorskip("ray", reason="Ray is not installed (the extra 'ray')")
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.mark.simulator
@pytest.mark.slow
def test_a_ray_node_that_dies_loses_no_verdict(cluster):
    import ray

    from itertl_eval.grader.executors._ray import RayExecutor

    second = cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False)
    items = _mixed(500)
    done, killed = 0, threading.Event()

    def progress(_):
        nonlocal done
        done += 1
        if done == 250:
            cluster.remove_node(second, allow_graceful=False)
            killed.set()

    with RayExecutor() as executor:
        assert executor.workers == 2
        verdicts = grade_many(items, executor=executor, progress=progress)
    assert killed.is_set()
    until = time.monotonic() + 60  # Ray may notice after the last verdict
    while sum(node["Alive"] for node in ray.nodes()) > 1 and time.monotonic() < until:
        time.sleep(0.5)
    assert sum(node["Alive"] for node in ray.nodes()) == 1
    assert len(verdicts) == 500
    assert same(verdicts, grade_many(items, jobs=2))
    assert {verdict.status for verdict in verdicts} == {"pass", "fail"}


@pytest.mark.simulator
@pytest.mark.slow
def test_a_ray_node_without_a_simulator_is_named(cluster):
    import ray

    from itertl_eval import InfrastructureError
    from itertl_eval.grader.executors._ray import RayExecutor

    cluster.add_node(num_cpus=1, env_vars={"ITERTL_EVAL_ICARUS": "/nowhere"})
    ray.init(address=cluster.address, log_to_driver=False)
    bare = next(
        n["NodeID"][:8] for n in ray.nodes() if not n["Resources"].get("node:__internal_head__")
    )
    with pytest.raises(
        InfrastructureError, match=f"{bare}.*Icarus Verilog was not found"
    ) as caught:
        RayExecutor()
    assert len(str(caught.value).splitlines()) == 2
