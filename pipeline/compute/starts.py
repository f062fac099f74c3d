"""Where a fit starts: several starting points refined together, so that the best valley is found.

A small Levenberg-Marquardt (Marquardt 1963) in numpy that moves all starts at once. It does not decide the
result: lmfit fits from the best point found here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.compute.models import (
    LN_ASYMMETRY,
    LN_ASYMMETRY_BOUND,
    LN_EC50,
    LN_SLOPE,
    LN_SLOPE_BOUND,
    LOWER,
    UPPER,
    Model,
    curve,
    gradient,
)

Array = npt.NDArray[np.float64]


def starting_points(model: Model, x: Array, y: Array, fixed_lower: float | None) -> Array:
    """Starts of shape (k, 5): asymptotes beyond the data, ec50 over the tested range, slopes 0.7 to 1.5."""
    positive = np.log(x[x > 0])
    span = float(y.max() - y.min())
    lower = fixed_lower if fixed_lower is not None else float(y.min()) - 0.02 * span
    points = [
        (lower, float(y.max()) + widen * span, ln_c, float(np.log(b)), ln_g)
        for widen in (0.05, 0.5)
        for ln_c in np.quantile(positive, (0.35, 0.6, 0.85))
        for b in (0.7, 1.3)
        for ln_g in ((0.0, float(np.log(0.5))) if model.has_asymmetry else (0.0,))
    ]
    return np.array(points)


def refine(model: Model, theta: Array, x: Array, y: Array, weight: Array, *, rounds: int = 40) -> Array:
    """Move every start downhill; returns them ordered by weighted residual sum of squares, best first.

    Args:
        model: says which entries are free.
        theta: shape (k, 5).
        x: shape (n,).
        y: shape (n,).
        weight: shape (n,).
        rounds: most steps that are tried.
    """
    free = list(model.free)
    bounds = _bounds(x)
    damping = np.full(len(theta), 1e-2)
    cost = _cost(theta, x, y, weight)
    for _ in range(rounds):
        jacobian = gradient(x, theta)[..., free]
        residual = y - curve(x, theta)
        gram = np.einsum("kni,n,knj->kij", jacobian, weight, jacobian)
        right = np.einsum("kni,n,kn->ki", jacobian, weight, residual)
        scale = np.einsum("kii->ki", gram)
        damped = gram + np.einsum("ki,ij->kij", damping[:, None] * scale + 1e-12, np.eye(len(free)))
        trial = theta.copy()
        trial[:, free] += np.linalg.solve(damped, right[..., None])[..., 0]
        trial = np.clip(trial, *bounds)
        trial_cost = _cost(trial, x, y, weight)
        better = trial_cost < cost
        small = np.abs(trial - theta).max(axis=1) < 1e-10  # noqa: PLR2004 - a step that changes nothing
        theta = np.where(better[:, None], trial, theta)
        cost = np.where(better, trial_cost, cost)
        damping = np.clip(np.where(better, damping * 0.2, damping * 5.0), 1e-12, 1e8)
        if small.all():
            break
    return theta[np.argsort(cost, kind="stable")]


def _cost(theta: Array, x: Array, y: Array, weight: Array) -> Array:
    return np.asarray(np.einsum("n,kn->k", weight, (y - curve(x, theta)) ** 2))


def _bounds(x: Array) -> tuple[Array, Array]:
    """Entries stay in a domain where exp neither overflows nor loses the data."""
    ln_x = np.log(x[x > 0])
    low, high = np.full(5, -np.inf), np.full(5, np.inf)
    for index, (least, most) in {
        LN_EC50: ln_ec50_bound(ln_x),
        LN_SLOPE: LN_SLOPE_BOUND,
        LN_ASYMMETRY: LN_ASYMMETRY_BOUND,
    }.items():
        low[index], high[index] = least, most
    low[LOWER], high[UPPER] = -1e3, 1e3
    return low, high


def ln_ec50_bound(ln_x: Array) -> tuple[float, float]:
    """A thousand-fold beyond the tested range on both sides."""
    return float(ln_x.min() - np.log(1e3)), float(ln_x.max() + np.log(1e3))
