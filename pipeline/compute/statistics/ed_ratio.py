"""Ratio of effective doses of two logistic curves that share their asymptotes.

Effective dose at p percent, ED(p) = e (p / (100 - p))^(1/b): where the response has gone p percent of the way
from the asymptote at dose zero to the other (Ritz et al. 2015, PLoS ONE 10:e0146021). With equal exponents b
the ratio is the same at every p: the relative potency. With unequal ones it is not, and there is no potency.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.compute.statistics.inference import Array, not_positive, t_two_sided, unusable


@dataclass(frozen=True, slots=True)
class EdRatio:
    """ED of the first curve over ED of the second, with the delta method's SE and symmetric interval."""

    ratio: float | None
    se: float | None
    low: float | None
    high: float | None
    reason: str | None = None


def ed_ratio(
    exponent: Array, ed50: Array, covariance: Array, percent: float, *, df: float, confidence: float
) -> EdRatio:
    """Compare two curves at one percentage.

    Args:
        exponent: b of the two curves, positive, shape (2,).
        ed50: e of the two curves, in the unit of dose, shape (2,).
        covariance: of (b1, b2, e1, e2), shape (4, 4).
        percent: above 0 and below 100.
        df: residual degrees of freedom; may be infinite.
        confidence: two-sided.
    """
    if not 0 < percent < 100:  # noqa: PLR2004 - a percentage
        raise ValueError(f"percent must lie between 0 and 100, not {percent}")
    problem = not_positive(exponent, ed50) or unusable(covariance)
    if problem is None and not df > 0:
        problem = "no degrees of freedom for the error"
    if problem is not None:
        return EdRatio(None, None, None, None, problem)
    ln_odds = float(np.log(percent / (100 - percent)))
    ratio = float(np.exp(np.log(ed50[0] / ed50[1]) + ln_odds * (1 / exponent[0] - 1 / exponent[1])))
    by_exponent = np.array([-ln_odds, ln_odds]) / exponent**2
    gradient = ratio * np.concatenate([by_exponent, np.array([1.0, -1.0]) / ed50])
    variance = float(gradient @ covariance @ gradient)
    if variance < 0:
        return EdRatio(ratio, None, None, None, "the covariance matrix is not positive definite")
    half = t_two_sided(confidence, df) * variance**0.5
    return EdRatio(ratio, variance**0.5, ratio - half, ratio + half)
