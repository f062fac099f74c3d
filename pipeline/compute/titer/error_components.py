"""The error components of a plate: two of the wells, one of the dilution step, with their uncertainty.

The wells' come from replicate wells, the step's from the assay (declared, or learned from past plates). The
plate's own series know more: the increments from dilution to dilution scatter by both. Restricted maximum
likelihood (Patterson and Thompson 1971, Biometrika 58:545) over the increments of all series, started from
what was known before, combines them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.plate.replicates import Replicates
from pipeline.compute.titer.increments import LEAST, STEP, Array, Increments
from pipeline.compute.titer.joint_table import Expected, JointTable
from pipeline.compute.titer.step_likelihood import step_likelihood, step_variance
from pipeline.domain.history import StepError, StepLikelihood
from pipeline.domain.results import ReplicatePrecision

ROUNDS = 100
CLOSE = 1e-8
"""Relative, of each variance."""
MOST_STEP_CV = 100.0
"""Percent; series that scatter more than this do not show pipetting."""
LEAST_SHARE = 1e-2
"""The step's variance is never taken below this share of what was known before."""


@dataclass(frozen=True, slots=True)
class ErrorComponents:
    """Variances (additive² in OD², proportional², step² in ln units), shape (3,), and their covariance."""

    variance: Array
    covariance: Array
    increments: int = 0
    """Increments of the plate's own series that took part in the estimate."""
    left_out: tuple[int, ...] = ()
    """Series that scatter otherwise than the others, by their place; they took no part."""
    step_likelihood: StepLikelihood | None = None
    """What the increments alone say of the step; None without increments."""
    replicates: Replicates | None = None
    """That the wells' variances come from; None where these were assumed."""

    @property
    def step_cv_percent(self) -> float:
        """CV of one dilution step."""
        return 100 * float(np.sqrt(np.expm1(self.variance[STEP])))

    @property
    def step_df(self) -> float | None:
        """Degrees of freedom behind the step's variance; None when it is taken as known."""
        spread = float(self.covariance[STEP, STEP])
        return 2 * float(self.variance[STEP]) ** 2 / spread if spread > 0 else None


def declared(
    precision: ReplicatePrecision,
    step_cv_percent: float,
    step_df: float | None,
    replicates: Replicates | None = None,
) -> ErrorComponents:
    """What is known before the series are looked at.

    Args:
        precision: of the replicate wells of the plate.
        step_cv_percent: CV of one dilution step.
        step_df: degrees of freedom behind it; None takes it as known.
        replicates: that the precision comes from.

    A CV that was estimated with few degrees of freedom is as likely too small as too large, but its square is
    not: the mean of the scaled inverse chi-square distribution, df / (df - 2) times the square, is used.
    """
    step = step_variance(step_cv_percent)
    variance = np.array([precision.additive_od**2, precision.proportional**2, step])
    covariance = np.zeros((3, 3))
    a, b, c = precision.covariance or _assumed(precision)
    covariance[:STEP, :STEP] = [[a, b], [b, c]]
    if step_df is not None:
        variance[STEP] = step * inflation(step_df)
        covariance[STEP, STEP] = 2 * variance[STEP] ** 2 / step_df
    return ErrorComponents(variance, covariance, replicates=replicates)


def pooled_step(plates: Sequence[StepError]) -> tuple[float, float] | None:
    """(CV of a dilution step in percent, degrees of freedom) from the increments of past plates.

    What a plate declared is taken out of what it used, so that its increments count once: with v from f
    degrees of freedom and the declared part v0 with f0, the plate alone says (f v - f0 v0) / (f - f0), with
    the information (f - f0) / (2 v^2). That may be below 0 by chance and is pooled as it is, weighted by the
    information. To the sum comes the vaguest of the declared values, once: a guess before any plate. None
    where no plate had increments.
    """
    own = [found for plate in plates if (found := _own_increments(plate)) is not None]
    if not own:
        return None
    guess_df, guess, _, _ = min(own)
    weighted, information = float(sum(row[2] for row in own)), float(sum(row[3] for row in own))

    def slope(variance: float) -> float:
        return guess_df / (2 * variance**2) * (guess - variance) + weighted - information * variance

    least = guess * LEAST_SHARE
    variance = least if slope(least) <= 0 else brentq(slope, least, max(guess, weighted / information) * 2)
    df = guess_df + 2 * variance**2 * information
    return 100 * float(np.sqrt(np.expm1(variance / inflation(df)))), df


def _own_increments(plate: StepError) -> tuple[float, float, float, float] | None:
    """(declared df, declared variance, information times estimate, information) of one plate's increments."""
    if plate.df is None or plate.declared_df is None or plate.df <= plate.declared_df:
        return None
    used = step_variance(plate.cv_percent)
    before = step_variance(plate.declared_cv_percent) * inflation(plate.declared_df)
    weighted = (plate.df * used - plate.declared_df * before) / (2 * used**2)
    return plate.declared_df, before, weighted, (plate.df - plate.declared_df) / (2 * used**2)


def inflation(df: float) -> float:
    """Mean of the scaled inverse chi-square distribution over its scale."""
    return df / (df - 2)


def _assumed(precision: ReplicatePrecision) -> tuple[float, float, float]:
    """Covariance of both well components where nothing was measured: as from one degree of freedom."""
    df = max(precision.df, 1)
    return 2 * precision.additive_od**4 / df, 0.0, 2 * precision.proportional**4 / df


def from_increments(
    before: ErrorComponents, expected: Expected, table: JointTable, fit: Fit, odd_p: float | None = None
) -> ErrorComponents:
    """Combine what was known before with the increments of the plate's series, by Fisher scoring.

    What was known enters as if from independent data: for the wells by the covariance of their components,
    for the step as its degrees of freedom. A step that is taken as known stays.

    Args:
        before: error components before this plate's series were looked at.
        expected: what the curve expects at the titers of all series.
        table: the readings.
        fit: the standard curve.
        odd_p: a series that scatters beyond what the other series leave this chance for (leave one series
            out, F test) tells of a mishap, not of pipetting, and takes no part; None keeps all.
    """
    usable = table.seen.sum(axis=1) > 1
    if not usable.any():
        return before
    likelihood = Increments.of(expected, table, fit)
    found = _combined(before, likelihood, usable)
    while odd_p is not None and usable.sum() > 1:
        suspect = int(np.argmax(np.where(usable, likelihood.scatter_per_df(found.variance), -1.0)))
        if likelihood.chance(suspect, before.variance, None) >= odd_p:
            break
        others = usable.copy()
        others[suspect] = False
        without = _combined(before, likelihood, others)
        if likelihood.chance(suspect, without.variance, without.step_df) >= odd_p:
            break
        usable, found = others, replace(without, left_out=(*found.left_out, suspect))
    if before.replicates is None:
        return found
    told = step_likelihood(before.variance[:STEP], before.replicates, likelihood, usable)
    return replace(found, step_likelihood=told)


def _combined(
    before: ErrorComponents, likelihood: Increments, usable: npt.NDArray[np.bool_]
) -> ErrorComponents:
    """What was known before and the increments of the usable series."""
    free = np.diag(before.covariance) > 0
    variance = before.variance.copy()
    least = before.variance * LEAST_SHARE + LEAST
    most = np.array([np.inf, np.inf, max(step_variance(MOST_STEP_CV), float(before.variance[STEP]))])
    information = np.eye(3)
    for _ in range(ROUNDS):
        score, information = likelihood.at(variance, usable)
        prior_score, prior_information = _prior(before, variance, free)
        information = (information + prior_information)[np.ix_(free, free)]
        move = np.zeros(3)
        move[free] = np.linalg.solve(information, (score + prior_score)[free])
        moved = np.clip(variance + move, least, most)
        done = np.abs(moved - variance) <= CLOSE * variance
        variance = moved
        if done.all():
            break
    covariance = np.zeros((3, 3))
    covariance[np.ix_(free, free)] = np.linalg.inv(information)
    return ErrorComponents(variance, covariance, likelihood.count(usable))


def _prior(before: ErrorComponents, variance: Array, free: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    """(score, information) of what was known before."""
    information = np.zeros((3, 3))
    kept = np.flatnonzero(free[:STEP])
    if kept.size:
        information[np.ix_(kept, kept)] = np.linalg.pinv(before.covariance[np.ix_(kept, kept)])
    score = information @ (before.variance - variance)
    if free[STEP]:
        weight = float(before.variance[STEP] ** 2 / before.covariance[STEP, STEP] / variance[STEP] ** 2)
        information[STEP, STEP] = weight
        score[STEP] = weight * (before.variance[STEP] - variance[STEP])
    return score, information
