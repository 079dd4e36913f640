"""95 % intervals of a score that is a mean over problems."""

from __future__ import annotations

from math import isnan, sqrt

Z = 1.959963984540054
"""The normal distribution's 97.5 % point."""


def interval(mean: float, error: float, count: int) -> tuple[float, float] | None:
    """Wilson's 95 % interval from a mean in 0..1, its standard error and the number of problems.

    Wilson's score interval (1927) for a share p of n trials; n is the number of trials at which
    a share would have this standard error, p (1 - p) / error^2. It stays within 0..1, and a
    model that solves none of 156 problems gets 0..0.024 instead of 0..0. None for one problem.
    """
    if count < 2 or isnan(mean) or isnan(error):
        return None
    if 0 < mean < 1:
        if error == 0:
            return mean, mean
        n = mean * (1 - mean) / error**2
    else:
        n = float(count)
    centre = (mean + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(mean * (1 - mean) / n + Z**2 / (4 * n**2))
    return max(0.0, min(mean, centre - half)), min(1.0, max(mean, centre + half))
