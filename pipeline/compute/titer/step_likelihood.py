"""What the increments of one plate say of the pipetting error, for other plates to use.

The restricted ln likelihood of the dilution step's CV on a fixed grid. At every point of the grid the two
variances of the wells are those that replicates and increments together make most likely; half the ln
determinant of their information is taken off (Cox and Reid 1987, J R Stat Soc B 49:1), or the sum over many
plates, each with few wells, would lead to a wrong step. What was known of the step before is no part of it,
so that the likelihoods of several plates can be summed.
"""

from __future__ import annotations

import numpy as np

from pipeline.compute.plate.replicates import Replicates
from pipeline.compute.titer.increments import LEAST, STEP, Array, Increments
from pipeline.compute.titer.joint_table import Flags
from pipeline.domain.history import StepLikelihood

GRID_CV_PERCENT = tuple(0.25 * 2 ** (k / 4) for k in range(29))
"""0.25 to 32 %, four points to a doubling: fixed, because likelihoods on other grids cannot be added."""
ROUNDS = 100
CLOSE = 1e-8
"""Relative, of the wells' variances."""
LEAST_SHARE = 1e-4
"""A variance of the wells is never taken below this share of what the replicates alone say."""


def step_variance(cv_percent: float) -> float:
    """Variance of the ln of a log-normal dilution step with this CV."""
    return float(np.log1p((cv_percent / 100) ** 2))


def step_likelihood(
    wells: Array, replicates: Replicates, increments: Increments, usable: Flags
) -> StepLikelihood | None:
    """The likelihood of one plate, its largest value on the grid taken as 0; None where there is none.

    Args:
        wells: both variances of the wells as the replicates give them, shape (2,).
        replicates: the plate's groups of replicate wells.
        increments: residuals of the plate's series.
        usable: series that take part.
    """
    variance = np.zeros((len(GRID_CV_PERCENT), 3))
    variance[:, :STEP], variance[:, STEP] = wells, [step_variance(cv) for cv in GRID_CV_PERCENT]
    least = np.maximum(wells * LEAST_SHARE, LEAST)
    information = np.zeros((len(variance), STEP, STEP))
    for _ in range(ROUNDS):
        score, information = _of_wells(variance, replicates, increments, usable)
        moved = np.maximum(variance[:, :STEP] + _solved(information, score), least)
        done = np.abs(moved - variance[:, :STEP]) <= CLOSE * variance[:, :STEP]
        variance[:, :STEP] = moved
        if done.all():
            break
    ln = increments.ln_likelihood(variance, usable) + replicates.ln_likelihood(variance[:, :STEP])
    ln -= np.linalg.slogdet(information)[1] / 2
    return StepLikelihood(GRID_CV_PERCENT, tuple((ln - ln.max()).tolist())) if np.isfinite(ln).all() else None


def _of_wells(
    variance: Array, replicates: Replicates, increments: Increments, usable: Flags
) -> tuple[Array, Array]:
    """(score (G, 2), information (G, 2, 2)) of the wells' variances, from increments and replicates."""
    score, information = increments.at(variance, usable)
    more_score, more_information = replicates.at(variance[:, :STEP])
    return score[:, :STEP] + more_score, information[:, :STEP, :STEP] + more_information


def _solved(information: Array, score: Array) -> Array:
    return np.asarray((np.linalg.pinv(information, hermitian=True) @ score[..., None])[..., 0])
