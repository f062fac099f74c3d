"""Least squares for many curves at once: a Levenberg-Marquardt of our own, in numpy.

It is the second opinion beside lmfit, the seeker of starting points, and what makes profiles and simulations
fast. Every problem of a batch has its own parameters, damping and end; those that are done cost nothing.

Marquardt 1963, J SIAM 11:431, with the scaling of Moré 1978 (largest column norms so far) and the gain ratio
of Nielsen 1999 (IMM-REP-1999-05) for the damping.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

Problem: TypeAlias = Callable[[Array, Indices], tuple[Array, Array]]
"""(parameters (m, p), which problems (m,)) -> weighted residuals (m, n) and their Jacobian (m, n, p)."""

STEP_TOLERANCE = 1e-11
"""A step this small, relative to the parameter, changes no digit that anybody prints."""
COST_TOLERANCE = 1e-15
"""A relative fall of the cost below this is rounding."""
_FIRST_DAMPING = 1e-3
_MOST_DAMPING = 1e14


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where a batch ended."""

    theta: Array
    """Shape (k, p)."""
    cost: Array
    """Residual sum of squares, shape (k,); infinite where the start was outside the model's domain."""
    converged: npt.NDArray[np.bool_]
    """False where the rounds ran out."""

    def best(self) -> tuple[Array, float]:
        """Parameters and cost of the deepest minimum."""
        index = int(np.argmin(self.cost))
        return self.theta[index], float(self.cost[index])


def minimise(
    problem: Problem,
    start: Array,
    low: Array,
    high: Array,
    *,
    rounds: int = 200,
    flat: float = COST_TOLERANCE,
) -> Minimum:
    """Minimise the sums of squares of k problems.

    Args:
        problem: residuals and Jacobians.
        start: shape (k, p); clipped into the bounds.
        low: shape (p,), or (k, p); -inf where there is none.
        high: the same.
        rounds: most steps that are tried.
        flat: a relative fall of the cost that counts as none. The cost is flat about its minimum, so the
            parameters are then known to about the root of it.
    """
    theta = np.clip(np.asarray(start, dtype=float), low, high)
    count, size = theta.shape
    everyone = np.arange(count)
    residual, jacobian = problem(theta, everyone)
    state = _Progress(theta, _square(residual), np.full(count, _FIRST_DAMPING), np.full(count, 2.0))
    gram, right = _normal(residual, jacobian)
    scale = np.maximum(np.einsum("kii->ki", gram), 1e-300)
    alive = np.isfinite(state.cost)
    low_all, high_all = (np.broadcast_to(bound, (count, size)) for bound in (low, high))
    for _ in range(rounds):
        at = np.flatnonzero(alive)
        if not at.size:
            break
        scale[at] = np.maximum(scale[at], np.einsum("kii->ki", gram[at]))
        step = _step(gram[at], right[at], state.damping[at], scale[at], theta[at], low_all[at], high_all[at])
        trial = np.clip(theta[at] + step, low_all[at], high_all[at])
        step = trial - theta[at]
        residual, jacobian = problem(trial, at)
        cost = _square(residual)
        fall = state.cost[at] - cost
        promised = np.einsum("ki,ki->k", step, right[at]) * 2 - np.einsum(
            "ki,kij,kj->k", step, gram[at], step
        )
        better = np.isfinite(cost) & (fall > 0)
        state.move(at, better, fall, promised)
        small = (np.abs(step) <= STEP_TOLERANCE * (np.abs(theta[at]) + STEP_TOLERANCE)).all(axis=1)
        level = np.abs(fall) <= flat * state.cost[at]
        taken = at[better]
        theta[taken], state.cost[taken] = trial[better], cost[better]
        gram[taken], right[taken] = _normal(residual[better], jacobian[better])
        alive[at[small | level | (state.damping[at] >= _MOST_DAMPING) | (state.cost[at] == 0)]] = False
    return Minimum(theta, state.cost, np.isfinite(state.cost) & ~alive)


@dataclass(slots=True)
class _Progress:
    """What each problem remembers from round to round."""

    theta: Array
    cost: Array
    damping: Array
    growth: Array

    def move(self, at: Indices, better: npt.NDArray[np.bool_], fall: Array, promised: Array) -> None:
        """Less damping where the model kept its promise, ever more where it did not."""
        gain = np.clip(fall, -1e200, 1e200) / np.maximum(promised, 1e-100)
        factor = np.maximum(1 / 3, 1 - (2 * np.clip(gain, -1e6, 1e6) - 1) ** 3)
        damping, growth = self.damping[at], self.growth[at]
        self.damping[at] = np.clip(np.where(better, damping * factor, damping * growth), 1e-14, _MOST_DAMPING)
        self.growth[at] = np.where(better, 2.0, np.minimum(growth * 2, 1e6))


def _square(residual: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        cost = np.einsum("kn,kn->k", residual, residual)
    return np.where(np.isnan(cost), np.inf, cost)


def _normal(residual: Array, jacobian: Array) -> tuple[Array, Array]:
    """J'J and -J'r."""
    across = np.swapaxes(jacobian, 1, 2)
    return across @ jacobian, -(across @ residual[..., None])[..., 0]


def _step(
    gram: Array, right: Array, damping: Array, scale: Array, theta: Array, low: Array, high: Array
) -> Array:
    """Damped step; a parameter that its bound holds back does not pull the others."""
    size = theta.shape[1]
    held = ((theta <= low) & (right < 0)) | ((theta >= high) & (right > 0))
    free = ~held
    matrix = gram * free[:, :, None] * free[:, None, :]
    diagonal = np.where(free, np.einsum("kii->ki", gram) + damping[:, None] * scale, 1.0)
    matrix[:, np.arange(size), np.arange(size)] = diagonal
    return np.asarray(np.linalg.solve(matrix, (right * free)[..., None])[..., 0])
