"""Means and changes of titers on the ln scale, where their errors are symmetric and add up.

Geometric CV: sqrt(exp(s²) - 1) with s the SD of the ln values (log-normal distribution; Kirkwood 1979,
Biometrics 35:908). Degrees of freedom of a difference: Welch 1947, Biometrika 34:28.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.compute.statistics.inference import Array, not_positive, sample_sd, t_two_sided, unusable

Limits = tuple[float, float]


@dataclass(frozen=True, slots=True)
class GeometricSummary:
    """Geometric mean in the unit of the values; CV in percent, None for one value."""

    n: int
    mean: float | None
    cv_percent: float | None
    ln_sd: float | None
    reason: str | None = None
    """Why the mean or the CV is not there."""


def geometric_summary(values: Array) -> GeometricSummary:
    """Geometric mean and geometric CV of positive values, shape (n,)."""
    n = len(values)
    problem = "no value" if n == 0 else not_positive(values)
    if problem is not None:
        return GeometricSummary(n, None, None, None, problem)
    ln_sd = sample_sd(np.log(values))
    mean = float(np.exp(np.mean(np.log(values))))
    if ln_sd is None:
        return GeometricSummary(n, mean, None, None, "one value has no CV")
    return GeometricSummary(n, mean, geometric_cv_percent(ln_sd), ln_sd)


def geometric_cv_percent(ln_sd: float) -> float:
    """The CV of values whose logarithms have this SD."""
    return 100.0 * float(np.sqrt(np.expm1(ln_sd**2)))


def geometric_mean_interval(summary: GeometricSummary, confidence: float) -> Limits | None:
    """Limits of the true geometric mean, mean times and over exp(t ln_sd / sqrt(n)); None without an SD.

    An SD of 0 from titers of a dilution series is their resolution, not their error: it gives no interval.
    """
    if summary.mean is None or not summary.ln_sd:
        return None
    factor = float(np.exp(t_two_sided(confidence, summary.n - 1) * summary.ln_sd / summary.n**0.5))
    return summary.mean / factor, summary.mean * factor


@dataclass(frozen=True, slots=True)
class MeasuredTiter:
    """One titer with the standard error of its logarithm."""

    titer: float
    ln_se: float | None
    """None: not known."""
    df: float = np.inf
    """Degrees of freedom behind the standard error."""


@dataclass(frozen=True, slots=True)
class Change:
    """From one titer to the next, in three ways of saying it, each with its interval."""

    fold: float | None
    fold_interval: Limits | None
    percent: float | None
    """-60 is a fall by 60 %."""
    percent_interval: Limits | None
    log2_steps: float | None
    """Steps of a two-fold dilution series."""
    log2_interval: Limits | None
    confidence: float
    least_fold: float
    by_interval: bool | None
    """The interval excludes no change; None without an interval."""
    by_fold: bool | None
    """The titer rose or fell by the least fold or more."""
    reason: str | None = None
    """Why the change or its interval is not there."""

    @property
    def significant(self) -> bool | None:
        """By the interval, or by the fold where the interval does not say so; None if neither can tell."""
        if self.by_interval or self.by_fold:
            return True
        return None if self.by_interval is None else False


def change(
    before: MeasuredTiter,
    after: MeasuredTiter,
    *,
    confidence: float,
    least_fold: float,
    ln_covariance: float = 0.0,
) -> Change:
    """Compare two titers of one patient.

    Args:
        before: the baseline.
        after: the later titer, in the same unit.
        confidence: two-sided, of the intervals.
        least_fold: a rise or fall by this factor counts without an interval; above 1.
        ln_covariance: of the two ln titers, for instance by the curve of one plate that both were read from.
    """
    if not least_fold > 1:
        raise ValueError(f"the least fold must be above 1, not {least_fold}")
    problem = not_positive(before.titer, after.titer)
    if problem is not None:
        return Change(None, None, None, None, None, None, confidence, least_fold, None, None, problem)
    ln_fold = float(np.log(after.titer) - np.log(before.titer))
    error = _error(before, after, ln_covariance)
    ends = None
    if not isinstance(error, str):
        half = t_two_sided(confidence, error.df) * error.se
        ends = (ln_fold - half, ln_fold + half)
    return Change(
        fold=_fold(ln_fold),
        fold_interval=_both(_fold, ends),
        percent=_percent(ln_fold),
        percent_interval=_both(_percent, ends),
        log2_steps=_log2(ln_fold),
        log2_interval=_both(_log2, ends),
        confidence=confidence,
        least_fold=least_fold,
        by_interval=None if ends is None else ends[0] > 0 or ends[1] < 0,
        by_fold=_reaches(before.titer, after.titer, least_fold),
        reason=error if isinstance(error, str) else None,
    )


def _fold(ln_fold: float) -> float:
    return float(np.exp(ln_fold))


def _percent(ln_fold: float) -> float:
    return 100.0 * float(np.expm1(ln_fold))


def _log2(ln_fold: float) -> float:
    return ln_fold / float(np.log(2))


def _both(scale: Callable[[float], float], ends: Limits | None) -> Limits | None:
    return None if ends is None else (scale(ends[0]), scale(ends[1]))


def _reaches(before: float, after: float, fold: float) -> bool:
    """A four-fold change of 100 to 400 counts, whatever the last binary digit of its logarithm."""
    return max(before, after) >= fold * min(before, after) * (1 - 1e-12)


@dataclass(frozen=True, slots=True)
class _Error:
    """Of the ln fold."""

    se: float
    df: float


def _error(before: MeasuredTiter, after: MeasuredTiter, covariance: float) -> _Error | str:
    """The error of the ln fold, or why there is none."""
    if before.ln_se is None or after.ln_se is None:
        return "a titer has no standard error"
    first, second = before.ln_se**2, after.ln_se**2
    problem = unusable(first, second, covariance)
    if problem is not None:
        return problem
    if min(before.ln_se, after.ln_se) < 0 or covariance**2 > first * second * (1 + 1e-9):
        return "the standard errors and the covariance do not belong together"
    if not min(before.df, after.df) > 0:
        return "no degrees of freedom for the error"
    se = float(np.sqrt(max(first + second - 2 * covariance, 0.0)))
    parts = first**2 / before.df + second**2 / after.df
    df = (first + second) ** 2 / parts if parts > 0 else np.inf
    return _Error(se, df)
