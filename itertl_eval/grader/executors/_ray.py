"""A `concurrent.futures.Executor` over Ray tasks: grade on several machines.

Connects to the cluster in RAY_ADDRESS or `ray.init`, or starts one on this machine. Every node
needs this package, Icarus Verilog of the same version and the testbenches at the same paths; all
nodes are checked before any work starts. A task whose process or node dies is retried elsewhere,
MAX_RETRIES times; then it ends in an exception.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from itertl_eval.errors import InfrastructureError, ItertlError

MAX_RETRIES = 2
"""How often a task is retried whose process or node has died."""
PROBE_SECONDS = 300


class RayExecutor(Executor):
    """Runs each call as one Ray task on one core.

    `submit` blocks while four tasks per worker are in flight. `workers` is the number of samples
    at a time, by default the cores of the cluster. Raises an InfrastructureError that names the
    nodes that can't grade.
    """

    def __init__(self, workers: int | None = None) -> None:
        if not ray.is_initialized():
            ray.init(log_to_driver=False)
        require_simulators()
        self.workers = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._room = threading.BoundedSemaphore(4 * self.workers)
        self._running: dict[Future[Any], ray.ObjectRef] = {}
        self._call = ray.remote(max_retries=MAX_RETRIES, num_cpus=1)(_call)

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._room.acquire()
        reference = self._call.remote(function, args, kwargs)
        future: Future[Any] = reference.future()
        self._running[future] = reference
        future.add_done_callback(self._done)
        return future

    def _done(self, future: Future[Any]) -> None:
        reference = self._running.pop(future)
        if future.cancelled():
            ray.cancel(reference, force=True)
        self._room.release()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for the tasks in flight, or end them; the cluster stays up."""
        running = dict(self._running)
        if cancel_futures:
            for future in running:
                future.cancel()
        elif wait and running:
            ray.wait(list(running.values()), num_returns=len(running))


def require_simulators() -> None:
    """Check the tools of each node of the cluster.

    Raises an InfrastructureError with the name and address of each node that can't grade, or
    has other tools than the first.
    """
    nodes = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
    asked = [
        ray.remote(num_cpus=0)(_tools)
        .options(scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False))
        .remote()
        for node in nodes
    ]
    faults, first = list[str](), ""
    for node, answer in zip(nodes, asked, strict=True):
        name = f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']}, {node['NodeID'][:8]})"
        try:
            tools, fault = ray.get(answer, timeout=PROBE_SECONDS)
        except ray.exceptions.RayError as error:
            tools, fault = "", str(error).strip().splitlines()[-1]
        if fault:
            faults.append(f"{name}: {fault}")
        elif tools != (first := first or tools):
            faults.append(f"{name}: has {tools}, another node {first}")
    if faults:
        raise InfrastructureError(
            "these Ray nodes can't grade; repair them or leave them out:\n  " + "\n  ".join(faults)
        )


def _tools() -> tuple[str, str]:
    """Return this node's simulator and grader, and what is wrong with them."""
    from itertl_eval.grader._cache import grader_digest, tool_versions
    from itertl_eval.grader.compile import find_icarus
    from itertl_eval.grader.isolation import sandbox

    try:
        simulator = find_icarus().name
    except ItertlError as error:
        return "", str(error).splitlines()[0]
    refusal = sandbox.sandbox_status().refusal
    if refusal and not sandbox.unsafe():
        return "", refusal
    versions = ", ".join(f"{name} {version}" for name, version in tool_versions().items())
    return f"{simulator}, grader {grader_digest()}, {versions}", ""


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)
