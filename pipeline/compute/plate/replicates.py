"""Replicate wells: means, CV, agreement, and the well-to-well error of the whole plate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from pipeline.domain.results import OdSummary, ReplicatePrecision
from pipeline.domain.steering import Steering

Array = npt.NDArray[np.float64]

RESOLUTION_OD = 0.0005
"""Half of the last digit that readers print (0.001): no well is known better than this."""
MIN_DF = 4
"""Fewer replicate degrees of freedom than this say too little about a plate's error."""
OUTLIER_LEVEL = 0.01
MOST_LEFT_OUT = 3
SHARE_LEFT_OUT = 5
"""Groups that may be left out as failed dispenses: three, or one in five; more are the plate's own error."""
CLEARLY_INDEPENDENT = 1e-10
"""Smaller over larger eigenvalue; rounding reaches 1e-15."""


@dataclass(frozen=True, slots=True)
class Replicates:
    """Groups of wells that should read alike, those without a failed dispense; arrays of shape (G,)."""

    df: Array
    mean_od: Array
    variance: Array
    """OD²."""

    def ln_likelihood(self, components: Array) -> Array:
        """Of the two variances of a well, (..., 2) -> (...): that of the groups' variances, no constant."""
        fitted = components @ self._design.T
        return np.asarray(-(self.df * (np.log(fitted) + self.variance / fitted)).sum(axis=-1) / 2)

    def at(self, components: Array) -> tuple[Array, Array]:
        """(score (..., 2), expected information (..., 2, 2)) of the two variances."""
        design, fitted = self._design, components @ self._design.T
        weight = self.df / fitted**2 / 2
        score = (weight * (self.variance - fitted)) @ design
        return np.asarray(score), np.einsum("...g,gi,gj->...ij", weight, design, design)

    @property
    def _design(self) -> Array:
        return np.column_stack([np.ones_like(self.mean_od), self.mean_od**2])


ASSUMED = ReplicatePrecision(additive_od=0.01, proportional=0.10, df=0)
"""Used, and said so by df = 0, where a plate has no replicates: a cautious well CV of 10 %."""


def summarise(ods: Sequence[float]) -> OdSummary | None:
    """Mean, n and CV (%, sample SD) of replicate ODs; None for no well, CV None for one well."""
    if not ods:
        return None
    mean = sum(ods) / len(ods)
    if len(ods) == 1:
        return OdSummary(mean, 1, None)
    variance = sum((od - mean) ** 2 for od in ods) / (len(ods) - 1)
    cv = 100.0 * math.sqrt(variance) / abs(mean) if mean else None
    return OdSummary(mean, len(ods), cv, max(ods) - min(ods))


def replicates_agree(ods: Sequence[float], steering: Steering) -> bool:
    """CV within ``replicate_cv``, or range within ``replicate_difference_od`` (for low signals)."""
    largest, close = steering.replicate_cv, steering.replicate_difference_od
    if len(ods) <= 1 or largest is None:
        return True
    summary = summarise(ods)
    if summary is None or summary.range_od is None:
        return True
    if close is not None and summary.range_od <= close:
        return True
    return summary.cv_percent is not None and summary.cv_percent <= largest


def plate_precision(groups: Iterable[Sequence[float]]) -> tuple[ReplicatePrecision, Replicates | None]:
    """Two-component error of one well from all replicate groups of a plate, and the groups that tell it.

    Group variances are regressed on the squared mean, Var = a² + b² m², by iterated gamma weights
    (variance of a sample variance: 2 sigma^4 / df), both parts kept at or above 0. A group that scatters far
    beyond the others (a failed dispense) is left out and counted. Without enough groups the error is assumed.

    Args:
        groups: ODs of wells that should read alike (same sample, dilution and antigen).
    """
    usable = [np.asarray(group, dtype=float) for group in groups if len(group) > 1]
    df = np.array([len(group) - 1 for group in usable], dtype=float)
    if df.sum() < MIN_DF:
        return ASSUMED, None
    mean = np.array([group.mean() for group in usable])
    variance = np.array([group.var(ddof=1) for group in usable])
    kept = _without_failed(df, mean, variance)
    return _precision(df, mean, variance, kept), Replicates(df[kept], mean[kept], variance[kept])


def _without_failed(df: Array, mean: Array, variance: Array) -> npt.NDArray[np.bool_]:
    """Which groups stay: the worst ones are taken out one by one, as far as the last that chance excludes.

    Taken one by one until the first that could be chance, several failed dispenses would hide each other
    (generalised many-outlier procedure, Rosner 1983, Technometrics 25:165).
    """
    may_go = max(MOST_LEFT_OUT, len(df) // SHARE_LEFT_OUT)
    may_go = may_go if df.sum() - may_go * df.max() >= MIN_DF else 0
    left, kept = np.full(len(df), fill_value=True), np.full(len(df), fill_value=True)
    for _ in range(may_go):
        solution, _ = _two_components(df[left], mean[left], variance[left])
        worst, failed = _worst(df, mean, variance, solution, left)
        left[worst] = False
        if failed:
            kept = left.copy()
    return kept


def _precision(df: Array, mean: Array, variance: Array, kept: npt.NDArray[np.bool_]) -> ReplicatePrecision:
    """Fit the groups that are kept."""
    solution, covariance = _two_components(df[kept], mean[kept], variance[kept])
    additive, proportional = max(float(solution[0]) ** 0.5, RESOLUTION_OD), float(solution[1]) ** 0.5
    return ReplicatePrecision(additive, proportional, int(df[kept].sum()), covariance, int((~kept).sum()))


def _worst(
    df: Array, mean: Array, variance: Array, solution: Array, left: npt.NDArray[np.bool_]
) -> tuple[int, bool]:
    """The group that scatters most against the fit; does chance do that less than once in 100 plates?

    A failed dispense is no replicate error. The test of the largest variance at 1 % is that of ISO 5725-2
    (Cochran), here against the fitted variance and with Bonferroni's bound.
    """
    fitted = np.maximum(solution[0] + solution[1] * mean**2, RESOLUTION_OD**2)
    p = np.where(left, chdtrc(df, df * variance / fitted), 2.0)
    worst = int(np.argmin(p))
    return worst, bool(p[worst] < OUTLIER_LEVEL / left.sum())


def _two_components(
    df: Array, mean: Array, variance: Array, rounds: int = 25
) -> tuple[Array, tuple[float, float, float]]:
    """((a², b²) of Var = a² + b² m², both non-negative; their covariance as three numbers).

    The covariance is that of the unbounded estimates: a component that ends at zero is not known to be zero.
    """
    design = np.column_stack([np.ones_like(mean), mean**2])
    floor = max(float(np.average(variance, weights=df)), 1e-12) * 1e-3
    fitted = np.full_like(mean, float(np.average(variance, weights=df)))
    solution: Array = np.zeros(2)
    weight = df
    for _ in range(rounds):
        weight = df / np.maximum(fitted, floor) ** 2
        solution = _non_negative(design, variance, weight)
        fitted = design @ solution
    gram = design.T @ (design * weight[:, None]) / 2
    covariance = np.linalg.pinv(gram)
    return solution, (float(covariance[0, 0]), float(covariance[0, 1]), float(covariance[1, 1]))


def _non_negative(design: Array, target: Array, weight: Array) -> Array:
    """Weighted least squares with two columns, coefficients at or above 0."""
    gram = design.T @ (design * weight[:, None])
    right = design.T @ (target * weight)
    if _independent(gram):
        both = np.asarray(np.linalg.solve(gram, right))
        if (both >= 0).all():
            return both
    size = np.diag(gram)
    alone = np.divide(right, size, out=np.zeros(2), where=size > 0)  # a plate of zeros has no second column
    gain = right * alone
    best = int(np.argmax(gain))
    return np.asarray(np.eye(2)[best] * max(float(alone[best]), 0.0))


def _independent(gram: Array) -> bool:
    """Do the two columns say two things? Their determinant tells, unless they are nearly alike."""
    (one, both), (_, other) = gram.tolist()
    clear = one * other - both**2 > CLEARLY_INDEPENDENT * (one + other) ** 2
    return clear or int(np.linalg.matrix_rank(gram)) == 2  # noqa: PLR2004 - two columns
