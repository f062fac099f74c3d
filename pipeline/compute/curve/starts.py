"""Where fits start: a line through the logits for one start, a grid of starts for a wide search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.models import (
    LN_ASYMMETRY,
    LN_ASYMMETRY_BOUND,
    LN_EC50,
    LN_SLOPE,
    LN_SLOPE_BOUND,
    LOWER,
    UPPER,
    Model,
)

Array = npt.NDArray[np.float64]

_WIDENED = 0.02
"""Asymptotes of a start lie this share of the span beyond the data."""


def logit_start(x: Array, y: Array, fixed_lower: float | None = None) -> Array:
    """One start for each of k data sets: a straight line through logit(y) against ln x.

    Weighted by the logit's information, (y - A)(D - y). Berkson 1944, J Am Stat Assoc 39:357.

    Args:
        x: shape (n,); zeros take no part in the line.
        y: shape (k, n).
        fixed_lower: the asymptote that is not fitted: at x = 0 of a rising, at infinity of a falling curve.

    Returns:
        Shape (k, 5).
    """
    span = np.maximum(np.ptp(y, axis=1), 1e-12)
    low, high = y.min(axis=1) - _WIDENED * span, y.max(axis=1) + _WIDENED * span
    positive = x > 0
    ln_x, seen = np.log(x[positive]), y[:, positive]
    below, above = seen - low[:, None], high[:, None] - seen
    weight = below * above
    weight = weight / weight.sum(axis=1, keepdims=True)
    logit = np.log(below / above)
    centre = weight @ ln_x
    middle = (weight * logit).sum(axis=1)
    away = ln_x - centre[:, None]
    spread = np.maximum((weight * away**2).sum(axis=1), 1e-12)
    slope = (weight * away * (logit - middle[:, None])).sum(axis=1) / spread
    size = np.clip(np.abs(slope), 0.3, 4.0)
    up = slope >= 0
    theta = np.zeros((len(y), 5))
    theta[:, LOWER] = np.where(up, low, high)
    theta[:, UPPER] = np.where(up, high, low)
    theta[:, LN_EC50] = centre - middle / np.where(up, size, -size)
    theta[:, LN_SLOPE] = np.log(size)
    if fixed_lower is not None:
        theta[up, LOWER] = fixed_lower
        theta[~up, UPPER] = fixed_lower
    return theta


def rises(x: Array, y: Array) -> bool:
    """Do the responses of one data set rise with the concentration?"""
    ln_x = np.log(np.where(x > 0, x, x[x > 0].min() / 10))
    return float(np.sum((ln_x - ln_x.mean()) * (y - y.mean()))) >= 0


def starting_points(model: Model, x: Array, y: Array, fixed_lower: float | None) -> Array:
    """Starts of shape (s, 5): asymptotes beyond the data, ec50 over the tested range, slopes 0.7 to 1.3."""
    positive = np.log(x[x > 0])
    span = float(np.ptp(y))
    up = rises(x, y)
    sign = 1.0 if up else -1.0
    at_zero, at_infinity = (float(y.min()), float(y.max()))[:: 1 if up else -1]
    lower = at_zero - sign * _WIDENED * span
    if fixed_lower is not None and up:
        lower = fixed_lower
    points = [
        (lower, _far(at_infinity + sign * widen * span, fixed_lower, up=up), ln_c, float(np.log(b)), ln_g)
        for widen in (0.05, 0.5)
        for ln_c in np.quantile(positive, (0.35, 0.6, 0.85))
        for b in (0.7, 1.3)
        for ln_g in ((0.0, float(np.log(0.5))) if model.has_asymmetry else (0.0,))
    ]
    return np.array([*points, *logit_start(x, y[None, :], fixed_lower)])


def _far(estimate: float, fixed: float | None, *, up: bool) -> float:
    """The response at infinity: held where a falling curve's lower asymptote is."""
    return estimate if up or fixed is None else fixed


def bounds(x: Array) -> tuple[Array, Array]:
    """Lowest and highest parameters, shapes (5,): a domain in which exp neither overflows nor loses data."""
    ln_x = np.log(x[x > 0])
    low, high = np.full(5, -np.inf), np.full(5, np.inf)
    for index, (least, most) in {
        LN_EC50: ln_ec50_bound(ln_x),
        LN_SLOPE: LN_SLOPE_BOUND,
        LN_ASYMMETRY: LN_ASYMMETRY_BOUND,
    }.items():
        low[index], high[index] = least, most
    return low, high


def ln_ec50_bound(ln_x: Array) -> tuple[float, float]:
    """A thousand-fold beyond the tested range on both sides."""
    return float(ln_x.min() - np.log(1e3)), float(ln_x.max() + np.log(1e3))
