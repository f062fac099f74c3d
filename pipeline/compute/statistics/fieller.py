"""The interval of a ratio of two means, with its three shapes (Fieller 1954, J R Stat Soc B 16:175).

All ratios r with (a - r b)² <= t² (Var a - 2 r Cov + r² Var b). Where the denominator differs from zero that
is an ordinary interval. Where it does not, the data only exclude a middle piece (the complement of an
interval), or nothing at all (the whole line).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pipeline.compute.statistics.inference import t_two_sided, unusable

_ZERO = "the denominator is zero"
_WEAK = "the denominator does not differ from zero at this confidence"


class ConfidenceSet(StrEnum):
    """Which ratios agree with the data."""

    FINITE = "finite"
    """From ``low`` to ``high``."""
    COMPLEMENT = "complement"
    """All but those between ``low`` and ``high``; None there is an end at infinity."""
    WHOLE_LINE = "whole line"
    """All of them."""


@dataclass(frozen=True, slots=True)
class Means:
    """Numerator and denominator with what is known of their errors; units are the caller's."""

    numerator: float
    denominator: float
    numerator_variance: float
    """Of the mean, not of one value."""
    denominator_variance: float
    covariance: float
    df: float
    """Degrees of freedom behind the variances; infinite when they are known."""


@dataclass(frozen=True, slots=True)
class FiellerInterval:
    """A ratio and the set of ratios that agree with the data; without a ``shape`` see ``reason``."""

    ratio: float | None
    shape: ConfidenceSet | None
    low: float | None
    high: float | None
    g: float | None
    """(t SE / denominator)²: below 1 the interval is finite, near 0 it is symmetric."""
    confidence: float
    df: float
    reason: str | None = None
    """Why there is no finite interval."""

    @property
    def finite(self) -> tuple[float, float] | None:
        """The two limits of an ordinary interval."""
        if self.shape is not ConfidenceSet.FINITE or self.low is None or self.high is None:
            return None
        return self.low, self.high


def fieller_interval(means: Means, confidence: float) -> FiellerInterval:
    """The ratio of two means, which may be correlated, at a two-sided confidence."""
    problem = _problem(means)
    if problem is not None:
        ratio = means.numerator / means.denominator if _has_ratio(means) else None
        return FiellerInterval(ratio, None, None, None, None, confidence, means.df, problem)
    a, b = means.numerator, means.denominator
    t2 = t_two_sided(confidence, means.df) ** 2
    leading = b**2 - t2 * means.denominator_variance
    shape, low, high = _solve(means, t2, leading)
    g = t2 * means.denominator_variance / b**2 if b else None
    reason = None if shape is ConfidenceSet.FINITE else _WEAK if b else _ZERO
    return FiellerInterval(a / b if b else None, shape, low, high, g, confidence, means.df, reason)


def _has_ratio(means: Means) -> bool:
    return unusable(means.numerator, means.denominator) is None and means.denominator != 0


def _problem(means: Means) -> str | None:
    """Why nothing can be said about the ratio's error."""
    va, vb, cov = means.numerator_variance, means.denominator_variance, means.covariance
    problem = unusable(means.numerator, means.denominator, va, vb, cov)
    if problem is not None:
        return problem
    if not means.df > 0:
        return "no degrees of freedom for the error"
    # a correlation beyond 1 by more than rounding is not a covariance of these two
    if min(va, vb) < 0 or cov**2 > va * vb * (1 + 1e-9):
        return "the variances and the covariance do not belong together"
    return _ZERO if means.denominator == 0 and vb == 0 else None


def _solve(means: Means, t2: float, leading: float) -> tuple[ConfidenceSet, float | None, float | None]:
    """Where ``leading`` r² - 2 middle r + last <= 0."""
    a, b, cov = means.numerator, means.denominator, means.covariance
    va, vb = means.numerator_variance, means.denominator_variance
    middle, last = a * b - t2 * cov, a**2 - t2 * va
    # middle² - leading last, multiplied out so that equal large terms do not cancel
    discriminant = t2 * (a**2 * vb - 2 * a * b * cov + b**2 * va - t2 * (va * vb - cov**2))
    if leading <= 0 and discriminant <= 0:
        return ConfidenceSet.WHOLE_LINE, None, None
    larger = middle + float(np.copysign(max(discriminant, 0.0) ** 0.5, middle))
    far = larger / leading if leading else None
    near = last / larger if larger else 0.0
    if far is None:  # one end lies at infinity
        return ConfidenceSet.COMPLEMENT, *((None, near) if larger > 0 else (near, None))
    shape = ConfidenceSet.FINITE if leading > 0 else ConfidenceSet.COMPLEMENT
    return shape, min(near, far), max(near, far)
