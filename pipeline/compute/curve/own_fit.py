"""The second engine: logistic curves by our own least squares, one or thousands at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.engine import COST_TOLERANCE, Indices, Minimum, Problem, minimise
from pipeline.compute.curve.models import Model, response_and_gradient
from pipeline.compute.curve.starts import bounds, logit_start, rises, starting_points

Array = npt.NDArray[np.float64]

ROUGHLY = 1e-6
"""Relative fall of the cost at which a start has shown where it leads."""


def logistic_problem(model: Model, x: Array, y: Array, weight: Array, fixed: Array) -> Problem:
    """Weighted residuals of k curves over the same concentrations.

    Args:
        model: says which entries are free.
        x: shape (n,).
        y: shape (n,), or (k, n).
        weight: shape (n,), or (k, n).
        fixed: full parameter vectors, shape (k, 5), for the entries that are not free.
    """
    free = list(model.free)
    root = np.sqrt(weight)

    def residuals(theta: Array, at: Indices) -> tuple[Array, Array]:
        full = fixed[at]
        full[:, free] = theta
        response, slopes = response_and_gradient(x, full)
        scale = root if root.ndim == 1 else root[at]
        seen = y if y.ndim == 1 else y[at]
        return scale * (response - seen), scale[..., None] * slopes[..., free]

    return residuals


def fit_many(model: Model, x: Array, y: Array, weight: Array, lower: float | None = None) -> Minimum:
    """Fit k curves from one start each; ``theta`` comes back with all five entries.

    Args:
        model: which parameters are free.
        x: concentrations, shape (n,).
        y: responses, shape (k, n).
        weight: shape (n,), or (k, n).
        lower: the asymptote that the model holds.
    """
    return _solved(model, x, y, weight, logit_start(x, y, _asymptote(model, lower)))


def search(model: Model, x: Array, y: Array, weight: Array, lower: float | None = None) -> Array:
    """Fit one curve roughly from many starts; the parameters of the deepest minimum, shape (5,)."""
    starts = starting_points(model, x, y, _asymptote(model, lower))
    return _solved(model, x, y, weight, starts, flat=ROUGHLY).best()[0]


def refit(model: Model, x: Array, y: Array, weight: Array, theta: Array, rounds: int = 200) -> Minimum:
    """Move on from known parameters, shape (k, 5), to the last digit or for a few rounds."""
    return _solved(model, x, y, weight, theta, rounds=rounds)


def settled_weights(mean: Array, exponent: float, floor: float) -> Array:
    """1 / max(mean, floor)^(2 exponent)."""
    return np.asarray(np.maximum(np.abs(mean), floor) ** (-2 * exponent))


def directed(model: Model, x: Array, y: Array) -> Model:
    """The model for the direction in which one data set goes."""
    return model if model.held is None or rises(x, y) else model.falling()


def _asymptote(model: Model, lower: float | None) -> float | None:
    """The held asymptote; zero where none is given."""
    if model.held is None:
        return None
    return 0.0 if lower is None else lower


def _solved(
    model: Model,
    x: Array,
    y: Array,
    weight: Array,
    start: Array,
    *,
    rounds: int = 200,
    flat: float = COST_TOLERANCE,
) -> Minimum:
    free = list(model.free)
    low, high = bounds(x)
    problem = logistic_problem(model, x, y, weight, start.copy())
    found = minimise(problem, start[:, free], low[free], high[free], rounds=rounds, flat=flat)
    full = start.copy()
    full[:, free] = found.theta
    return Minimum(full, found.cost, found.converged)
