"""The cut-off of each dilution: what a serum at the cut-off titer reads there, never below the floor.

Where the assay says so, the plate's negative controls raise it, to the limit that a new negative exceeds
at the same dilution with a stated chance only (prediction limit, see
:mod:`pipeline.compute.statistics.cutpoints`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.curve.models import LOWER, curve
from pipeline.compute.plate.series import Series
from pipeline.compute.statistics.cutpoints import CutPointMethod, cut_point
from pipeline.domain.assay import Assay
from pipeline.domain.results import NegativeLimit

Array = npt.NDArray[np.float64]

SAME_DILUTION = 1e-9
"""Relative difference of two dilutions that is rounding."""


def negative_limits(
    series: Mapping[str, Series], fitted: StandardCurve, assay: Assay
) -> tuple[NegativeLimit, ...]:
    """The limit at each dilution of the negative controls; empty where the assay does not ask for it.

    Args:
        series: control name -> its series; others may be among them.
        fitted: the plate's standard curve; its zero response is taken off where there are no antigen-negative
            wells.
        assay: says which controls are negative.
    """
    wanted = assay.cutoff.negatives if assay.cutoff is not None else None
    if wanted is None or fitted.fit is None:
        return ()
    zero = 0.0 if assay.antigen_negative is not None else float(fitted.fit.theta[LOWER])
    net: dict[float, list[float]] = {}
    for name, control in assay.controls.items():
        if control.kind != "negative" or name not in series:
            continue
        for step in series[name].steps:
            readings = net.setdefault(step.dilution, [])
            if step.net is not None and not step.saturated and not step.disagree:
                readings.append(step.net.od - zero)
    return tuple(
        _limit(dilution, ods, 1 - wanted.confidence, wanted.fewest) for dilution, ods in sorted(net.items())
    )


def _limit(dilution: float, ods: Sequence[float], false_positive: float, fewest: int) -> NegativeLimit:
    values = np.array(ods)
    found = cut_point(values, false_positive=false_positive, method=CutPointMethod.PREDICTION, least_n=fewest)
    mean = float(values.mean()) if values.size else None
    return NegativeLimit(dilution, found.n, mean, found.factor, found.value, found.reason)


def dilution_cutoffs(
    every: Sequence[tuple[Series, float]],
    fitted: StandardCurve,
    assay: Assay,
    limits: Sequence[NegativeLimit],
    *,
    confirming: bool = False,
) -> list[tuple[float | None, ...]]:
    """Cut-off OD of every dilution of every series; None without a curve or a cut-off.

    Args:
        every: each series with the dilution of its sample before the plate.
        fitted: the plate's standard curve.
        assay: its cut-off.
        confirming: for dilutions that follow a positive one: what the serum reads there is known already, and
            a smaller floor tells it from noise.
        limits: of the negative controls. A dilution between theirs takes the next more concentrated one's.
    """
    if not every or assay.cutoff is None or fitted.fit is None:
        return [tuple(None for _ in series.steps) for series, _ in every]
    total = np.array([step.dilution * prior for series, prior in every for step in series.steps])
    cutoffs = cutoffs_at(total, fitted.fit.theta, assay, limits, confirming=confirming)
    ends = np.cumsum([len(series.steps) for series, _ in every])[:-1]
    return [tuple(part.tolist()) for part in np.split(cutoffs, ends)]


def cutoffs_at(
    total: Array, theta: Array, assay: Assay, limits: Sequence[NegativeLimit], *, confirming: bool
) -> Array:
    """Cut-off OD at each dilution of an assay that has one.

    Args:
        total: reciprocal dilutions of the serum, shape (n,).
        theta: the standard curve.
        assay: its cut-off.
        limits: of the negative controls.
        confirming: as :func:`dilution_cutoffs` has it.
    """
    assert assay.cutoff is not None  # noqa: S101 - what is asked of the caller
    at_cutoff = assay.cutoff.titer * assay.calibration.reference_dilution / total
    net = curve(at_cutoff, theta) - theta[LOWER]
    floor = (confirming and assay.cutoff.confirming_floor_od) or assay.cutoff.floor_od
    return np.asarray(np.maximum(np.maximum(net, floor.value), _raised_to(total, limits)))


def _raised_to(total: Array, limits: Sequence[NegativeLimit]) -> Array:
    """The negatives' limit at each dilution, 0 where there is none."""
    known = [(limit.dilution, limit.limit_od) for limit in limits if limit.limit_od is not None]
    if not known:
        return np.zeros_like(total)
    dilutions, ods = np.array(known).T
    at = np.searchsorted(dilutions, total * (1 + SAME_DILUTION), side="right") - 1
    return np.where(at >= 0, ods[np.maximum(at, 0)], 0.0)
