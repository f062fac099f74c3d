"""Curve models: function, gradient and inverse, in parameters that cannot leave their domain.

Every model is y = D + (A - D) u^G with u = 1 / (1 + (x/C)^B), A at x = 0 and D at infinity: the
five-parameter logistic (Gottschalk and Dunn 2005, Anal Biochem 343:54). The 4PL has G = 1. The vector that is
fitted is ``(A, D, ln C, ln B, ln G)``; a model frees some of its entries. x = 0 gives A exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_expit

Array = npt.NDArray[np.float64]

LOWER, UPPER, LN_EC50, LN_SLOPE, LN_ASYMMETRY = range(5)
NAMES = ("lower", "upper", "ec50", "slope", "asymmetry")
LN_SLOPE_BOUND = (float(np.log(0.1)), float(np.log(10.0)))
LN_ASYMMETRY_BOUND = (float(np.log(0.1)), float(np.log(10.0)))


@dataclass(frozen=True, slots=True)
class Model:
    """A member of the family: which entries of the vector are free."""

    name: str
    free: tuple[int, ...]

    @property
    def held(self) -> int | None:
        """The asymptote that is not fitted, if there is one."""
        return next((index for index in (LOWER, UPPER) if index not in self.free), None)

    def falling(self) -> Model:
        """The same model for a curve that falls: what was held at x = 0 is held at infinity."""
        if self.held != LOWER:
            return self
        return Model(self.name, (LOWER, *(index for index in self.free if index != UPPER)))

    @property
    def has_asymmetry(self) -> bool:
        """Is G estimated?"""
        return LN_ASYMMETRY in self.free


MODELS: Mapping[str, Model] = {
    "3pl": Model("3pl", (UPPER, LN_EC50, LN_SLOPE)),
    "4pl": Model("4pl", (LOWER, UPPER, LN_EC50, LN_SLOPE)),
    "5pl": Model("5pl", (LOWER, UPPER, LN_EC50, LN_SLOPE, LN_ASYMMETRY)),
    "4pl-fixed-lower": Model("4pl-fixed-lower", (UPPER, LN_EC50, LN_SLOPE)),
}


def _z(x: Array, theta: Array) -> Array:
    """B (ln x - ln C); -inf at x = 0. ``theta`` may have leading axes."""
    slope = np.exp(theta[..., LN_SLOPE, None])
    with np.errstate(divide="ignore"):
        ln_x = np.log(x)
    return np.asarray(slope * (ln_x - theta[..., LN_EC50, None]))


def curve(x: Array, theta: Array) -> Array:
    """OD at concentrations x >= 0.

    Args:
        x: shape (n,), in the calibrators' unit.
        theta: shape (..., 5).

    Returns:
        Shape (..., n).
    """
    log_share = np.exp(theta[..., LN_ASYMMETRY, None]) * log_expit(-_z(x, theta))
    below, above = theta[..., LOWER, None], theta[..., UPPER, None]
    return np.asarray(below * np.exp(log_share) - above * np.expm1(log_share))


def gradient(x: Array, theta: Array) -> Array:
    """Derivatives dy/dtheta, shape (..., n, 5)."""
    z = _z(x, theta)
    g = np.exp(theta[..., LN_ASYMMETRY, None])
    span = theta[..., LOWER, None] - theta[..., UPPER, None]
    log_u = log_expit(-z)
    share = np.exp(g * log_u)
    by_z = -span * g * share * expit(z)
    finite_z = np.where(np.isfinite(z), z, 0.0)  # at x = 0 by_z is 0, and 0 times infinity is not
    columns = (
        share,
        1.0 - share,
        -by_z * np.exp(theta[..., LN_SLOPE, None]),
        by_z * finite_z,
        span * share * log_u * g,
    )
    return np.stack(columns, axis=-1)


def response_and_gradient(x: Array, theta: Array) -> tuple[Array, Array]:
    """:func:`curve` and :func:`gradient` together, which share their exponentials.

    Args:
        x: shape (n,).
        theta: shape (k, 5).

    Returns:
        Shapes (k, n) and (k, n, 5).
    """
    z = _z(x, theta)
    g = np.exp(theta[..., LN_ASYMMETRY, None])
    log_u = log_expit(-z)
    share = np.exp(g * log_u)
    span = theta[..., LOWER, None] - theta[..., UPPER, None]
    by_z = -span * g * share * expit(z)
    slopes = np.empty((*z.shape, 5))
    slopes[..., LOWER] = share
    slopes[..., UPPER] = -np.expm1(g * log_u)
    slopes[..., LN_EC50] = -by_z * np.exp(theta[..., LN_SLOPE, None])
    slopes[..., LN_SLOPE] = by_z * np.where(np.isfinite(z), z, 0.0)
    slopes[..., LN_ASYMMETRY] = span * share * log_u * g
    return theta[..., UPPER, None] + span * share, slopes


def inverse(y: Array, theta: Array) -> Array:
    """Ln x at OD y; -inf at or beyond A (the response at x = 0), +inf at or beyond D: no inverse exists.

    Args:
        y: shape (n,).
        theta: shape (5,), a rising (A < D) or a falling curve.
    """
    lower, upper = theta[LOWER], theta[UPPER]
    inside = (y - lower) * (upper - y) > 0
    share = (upper - np.where(inside, y, (lower + upper) / 2)) / (upper - lower)
    share = np.minimum(share, 1 - 2.0**-53)  # a response a rounding above the asymptote
    log_u = np.log(share) / np.exp(theta[LN_ASYMMETRY])
    z = np.log(-np.expm1(log_u)) - log_u
    ln_x = theta[LN_EC50] + z / np.exp(theta[LN_SLOPE])
    at_zero = (y - lower) * np.sign(upper - lower) <= 0
    return np.where(inside, ln_x, np.where(at_zero, -np.inf, np.inf))
