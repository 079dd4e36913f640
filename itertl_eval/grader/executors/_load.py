"""Load a grading executor by name.

`local` is this process with a worker per core, and needs no executor. `ray` is a Ray cluster.
`MODULE:FACTORY` calls FACTORY of a module with the number of workers. It returns an executor that
runs picklable functions in processes with this package and the testbenches at the same paths:
`concurrent.futures:ProcessPoolExecutor` is the simplest.
"""

from __future__ import annotations

import importlib
from concurrent.futures import Executor

from itertl_eval.errors import ItertlError, UsageError
from itertl_eval.grader.executors._jobs import default_jobs


def load_executor(name: str, jobs: int | None = None) -> Executor | None:
    """Return the executor with this name, None for "local".

    Args:
        name: local, ray or MODULE:FACTORY.
        jobs: Number of samples at a time. Default: the executor's attribute `workers`, else the
            cores of this machine.

    Raises:
        UsageError: There is no such executor.
        InfrastructureError: It can't grade.
    """
    if name == "local":
        return None
    if name == "ray":
        try:
            from itertl_eval.grader.executors._ray import RayExecutor
        except ImportError:
            raise UsageError("--executor ray needs Ray: pip install 'itertl-eval[ray]'") from None
        return RayExecutor(jobs)
    module, colon, factory = name.partition(":")
    if not colon:
        raise UsageError(f"no executor {name!r}: use local, ray or MODULE:FACTORY")
    try:
        make = getattr(importlib.import_module(module), factory)
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"executor {name!r} can't be loaded: {error} (is its folder on PYTHONPATH?)"
        ) from None
    try:
        executor = make(jobs or default_jobs())
    except ItertlError:
        raise
    except Exception as error:
        raise UsageError(f"{name} failed: {type(error).__name__}: {error}") from error
    if not isinstance(executor, Executor):
        raise UsageError(
            f"{name} returned {executor!r}, which is not a concurrent.futures.Executor"
        )
    return executor
