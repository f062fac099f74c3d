"""One curve through the calibrators: lmfit and our own engine, weights by the fitted mean, nothing hidden."""

from __future__ import annotations

from dataclasses import dataclass

import lmfit
import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.models import (
    LN_ASYMMETRY,
    LN_EC50,
    LN_SLOPE,
    LOWER,
    UPPER,
    Model,
    curve,
    gradient,
)
from pipeline.compute.curve.own_fit import directed, refit, search, settled_weights
from pipeline.compute.curve.starts import bounds, logit_start

Array = npt.NDArray[np.float64]

PARAMETERS = ("lower", "upper", "ln_ec50", "ln_slope", "ln_asymmetry")
BOUNDED = {LN_EC50: "ec50", LN_SLOPE: "slope", LN_ASYMMETRY: "asymmetry"}
WEIGHT_ROUNDS = 60
STEPS_A_ROUND = 2
"""Steps of the curve before its weights follow; both move together to the fixed point."""
WEIGHT_TOLERANCE = 1e-9
EXPONENT_RANGE = (0.0, 1.5)
"""An estimated exponent of the fitted mean lies here; ELISA typically 0.5 to 1."""
AT_BOUND = 1e-3
DEEPER = 1e-7
"""A minimum deeper by this share of the cost is another minimum, not rounding."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted curve.

    ``theta`` has shape (5,), see :mod:`pipeline.compute.curve.models`; ``covariance`` (5, 5) is zero where an
    entry was not estimated. ``sd`` is the residual SD of one unit weight.
    """

    model: Model
    theta: Array
    covariance: Array
    rss: float
    df: int
    weight: Array
    at_bound: tuple[str, ...]
    exponent: float = 0.0
    """Of the fitted mean in the well SD: declared, or estimated from these data."""
    disagreement: float = 0.0
    """Largest difference between the two engines' fitted responses, as a share of the curve's span."""

    @property
    def sd(self) -> float | None:
        """Residual SD of one unit weight; None without residual degrees of freedom."""
        return float(np.sqrt(self.rss / self.df)) if self.df > 0 else None

    @property
    def rising(self) -> bool:
        """Does the response rise with the concentration?"""
        return bool(self.theta[UPPER] > self.theta[LOWER])


@dataclass(frozen=True, slots=True)
class Held:
    """A lower asymptote that is not fitted: the mean blank and the variance of that mean."""

    lower: float
    variance: float


@dataclass(frozen=True, slots=True)
class _Points:
    """What is fitted: concentrations, responses and the weights of their squares, each of shape (n,)."""

    x: Array
    y: Array
    weight: Array

    def cost(self, theta: Array) -> float:
        """Weighted residual sum of squares."""
        return float(np.sum(self.weight * (self.y - curve(self.x, theta)) ** 2))


def fit_curve(
    model: Model, x: Array, y: Array, exponent: float | None, floor_od: float, held: Held | None = None
) -> Fit:
    """Fit a curve by weighted least squares, with both engines.

    Weights are 1 / max(mu, floor)^(2 exponent) with mu the **fitted** mean, iterated to a fixed point
    (generalised least squares, Davidian and Giltinan 1995, section 2.4; weights of observed y bias low).

    Args:
        model: which parameters are free.
        x: concentrations, shape (n,); 0 for a zero standard.
        y: OD, shape (n,).
        exponent: 0 none, 0.5 1/y, 1 1/y²; None estimates it by pseudo-likelihood.
        floor_od: smallest mean that a weight may use, OD.
        held: the lower asymptote of ``4pl-fixed-lower``.

    Raises:
        ArithmeticError: when no minimum is found.
    """
    lower = held.lower if held is not None else None
    model = directed(model, x, y)
    weight = np.ones_like(y)
    theta = search(model, x, y, weight, lower)
    used = 0.5 if exponent is None else exponent
    if exponent == 0:
        theta = _refined(model, theta, x, y, weight)
    else:
        theta, weight, used = _settled(model, theta, x, y, exponent, floor_od)
    return _both(model, theta, _Points(x, y, weight), held, used)


def fit_weighted(model: Model, x: Array, y: Array, weight: Array, held: Held | None = None) -> Fit:
    """Fit with weights that are given, as published fits often are; arguments as :func:`fit_curve`."""
    lower = held.lower if held is not None else None
    model = directed(model, x, y)
    theta = _refined(model, search(model, x, y, weight, lower), x, y, weight)
    return _both(model, theta, _Points(x, y, weight), held, 0.0)


def _refined(model: Model, theta: Array, x: Array, y: Array, weight: Array, rounds: int = 200) -> Array:
    return refit(model, x, y, weight, theta[None, :], rounds).best()[0]


def _settled(
    model: Model, theta: Array, x: Array, y: Array, exponent: float | None, floor: float
) -> tuple[Array, Array, float]:
    """Iterate weights, exponent and curve together until none of them moves."""
    used = 0.5 if exponent is None else exponent
    weight = settled_weights(curve(x, theta), used, floor)
    for _ in range(WEIGHT_ROUNDS):
        if exponent is None:
            used = pseudo_likelihood_exponent(y, curve(x, theta), floor)
        weight = settled_weights(curve(x, theta), used, floor)
        moved = _refined(model, theta, x, y, weight, STEPS_A_ROUND)
        step = float(np.abs(moved - theta).max())
        theta = moved
        if step < WEIGHT_TOLERANCE:
            break
    return _refined(model, theta, x, y, weight), weight, used


def pseudo_likelihood_exponent(y: Array, mean: Array, floor: float) -> float:
    """Exponent of the mean in the SD that makes the residuals most likely, the curve held.

    Minimises n/2 ln(sum((y - mu)² / mu^(2 t)) / n) + t sum(ln mu) (Davidian and Giltinan 1995, section 2.4.2)
    by golden section over ``EXPONENT_RANGE``.
    """
    base = np.log(np.maximum(np.abs(mean), floor))
    square = (y - mean) ** 2

    def badness(t: float) -> float:
        return float(len(y) / 2 * np.log(np.mean(square * np.exp(-2 * t * base))) + t * base.sum())

    low, high = EXPONENT_RANGE
    golden = (5**0.5 - 1) / 2
    inner = [high - golden * (high - low), low + golden * (high - low)]
    worth = [badness(t) for t in inner]
    while high - low > WEIGHT_TOLERANCE:
        if worth[0] < worth[1]:
            high, inner[1], worth[1] = inner[1], inner[0], worth[0]
            inner[0] = high - golden * (high - low)
            worth[0] = badness(inner[0])
        else:
            low, inner[0], worth[0] = inner[0], inner[1], worth[1]
            inner[1] = low + golden * (high - low)
            worth[1] = badness(inner[1])
    return (low + high) / 2


def _both(model: Model, own: Array, points: _Points, held: Held | None, exponent: float) -> Fit:
    """Let lmfit fit from a start of its own; where it ends higher than the other engine, from there too."""
    fixed = None if model.held is None else float(own[model.held])
    theta, cost = _lmfit(model, logit_start(points.x, points.y[None, :], fixed)[0], points)
    if not cost <= points.cost(own) * (1 + DEEPER):
        theta, cost = _lmfit(model, own, points)
    if not np.isfinite(cost):
        raise ArithmeticError("the fit found no minimum")
    span = max(abs(float(own[UPPER] - own[LOWER])), 1e-12)
    apart = float(np.abs(curve(points.x, theta) - curve(points.x, own)).max()) / span
    df = len(points.x) - len(model.free)
    rss = points.cost(theta)
    covariance = _covariance(model, theta, points, rss / df if df > 0 else 0.0)
    if model.held is not None and held is not None:
        covariance[model.held, model.held] += held.variance
    bound = _at_bound(model, theta, points.x)
    return Fit(model, theta, covariance, rss, df, points.weight, bound, exponent, apart)


def _lmfit(model: Model, start: Array, points: _Points) -> tuple[Array, float]:
    x, y, root = points.x, points.y, np.sqrt(points.weight)
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
    return np.array([result.params[name].value for name in PARAMETERS]), float(result.chisqr)


def _parameters(model: Model, start: Array, x: Array) -> lmfit.Parameters:
    low, high = bounds(x)
    params = lmfit.Parameters()
    for index, name in enumerate(PARAMETERS):
        value = float(np.clip(start[index], low[index], high[index]))
        params.add(name, value=value, vary=index in model.free, min=low[index], max=high[index])
    return params


def _covariance(model: Model, theta: Array, points: _Points, variance: float) -> Array:
    """s² (J'WJ)^-1 (Gauss-Newton convention, as R nls, SciPy and lmfit); infinite if not identified."""
    free = list(model.free)
    jacobian = gradient(points.x, theta)[:, free]
    gram = jacobian.T @ (jacobian * points.weight[:, None])
    full = np.zeros((5, 5))
    scale = 1.0 / np.sqrt(np.maximum(np.diag(gram), 1e-300))
    scaled = gram * np.outer(scale, scale)
    if np.linalg.cond(scaled) < 1e12:  # noqa: PLR2004 - beyond this, double precision has no digits left
        full[np.ix_(free, free)] = variance * np.linalg.inv(scaled) * np.outer(scale, scale)
    else:
        full[np.ix_(free, free)] = np.diag(np.full(len(free), np.inf))
    return full


def _at_bound(model: Model, theta: Array, x: Array) -> tuple[str, ...]:
    low, high = bounds(x)
    return tuple(
        name
        for i, name in BOUNDED.items()
        if i in model.free and (theta[i] - low[i] < AT_BOUND or high[i] - theta[i] < AT_BOUND)
    )
