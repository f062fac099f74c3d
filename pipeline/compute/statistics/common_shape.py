"""Titration series without calibrators: one curve shape for all samples, one inflection titer for each.

y = lower + (upper - lower) / (1 + exp(b (ln dilution - a))), falling with the dilution. ``upper``, ``b`` and,
if wanted, ``lower`` are common to all samples; ``a``, the ln of the inflection titer, is the sample's own.
All are fitted in one least-squares problem, so that a weak sample borrows its shape from the strong ones.

The normal equations have the form of an arrow: a small block of common parameters, a border, and a diagonal
of one number a sample. Eliminating the diagonal (Schur complement; Golub and Pereyra 2003, Inverse Problems
19:R1) makes a step cost no more than the number of wells.

Assays of laboratories without calibrators compute with it: their titers are reciprocal dilutions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from pipeline.compute.statistics.inference import Array, not_positive, only_rounding, unusable

Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

UPPER, LN_SLOPE, LOWER = range(3)
"""The common parameters; the last is absent where the lower asymptote is given."""
_ROUNDS = 200
_STEP_TOLERANCE = 1e-10
_LEAST_DAMPING, _FIRST_DAMPING, _MOST_DAMPING = 1e-12, 1e-3, 1e12
_LN_SLOPE_STARTS = np.log([0.5, 1.0, 2.0, 4.0])
_FLAT = 300.0
"""A logistic this far from its middle is flat to the last digit; keeps a trial step from overflowing."""
_POSITIONS = 41
"""Starting inflection titers that are tried for each sample."""


@dataclass(frozen=True, slots=True)
class Wells:
    """All wells of the series: sample number from 0, ln dilution factor and OD, shape (n,) each."""

    sample: Indices
    ln_dilution: Array
    od: Array

    def sums(self, values: Array, samples: int) -> Array:
        """Sum of a value over the wells of each sample, shape (samples,)."""
        return np.bincount(self.sample, values, samples).astype(np.float64)


@dataclass(frozen=True, slots=True)
class CommonShape:
    """The common curve and every sample's place on it; parameters are (upper, ln b[, lower]), p of them."""

    names: tuple[str, ...]
    shared: Array
    """Shape (p,)."""
    given_lower: float | None
    """The lower asymptote, where it was not fitted."""
    ln_inflection: Array
    """ln of the inflection titer, shape (m,); at an end of what was searched where ``open_end`` is true."""
    open_end: Flags
    """The sample's inflection lies beyond what was searched, or its wells do not move it, shape (m,)."""
    shared_covariance: Array | None
    """Shape (p, p); None without degrees of freedom or residual scatter."""
    cross_covariance: Array | None
    """Of every sample's ln inflection titer with the common parameters, shape (m, p)."""
    ln_variance: Array | None
    """Of the ln inflection titers, shape (m,); not to be read where ``open_end`` is true."""
    tested: Array
    """Lowest and highest ln dilution of each sample, shape (m, 2)."""
    rss: float
    df: int
    converged: bool
    reason: str | None = None
    """Why there are no standard errors."""

    @property
    def upper(self) -> float:
        """OD at the highest antibody concentration."""
        return float(self.shared[UPPER])

    @property
    def slope(self) -> float:
        """Exponent b per unit of ln dilution."""
        return float(np.exp(self.shared[LN_SLOPE]))

    @property
    def lower(self) -> float:
        """OD without antibody."""
        return float(self.shared[LOWER]) if self.given_lower is None else self.given_lower

    @property
    def sigma(self) -> float | None:
        """Residual SD of one well."""
        return float(np.sqrt(self.rss / self.df)) if self.df > 0 else None


@dataclass(frozen=True, slots=True)
class _Estimates:
    shared: Array
    own: Array


@dataclass(frozen=True, slots=True)
class _Arrow:
    """J'J and -J'r: block (p, p), border (m, p), diagonal (m,), right-hand sides (p,) and (m,)."""

    block: Array
    border: Array
    diagonal: Array
    right: Array
    own_right: Array


def fit_common_shape(
    sample: Sequence[str],
    dilution: Array,
    od: Array,
    *,
    reach: float,
    lower: float | None = 0.0,
) -> CommonShape | str:
    """Fit all samples together.

    Args:
        sample: name of each well's sample, n of them; series may differ in length and dilutions.
        dilution: dilution factors, 40 for 1:40, shape (n,).
        od: net OD, shape (n,).
        reach: how far beyond the tested dilutions an inflection titer is looked for, in ln units (> 0).
        lower: OD without antibody; None fits one for all samples.

    Returns:
        The fit, or in words why there is none.
    """
    if not reach > 0:
        raise ValueError(f"the reach must be above 0, not {reach}")
    names, which = np.unique(np.asarray(sample, dtype=str), return_inverse=True)
    problem = "no well" if not len(od) else not_positive(dilution) or unusable(od)
    if problem is None and not float(np.max(od)) > (lower or 0.0):
        problem = "no well is above the lower asymptote"
    if problem is None and len(np.unique(dilution)) <= 1:
        problem = "fewer than two dilutions"
    if problem is not None:
        return problem
    wells = Wells(np.asarray(which, dtype=np.intp), np.log(dilution), np.asarray(od, dtype=float))
    ends = float(wells.ln_dilution.min()) - reach, float(wells.ln_dilution.max()) + reach
    found, converged = _minimum(wells, _start(wells, len(names), lower, ends), lower, ends)
    return _described(wells, tuple(str(name) for name in names), found, lower, ends, converged=converged)


def _curve(wells: Wells, state: _Estimates, lower: float | None) -> tuple[Array, Array, Array]:
    """Residuals (n,), slopes by the common parameters (n, p) and by the sample's own (n,)."""
    b = np.exp(min(state.shared[LN_SLOPE], _FLAT))
    bottom = state.shared[LOWER] if lower is None else lower
    z = np.clip(b * (state.own[wells.sample] - wells.ln_dilution), -_FLAT, _FLAT)
    share, span = expit(z), state.shared[UPPER] - bottom
    by_z = span * share * expit(-z)
    columns = (share, by_z * z, expit(-z))[: len(state.shared)]
    return bottom + span * share - wells.od, np.stack(columns, axis=1), by_z * b


def _arrow(wells: Wells, state: _Estimates, lower: float | None) -> tuple[float, _Arrow]:
    """Residual sum of squares and normal equations."""
    residual, common, own = _curve(wells, state, lower)
    m = len(state.own)
    border = np.stack([wells.sums(column * own, m) for column in common.T], axis=1)
    return float(residual @ residual), _Arrow(
        common.T @ common, border, wells.sums(own**2, m), -common.T @ residual, -wells.sums(own * residual, m)
    )


def _step(arrow: _Arrow, damping: float, held: Flags) -> _Estimates:
    """Marquardt's step; a sample that an end holds back stands still and does not pull the others."""
    diagonal = np.where(held, 1.0, arrow.diagonal * (1 + damping) + np.finfo(float).tiny)
    border = np.where(held[:, None], 0.0, arrow.border)
    own_right = np.where(held, 0.0, arrow.own_right)
    block = arrow.block + damping * np.diag(np.diag(arrow.block))
    pull = border / diagonal[:, None]
    right = arrow.right - pull.T @ own_right
    shared = np.asarray(np.linalg.lstsq(block - pull.T @ border, right)[0], dtype=float)
    return _Estimates(shared, (own_right - border @ shared) / diagonal)


def _held(arrow: _Arrow, own: Array, ends: tuple[float, float]) -> Flags:
    """Samples at an end that want to go further, and samples that no well moves."""
    outward = ((own <= ends[0]) & (arrow.own_right <= 0)) | ((own >= ends[1]) & (arrow.own_right >= 0))
    return np.asarray(outward | (arrow.diagonal <= 0))


def _minimum(
    wells: Wells, state: _Estimates, lower: float | None, ends: tuple[float, float]
) -> tuple[_Estimates, bool]:
    """Levenberg-Marquardt (Marquardt 1963, J SIAM 11:431) from one start; False where the rounds ran out."""
    damping = _FIRST_DAMPING
    cost, arrow = _arrow(wells, state, lower)
    for _ in range(_ROUNDS):
        step = _step(arrow, damping, _held(arrow, state.own, ends))
        trial = _Estimates(state.shared + step.shared, np.clip(state.own + step.own, *ends))
        moved = np.append(trial.shared - state.shared, trial.own - state.own)
        trial_cost, trial_arrow = _arrow(wells, trial, lower)
        if trial_cost <= cost:
            state, cost, arrow = trial, trial_cost, trial_arrow
            damping = max(damping / 10, _LEAST_DAMPING)
        else:
            damping *= 10
        if float(np.max(np.abs(moved))) <= _STEP_TOLERANCE or damping > _MOST_DAMPING:
            return state, True
    return state, False


def _start(wells: Wells, m: int, lower: float | None, ends: tuple[float, float]) -> _Estimates:
    """The best of a few slopes, with every sample at its best place on a grid."""
    bottom = float(wells.od.min()) if lower is None else lower
    tail = [bottom] if lower is None else []
    top = float(wells.od.max())
    starts = [np.array([top, ln_slope, *tail]) for ln_slope in _LN_SLOPE_STARTS]
    tried = [_placed(wells, m, shared, lower, ends) for shared in starts]
    return min(tried, key=lambda pair: pair[0])[1]


def _placed(
    wells: Wells, m: int, shared: Array, lower: float | None, ends: tuple[float, float]
) -> tuple[float, _Estimates]:
    """Cost and state with every sample at the grid point that fits it best."""
    grid = np.linspace(*ends, _POSITIONS)
    costs = np.stack(
        [wells.sums(_curve(wells, _Estimates(shared, np.full(m, at)), lower)[0] ** 2, m) for at in grid]
    )
    return float(costs.min(axis=0).sum()), _Estimates(shared, grid[costs.argmin(axis=0)])


def _described(
    wells: Wells,
    names: tuple[str, ...],
    found: _Estimates,
    lower: float | None,
    ends: tuple[float, float],
    *,
    converged: bool,
) -> CommonShape:
    rss, arrow = _arrow(wells, found, lower)
    held = _held(arrow, found.own, ends)
    df = len(wells.od) - len(found.shared) - int((~held).sum())
    reason = None if converged else "the fit did not converge"
    if held.all():
        reason = "no sample has an inflection within reach"
    elif df < 1:
        reason = "no degrees of freedom for the error"
    elif only_rounding(rss, wells.od):
        reason = "no residual scatter"
    errors = None if reason else _covariances(arrow, held, rss / df)
    if reason is None and errors is None:
        reason = "the wells do not determine the common curve"
    block, cross, own = errors or (None, None, None)
    tested = np.array([_range(wells.ln_dilution[wells.sample == k]) for k in range(len(names))])
    return CommonShape(
        names=names,
        shared=found.shared,
        given_lower=lower,
        ln_inflection=found.own,
        open_end=held,
        shared_covariance=block,
        cross_covariance=cross,
        ln_variance=own,
        tested=tested,
        rss=rss,
        df=max(df, 0),
        converged=converged,
        reason=reason,
    )


def _range(values: Array) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _covariances(arrow: _Arrow, held: Flags, variance: float) -> tuple[Array, Array, Array] | None:
    """Inverse of the arrow times the variance of a well: common block, border and diagonal."""
    diagonal = np.where(held, 1.0, arrow.diagonal)
    pull = np.where(held[:, None], 0.0, arrow.border) / diagonal[:, None]
    schur = arrow.block - pull.T @ arrow.border
    scale = np.sqrt(np.diag(arrow.block))
    if not (scale > 0).all() or np.linalg.cond(schur / np.outer(scale, scale)) > 1 / np.finfo(float).eps:
        return None
    block = np.asarray(np.linalg.inv(schur), dtype=float)
    cross = -pull @ block
    own = 1 / diagonal + np.einsum("mp,mp->m", -cross, pull)
    return variance * block, variance * cross, variance * own
