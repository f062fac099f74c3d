"""Profile-likelihood intervals: how far a parameter can move before the data object.

The interval of a parameter is {v : RSS(v) - RSS <= s² F(1, df)} where RSS(v) is the least weighted sum of
squares with the parameter held at v (Bates and Watts 1988, Nonlinear Regression Analysis, section 6.1). It
does not depend on how the parameter is written, and it is open where the data set no limit.

All ends are sought together: each round refits every curve of the batch with its parameter held.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from pipeline.compute.curve.engine import minimise
from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.own_fit import logistic_problem
from pipeline.compute.curve.starts import bounds

Array = npt.NDArray[np.float64]

ROUNDS = 25
CLOSE = 1e-7
"""Relative precision of an end on the scale of t."""
FLAT = 1e-10
"""Relative precision of the refitted cost; its root is far finer than an end's."""
FARTHEST = 200.0
"""Standard errors from the estimate beyond which an end is taken for open."""


@dataclass(frozen=True, slots=True)
class _Ends:
    """The ends that are sought, one row for each: which parameter, towards which side."""

    parameter: npt.NDArray[np.intp]
    """Position among the free parameters."""
    side: Array
    """-1 or +1."""


def profile_intervals(
    fit: Fit, x: Array, y: Array, confidence: float = 0.95
) -> dict[int, tuple[float | None, float | None]]:
    """Interval of every free parameter; None at an end that the data leave open.

    Args:
        fit: the fit of these data.
        x: concentrations, shape (n,).
        y: responses, shape (n,).
        confidence: two-sided.

    Returns:
        Index in the parameter vector -> ends, for ec50, slope and asymmetry of their logarithms. Empty
        without residual degrees of freedom, and where the points do not determine the parameters.
    """
    if fit.df < 1 or fit.sd is None or fit.sd <= 0 or not np.isfinite(fit.covariance).all():
        return {}
    free = list(fit.model.free)
    ends = _Ends(np.repeat(np.arange(len(free)), 2), np.tile([-1.0, 1.0], len(free)))
    found = _seek(fit, x, y, ends, float(stdtrit(fit.df, 0.5 + confidence / 2)))
    beyond = (found - fit.theta[free][ends.parameter]) * ends.side  # an end lies on its own side, or is open
    pairs = [float(value) if out > 0 else None for value, out in zip(found, beyond, strict=True)]
    return {index: (pairs[2 * at], pairs[2 * at + 1]) for at, index in enumerate(free)}


def _seek(fit: Fit, x: Array, y: Array, ends: _Ends, target: float) -> Array:
    """Secant on the signed root of the rise in cost, which is nearly straight; NaN where there is no end."""
    free = list(fit.model.free)
    centre = fit.theta[free]
    se = np.sqrt(np.diag(fit.covariance)[free])
    at = ends.parameter
    width = np.maximum(se[at], 1e-9)
    value = centre[at] + ends.side * target * width
    seen = [(centre[at], np.zeros(len(at)))]
    start = np.tile(fit.theta, (len(at), 1))
    start[:, free] += _slopes(fit, free)[at] * (value - centre[at])[:, None]
    for _ in range(ROUNDS):
        start, tau = _held_at(fit, x, y, at, value, start)
        gap = target - tau
        if (np.abs(gap) < CLOSE * target).all():
            break
        before_value, before_tau = seen[-1]
        rise = np.where(np.abs(tau - before_tau) > 1e-12, tau - before_tau, np.nan)  # noqa: PLR2004
        step = gap * (value - before_value) / rise
        step = np.clip(step, -10 * target * width, 10 * target * width)
        seen.append((value, tau))
        done = np.abs(gap) < CLOSE * target
        value = np.where(done | np.isnan(step), value, value + step)
    far = np.abs(value - centre[at]) > FARTHEST * width
    missed = np.abs(target - tau) > 1e-3 * target
    return np.where(far | missed, np.nan, value)


def _slopes(fit: Fit, free: list[int]) -> Array:
    """How the other parameters move with one of them, in the linear approximation; shape (m, m)."""
    covariance = fit.covariance[np.ix_(free, free)]
    return np.asarray(covariance / np.maximum(np.diag(covariance), 1e-300)[:, None])


def _held_at(
    fit: Fit, x: Array, y: Array, at: npt.NDArray[np.intp], value: Array, start: Array
) -> tuple[Array, Array]:
    """Refit with one parameter of each row held; returns the parameters and the signed root of the rise."""
    free = list(fit.model.free)
    low, high = (np.tile(bound[free], (len(at), 1)) for bound in bounds(x))
    rows = np.arange(len(at))
    inside = np.clip(value, low[rows, at], high[rows, at])
    low[rows, at] = high[rows, at] = inside
    begin = start[:, free].copy()
    begin[rows, at] = inside
    problem = logistic_problem(fit.model, x, y, fit.weight, start.copy())
    found = minimise(problem, begin, low, high, rounds=60, flat=FLAT)
    rise = np.maximum(found.cost - fit.rss, 0.0)
    full = start.copy()
    full[:, free] = found.theta
    sd = fit.sd or 1.0
    return full, np.sqrt(rise) / sd
