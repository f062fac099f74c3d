"""The error of a dilution step from the likelihoods of past plates, summed on their common grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import CubicSpline

from pipeline.compute.titer.step_likelihood import GRID_CV_PERCENT
from pipeline.domain.history import PastStep, StepHistory, StepLikelihood

FINE = 3200
"""Intervals over which the posterior is integrated, equal in ln CV."""


def step_history(past: Sequence[PastStep], fewest: int) -> StepHistory:
    """What past runs say of a dilution step.

    Args:
        past: the runs that count, oldest first.
        fewest: with fewer runs there is no value.
    """
    cv, df = None, None
    if past and len(past) >= fewest:
        cv, df = pooled([one.likelihood for one in past])
    last = past[-1].cv_percent if past else None
    return StepHistory(tuple(one.run for one in past), fewest, cv, df, last)


def pooled(likelihoods: Sequence[StepLikelihood]) -> tuple[float, float]:
    """(CV of a step in percent, degrees of freedom): a scaled inverse chi-square for its variance.

    The likelihoods are summed, by a cubic spline over the grid's ln CV; beforehand ln CV is uniform over the
    grid. The scaled inverse chi-square distribution of the same mean and variance stands for the posterior.
    What an assay declares is no part of it.

    Args:
        likelihoods: at least one, all on :data:`.GRID_CV_PERCENT`.
    """
    ln_cv = np.linspace(np.log(GRID_CV_PERCENT[0]), np.log(GRID_CV_PERCENT[-1]), FINE + 1)
    total = np.sum([one.ln for one in likelihoods], axis=0)
    ln_posterior = CubicSpline(np.log(GRID_CV_PERCENT), total)(ln_cv)
    weight = np.exp(ln_posterior - ln_posterior.max())
    variance = np.log1p((np.exp(ln_cv) / 100) ** 2)
    mean = float(np.average(variance, weights=weight))
    df = 4 + 2 * mean**2 / float(np.average((variance - mean) ** 2, weights=weight))
    return 100 * float(np.sqrt(np.expm1(mean * (df - 2) / df))), df
