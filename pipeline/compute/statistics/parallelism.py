"""Are two curves parallel?

Two answers: the extra sum of squares (does a common shape fit worse than chance allows) and the equivalence
of two slopes (USP <1032>: the interval of their ratio lies inside limits). An F test punishes precise data
and passes noisy data, an equivalence test does not. What the dilutions of one serum say is in
:mod:`pipeline.compute.titer.joint_shape`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.compute.statistics.fieller import Means, fieller_interval
from pipeline.compute.statistics.inference import f_tail, t_two_sided, unusable

_CONVERGED = 1e-6
"""Two fits of the same data agree to this relative difference in their sums of squares."""


@dataclass(frozen=True, slots=True)
class ExtraSumOfSquares:
    """What the common parameters cost; F and p are None with a reason."""

    extra: float
    """RSS of the common fit minus RSS of the separate fits, in squared response units."""
    df_extra: int
    df_separate: int
    f: float | None
    p: float | None
    reason: str | None = None


def extra_sum_of_squares(
    rss_common: float, df_common: int, rss_separate: float, df_separate: int
) -> ExtraSumOfSquares:
    """F of fits with common parameters against separate ones (Bates and Watts 1988, section 3.10).

    Args:
        rss_common: residual sum of squares with the shared parameters.
        df_common: its residual degrees of freedom.
        rss_separate: residual sum of squares with every curve on its own, summed.
        df_separate: its residual degrees of freedom, summed.
    """
    extra, df_extra = rss_common - rss_separate, df_common - df_separate
    problem = unusable(rss_common, rss_separate)
    if problem is None and (df_extra < 1 or df_separate < 1):
        problem = "no degrees of freedom"
    if problem is None and rss_separate <= 0:
        problem = "the separate curves leave no residual"
    if problem is None and extra < -_CONVERGED * rss_separate:
        problem = "the common fit is better than the separate fits, so one of these has not converged"
    if problem is not None:
        return ExtraSumOfSquares(extra, df_extra, df_separate, None, None, problem)
    f = max(extra, 0.0) / df_extra / (rss_separate / df_separate)
    return ExtraSumOfSquares(max(extra, 0.0), df_extra, df_separate, f, f_tail(f, df_extra, df_separate))


@dataclass(frozen=True, slots=True)
class SlopeRatio:
    """Slope of a sample over slope of the reference, and whether the two are shown to be equivalent."""

    ratio: float | None
    low: float | None
    high: float | None
    confidence: float
    limits: tuple[float, float]
    equivalent: bool | None
    """The whole interval lies inside the limits; None if nothing can be said."""
    reason: str | None = None
    """Why there is no interval, or why a missing one is not equivalence."""


def equivalence_of_slopes(slopes: Means, limits: tuple[float, float], confidence: float) -> SlopeRatio:
    """The ratio of two slopes of straight lines with Fieller's interval.

    Args:
        slopes: sample over reference, with the variances of the slopes.
        limits: least and largest ratio that count as parallel.
        confidence: two-sided, of the interval; 0.90 makes it two one-sided tests at 5 % (Schuirmann 1987).
    """
    _check(limits)
    found = fieller_interval(slopes, confidence)
    if found.finite is None:
        verdict = None if found.shape is None else False
        return SlopeRatio(found.ratio, None, None, confidence, limits, verdict, found.reason)
    low, high = found.finite
    inside = limits[0] <= low and high <= limits[1]
    return SlopeRatio(found.ratio, low, high, confidence, limits, inside)


def equivalence_of_ln_slopes(
    difference: float, variance: float, df: float, limits: tuple[float, float], confidence: float
) -> SlopeRatio:
    """The ratio of two slopes that were estimated as logarithms, as of logistic curves.

    Args:
        difference: ln slope of the sample minus ln slope of the reference.
        variance: of that difference.
        df: degrees of freedom behind the variance; may be infinite.
        limits: least and largest ratio that count as parallel.
        confidence: two-sided, of the interval.
    """
    _check(limits)
    problem = unusable(difference, variance)
    if problem is None and (variance < 0 or not df > 0):
        problem = "no error of the slopes"
    if problem is not None:
        return SlopeRatio(None, None, None, confidence, limits, None, problem)
    half = t_two_sided(confidence, df) * variance**0.5
    low, high = float(np.exp(difference - half)), float(np.exp(difference + half))
    inside = limits[0] <= low and high <= limits[1]
    return SlopeRatio(float(np.exp(difference)), low, high, confidence, limits, inside)


def _check(limits: tuple[float, float]) -> None:
    if not 0 < limits[0] < 1 < limits[1]:
        raise ValueError(f"limits of a ratio lie on both sides of 1, not {limits}")
