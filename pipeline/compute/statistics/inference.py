"""What the statistics share: t and F from scipy.special, and when values cannot be used.

scipy.stats would cost 0.7 s at import. "Not available" is None with a reason in words, never NaN.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, stdtrit

Array = npt.NDArray[np.float64]

_ROUNDING = 8 * float(np.finfo(float).eps)
"""Relative size of a difference that is rounding and no more."""


def t_two_sided(confidence: float, df: float) -> float:
    """Student's t that leaves (1 - confidence) / 2 on either side; ``df`` may be infinite (normal)."""
    require_probability("confidence", confidence)
    return float(stdtrit(df, 0.5 + confidence / 2))


def t_one_sided(confidence: float, df: float) -> float:
    """Student's t that leaves 1 - confidence above it; ``df`` may be infinite (normal)."""
    require_probability("confidence", confidence)
    return float(stdtrit(df, confidence))


def f_tail(f: float, df_numerator: float, df_denominator: float) -> float:
    """Probability of an F as large as this or larger."""
    return float(fdtrc(df_numerator, df_denominator, f))


def require_probability(name: str, value: float) -> None:
    """Refuse a confidence or a rate that is not between 0 and 1; that is a fault of the caller."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, not {value}")


def unusable(*values: Array | float) -> str | None:
    """Why numbers cannot be used: one of them is missing or infinite."""
    if all(_finite(value) for value in values):
        return None
    return "a value is missing or infinite"


def _finite(value: Array | float) -> bool:
    return math.isfinite(value) if isinstance(value, int | float) else bool(np.isfinite(value).all())


def not_positive(*values: Array | float) -> str | None:
    """Why numbers have no logarithm: missing, infinite, zero or negative."""
    problem = unusable(*values)
    if problem is None and any(bool((np.asarray(value) <= 0).any()) for value in values):
        return "a value at or below zero has no logarithm"
    return problem


def sample_sd(values: Array) -> float | None:
    """Sample SD of shape (n,); exactly 0 for equal values, None for fewer than two."""
    if len(values) <= 1:
        return None
    return float(np.std(values, ddof=1)) if np.ptp(values) > 0 else 0.0


def only_rounding(sum_of_squares: float, values: Array) -> bool:
    """True for a sum of squared differences that rounding alone gives to values of this size."""
    largest = float(np.max(np.abs(values), initial=0.0))
    return sum_of_squares <= len(values) * (_ROUNDING * largest) ** 2
