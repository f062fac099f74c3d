"""Intervals of a concentration that was read off a curve: Wald, inversion and profile.

*Wald* (delta method) is symmetric and quick, and wrong near a plateau. *Inversion* takes every x at which the
curve could have given the response: {x : (y - f(x))² <= t² (s² / m w + g(x)' V g(x))}; towards a plateau it
has one end only, and that is the truth (Greenwell and Schubert Kabban 2014, The R Journal 6(1):90, equation
5). *Profile* refits the curve with the new responses at each x: {x : RSS(x) - RSS <= s² F(1, df)}.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from pipeline.compute.curve.engine import Indices, minimise
from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.models import (
    curve,
    gradient,
    inverse,
    response_and_gradient,
    slope_in_ln_x,
)
from pipeline.compute.curve.own_fit import settled_weights
from pipeline.compute.curve.starts import bounds

Array = npt.NDArray[np.float64]
Ends = tuple[float | None, float | None]

_REACH = float(np.log(1e6))
"""Ends beyond a million-fold from the estimate are open."""
_GRID = 240
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Unknown:
    """What was read off the curve: a mean response, of how many wells, with which error."""

    response: float
    wells: int
    variance: float
    """Of one well at this response."""
    df: int
    """Degrees of freedom behind that variance and the curve's covariance."""


def unknown(fit: Fit, responses: Array, floor: float = 0.0) -> Unknown:
    """New wells, with the fit's residual variance and the degrees of freedom n - p + m - 1.

    Args:
        fit: the curve.
        responses: new wells, shape (m,).
        floor: smallest mean that the weight of a well may use.
    """
    mean = float(np.mean(responses))
    weight = float(settled_weights(np.array([mean]), fit.exponent, floor)[0]) if fit.exponent else 1.0
    variance = fit.rss / fit.df / weight if fit.df > 0 else 0.0
    return Unknown(mean, len(responses), variance, fit.df + len(responses) - 1 if fit.df > 0 else 0)


def wald_interval(fit: Fit, seen: Unknown, confidence: float = 0.95) -> tuple[float, Ends, float] | None:
    """(estimate, interval, SE) of the concentration by the delta method; None without an inverse."""
    ln_x = float(inverse(np.array([seen.response]), fit.theta)[0])
    if not np.isfinite(ln_x):
        return None
    x = np.array([np.exp(ln_x)])
    slope = float(slope_in_ln_x(x, fit.theta)[0])
    g = gradient(x, fit.theta)[0]
    variance = (seen.variance / seen.wells + float(g @ fit.covariance @ g)) / slope**2
    se = float(x[0]) * variance**0.5
    half = float(stdtrit(seen.df, 0.5 + confidence / 2)) * se if seen.df > 0 else None
    ends: Ends = (float(x[0]) - half, float(x[0]) + half) if half is not None else (None, None)
    return float(x[0]), ends, se


def inversion_interval(fit: Fit, seen: Unknown, confidence: float = 0.95) -> Ends:
    """Every concentration that could have given the response; an open end is None."""
    if seen.df < 1:
        return None, None
    quantile = float(stdtrit(seen.df, 0.5 + confidence / 2))

    def outside(ln_x: Array) -> Array:
        x = np.exp(ln_x)
        g = gradient(x, fit.theta)
        allowed = seen.variance / seen.wells + np.einsum("ni,ij,nj->n", g, fit.covariance, g)
        return np.asarray((seen.response - curve(x, fit.theta)) ** 2 - quantile**2 * allowed)

    centre = float(inverse(np.array([seen.response]), fit.theta)[0])
    if not np.isfinite(centre):
        return None, None
    return _end(outside, centre, -1.0), _end(outside, centre, 1.0)


def _end(outside: object, centre: float, side: float) -> float | None:
    """The first crossing on one side, on a grid and then by halving."""
    assert callable(outside)  # noqa: S101 - a plain function of ln x
    grid = centre + side * np.linspace(0.0, 1.0, _GRID) ** 2 * _REACH
    beyond = np.flatnonzero(outside(grid) > 0)
    if not beyond.size:
        return None
    far, near = grid[beyond[0]], grid[max(beyond[0] - 1, 0)]
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        if outside(np.array([middle]))[0] > 0:
            far = middle
        else:
            near = middle
    return float(np.exp(far))


def profile_interval(fit: Fit, x: Array, y: Array, responses: Array, confidence: float = 0.95) -> Ends:
    """Refit with the new wells at each candidate concentration; exact to second order.

    Args:
        fit: the fit of ``x`` and ``y``.
        x: calibrators, shape (n,).
        y: their responses, shape (n,).
        responses: new wells, shape (m,).
        confidence: two-sided.
    """
    df = fit.df + len(responses) - 1
    centre = float(inverse(np.array([float(np.mean(responses))]), fit.theta)[0])
    if fit.df < 1 or fit.rss <= 0 or not np.isfinite(centre):
        return None, None
    weight = fit.rss / fit.df / unknown(fit, responses).variance
    search = _Candidates(fit, x, y, responses, weight)
    least = search.cost(np.array([centre]))[0]
    limit = least / df * float(stdtrit(df, 0.5 + confidence / 2)) ** 2

    def outside(ln_x: Array) -> Array:
        return np.asarray(search.cost(ln_x) - least - limit)

    return _end(outside, centre, -1.0), _end(outside, centre, 1.0)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Refits with the new wells at candidate concentrations, all of them at once."""

    fit: Fit
    x: Array
    y: Array
    responses: Array
    weight: float

    def cost(self, ln_x: Array) -> Array:
        """Least weighted sum of squares with the new wells at each concentration."""
        free = list(self.fit.model.free)
        count, wells = len(ln_x), len(self.responses)
        x = np.concatenate(
            [np.tile(self.x, (count, 1)), np.repeat(np.exp(ln_x)[:, None], wells, axis=1)], axis=1
        )
        y = np.concatenate([self.y, self.responses])
        root = np.sqrt(np.concatenate([self.fit.weight, np.full(wells, self.weight)]))

        def residuals(theta: Array, at: Indices) -> tuple[Array, Array]:
            full = np.tile(self.fit.theta, (len(at), 1))
            full[:, free] = theta
            response, slopes = response_and_gradient(x[at], full)
            return root * (response - y), root[:, None] * slopes[..., free]

        low, high = bounds(self.x)
        start = np.tile(self.fit.theta[free], (count, 1))
        return minimise(residuals, start, low[free], high[free], rounds=40).cost
