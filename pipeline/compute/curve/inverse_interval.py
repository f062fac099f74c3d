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

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.models import (
    curve,
    gradient,
    inverse,
)
from pipeline.compute.curve.own_fit import settled_weights

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
