"""One curve through the calibrators: lmfit, weights by the fitted mean, covariance, and nothing hidden."""

from __future__ import annotations

from dataclasses import dataclass

import lmfit
import numpy as np
import numpy.typing as npt

from pipeline.compute.models import (
    LN_ASYMMETRY,
    LN_ASYMMETRY_BOUND,
    LN_EC50,
    LN_SLOPE,
    LN_SLOPE_BOUND,
    LOWER,
    Model,
    curve,
    gradient,
)
from pipeline.compute.starts import ln_ec50_bound, refine, starting_points

Array = npt.NDArray[np.float64]

PARAMETERS = ("lower", "upper", "ln_ec50", "ln_slope", "ln_asymmetry")
WEIGHT_ROUNDS = 30
WEIGHT_TOLERANCE = 1e-8
AT_BOUND = 1e-3


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted curve.

    ``theta`` has shape (5,), see :mod:`pipeline.compute.models`; ``covariance`` (5, 5) is zero where an
    entry was not estimated. ``sd`` is the residual SD of one unit weight.
    """

    model: Model
    theta: Array
    covariance: Array
    rss: float
    df: int
    weight: Array
    at_bound: tuple[str, ...]
    lower_variance: float = 0.0

    @property
    def sd(self) -> float | None:
        """Residual SD of one unit weight; None without residual degrees of freedom."""
        return float(np.sqrt(self.rss / self.df)) if self.df > 0 else None


@dataclass(frozen=True, slots=True)
class Held:
    """A lower asymptote that is not fitted: the mean blank and the variance of that mean."""

    lower: float
    variance: float


def fit_curve(
    model: Model, x: Array, y: Array, exponent: float, floor_od: float, held: Held | None = None
) -> Fit:
    """Fit a rising curve by weighted least squares.

    Weights are 1 / max(mu, floor)^(2 exponent) with mu the **fitted** mean, iterated to a fixed point
    (generalised least squares, Davidian and Giltinan 1995, section 2.4; weights of observed y bias low).

    Args:
        model: which parameters are free.
        x: concentrations, shape (n,); 0 for a zero standard.
        y: OD, shape (n,).
        exponent: 0 none, 0.5 1/y, 1 1/y².
        floor_od: smallest mean that a weight may use, OD.
        held: the lower asymptote of ``4pl-fixed-lower``.

    Raises:
        ArithmeticError: when lmfit finds no minimum.
    """
    weight = np.ones_like(y) if exponent == 0 else np.maximum(y, floor_od) ** (-2 * exponent)
    lower = held.lower if held is not None else None
    theta = refine(model, starting_points(model, x, y, lower), x, y, weight)[:1]
    if exponent > 0:
        theta, weight = _settle_weights(model, theta, x, y, exponent, floor_od)
    result = _lmfit(model, theta[0], x, y, weight)
    return _as_fit(model, result, x, weight, held)


def _settle_weights(
    model: Model, theta: Array, x: Array, y: Array, exponent: float, floor_od: float
) -> tuple[Array, Array]:
    """Iterate weights and curve together until neither moves."""
    weight = np.ones_like(y)
    for _ in range(WEIGHT_ROUNDS):
        weight = np.maximum(curve(x, theta[0]), floor_od) ** (-2 * exponent)
        moved = refine(model, theta, x, y, weight, rounds=12)
        step = float(np.abs(moved - theta).max())
        theta = moved
        if step < WEIGHT_TOLERANCE:
            break
    return theta, weight


def _lmfit(model: Model, start: Array, x: Array, y: Array, weight: Array) -> lmfit.minimizer.MinimizerResult:
    root = np.sqrt(weight)
    free = list(model.free)

    def vector(params: lmfit.Parameters) -> Array:
        return np.array([params[name].value for name in PARAMETERS])

    def residual(params: lmfit.Parameters) -> Array:
        return np.asarray(root * (curve(x, vector(params)) - y))

    def jacobian(params: lmfit.Parameters) -> Array:
        return np.asarray(root[:, None] * gradient(x, vector(params))[:, free])

    result = lmfit.minimize(
        residual, _parameters(model, start, x), method="leastsq", Dfun=jacobian, ftol=1e-13, xtol=1e-13
    )
    if not np.isfinite(result.chisqr):
        raise ArithmeticError("the fit found no minimum")
    return result


def _parameters(model: Model, start: Array, x: Array) -> lmfit.Parameters:
    bounds = {
        LN_EC50: ln_ec50_bound(np.log(x[x > 0])),
        LN_SLOPE: LN_SLOPE_BOUND,
        LN_ASYMMETRY: LN_ASYMMETRY_BOUND,
    }
    params = lmfit.Parameters()
    for index, name in enumerate(PARAMETERS):
        low, high = bounds.get(index, (-np.inf, np.inf))
        value = float(np.clip(start[index], low, high))
        params.add(name, value=value, vary=index in model.free, min=low, max=high)
    return params


def _as_fit(
    model: Model, result: lmfit.minimizer.MinimizerResult, x: Array, weight: Array, held: Held | None
) -> Fit:
    theta = np.array([result.params[name].value for name in PARAMETERS])
    df = len(x) - len(model.free)
    rss = float(np.sum(np.asarray(result.residual) ** 2))
    covariance = _covariance(model, theta, x, weight, rss / df if df > 0 else 0.0)
    variance = held.variance if held is not None else 0.0
    covariance[LOWER, LOWER] += variance
    return Fit(model, theta, covariance, rss, df, weight, _at_bound(model, theta, x), variance)


def _covariance(model: Model, theta: Array, x: Array, weight: Array, variance: float) -> Array:
    """s² (J'WJ)^-1 (Gauss-Newton convention, as R nls, SciPy and lmfit); infinite if not identified."""
    free = list(model.free)
    jacobian = gradient(x, theta)[:, free]
    gram = jacobian.T @ (jacobian * weight[:, None])
    full = np.zeros((5, 5))
    scale = 1.0 / np.sqrt(np.maximum(np.diag(gram), 1e-300))
    scaled = gram * np.outer(scale, scale)
    if np.linalg.cond(scaled) < 1e12:  # noqa: PLR2004 - beyond this, double precision has no digits left
        full[np.ix_(free, free)] = variance * np.linalg.inv(scaled) * np.outer(scale, scale)
    else:
        full[np.ix_(free, free)] = np.diag(np.full(len(free), np.inf))
    return full


def _at_bound(model: Model, theta: Array, x: Array) -> tuple[str, ...]:
    bounds = {
        LN_EC50: ln_ec50_bound(np.log(x[x > 0])),
        LN_SLOPE: LN_SLOPE_BOUND,
        LN_ASYMMETRY: LN_ASYMMETRY_BOUND,
    }
    names = {LN_EC50: "ec50", LN_SLOPE: "slope", LN_ASYMMETRY: "asymmetry"}
    return tuple(
        names[i]
        for i, (low, high) in bounds.items()
        if i in model.free and (theta[i] - low < AT_BOUND or high - theta[i] < AT_BOUND)
    )
