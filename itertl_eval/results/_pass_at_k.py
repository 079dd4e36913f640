"""pass@k and its standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb, sqrt


def pass_at_k(n: int, c: int, k: int) -> float:
    """Estimate the probability that at least one of k samples passes, given that c of n did.

    The unbiased estimator 1 - C(n-c, k) / C(n, k) of Chen et al. 2021 (arXiv 2107.03374, eq. 1),
    which VerilogEval v1 uses too. Exact: computed in integers. Raises ValueError unless
    0 <= c <= n and 1 <= k <= n.
    """
    if not (0 <= c <= n and 1 <= k <= n):
        raise ValueError(f"pass@{k} can't be estimated from {c} of {n} samples")
    return 1.0 - comb(n - c, k) / comb(n, k)


def v2_percent(n: int, c: int) -> int:
    """Return c of n samples in percent as VerilogEval v2's sv-iv-analyze prints it: truncated.

    Floating point as there, where 29 of 50 are 57 percent.
    """
    return int((c / n) * 100)


RTLLM_SKIPS = "freq_divbyfrac"
"""The design that RTLLM's script never grades, because its list misspells the name."""


def rtllm_mean(rates: Mapping[str, float]) -> float:
    """Return the mean over designs as RTLLM's auto_run.py computes it.

    The script counts 0 for `RTLLM_SKIPS`, and appends one more 0 to the list that it averages: a
    model that solves all 50 designs gets 49/51.

    Args:
        rates: Design -> its pass@k.
    """
    counted = sum(rate for name, rate in rates.items() if name != RTLLM_SKIPS)
    return counted / (len(rates) + 1)


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean over problems and its standard error (sample deviation / sqrt(count))."""
    count = len(values)
    if not count:
        return float("nan"), float("nan")
    mean = sum(values) / count
    if count == 1:
        return mean, float("nan")
    return mean, sqrt(sum((v - mean) ** 2 for v in values) / (count - 1) / count)


def report_ks(n: int) -> list[int]:
    """Return the k to report for n samples: 1, 5, 10 and n, where k <= n."""
    return sorted({k for k in (1, 5, 10, n) if 1 <= k <= n})
