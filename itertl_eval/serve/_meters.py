"""What GET /metrics shows."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from itertl_eval.verdict import Verdict


class Meters:
    """Prometheus meters in a registry of one service.

    Args:
        waiting: Returns how many samples wait or run.
        capacity: How many may.
    """

    def __init__(self, waiting: Callable[[], int], capacity: int) -> None:
        self.registry = CollectorRegistry()
        name = "itertl_eval_"
        self._verdicts = Counter(
            f"{name}verdicts", "Verdicts", ["status", "stage", "cached"], registry=self.registry
        )
        self._seconds = Histogram(
            f"{name}grade_seconds",
            "Wall time of one sample in its worker, in seconds",
            buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
            registry=self.registry,
        )
        Gauge(f"{name}waiting", "Samples that wait or run", registry=self.registry).set_function(
            lambda: float(waiting())
        )
        Gauge(f"{name}capacity", "Samples that may wait or run", registry=self.registry).set(
            capacity
        )

    def count(self, verdict: Verdict) -> None:
        """Count one verdict."""
        self._verdicts.labels(verdict.status, verdict.stage, str(verdict.cached).lower()).inc()
        if not verdict.cached:
            self._seconds.observe(verdict.seconds)
