"""Calibrator levels that fade into the blank: there the curve is too flat to be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from pipeline.compute.curve.dropped_level import failing_levels
from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.models import LN_EC50, curve, gradient
from pipeline.domain.assay import Assay
from pipeline.domain.curve_results import CalibratorResult
from pipeline.domain.message import Message
from pipeline.domain.results import ReplicatePrecision

_OTHERS = 1
"""Levels that may be wrong beside those that fade: as many as may be left out."""


def with_faded(
    levels: tuple[CalibratorResult, ...],
    fit: Fit,
    fitted: Collection[str],
    precision: ReplicatePrecision,
    assay: Assay,
) -> tuple[CalibratorResult, ...]:
    """Mark the levels that are not recovered because their signal fades into the blank.

    Their recovery is that of noise, and says nothing of how they were made up; below them the curve is
    flatter still, and a level that is recovered there is so by chance. What remains has a new lowest level. A
    curve that misses several other levels is no curve, and how flat it is excuses nothing.

    Args:
        levels: against the curve.
        fit: the curve.
        fitted: names of the levels in it.
        precision: well-to-well error of the plate.
        assay: how flat is flat. Without these settings no level fades.
    """
    marked = levels
    while True:
        failing = [one for one in failing_levels(marked, assay) if one.level in fitted]
        faded = [one.nominal for one in failing if _fades(one, fit, precision, assay)]
        if not faded:
            return marked if len(failing) <= _OTHERS else levels
        marked = tuple(replace(one, faded=0 < one.nominal <= max(faded)) for one in marked)


def _fades(level: CalibratorResult, fit: Fit, precision: ReplicatePrecision, assay: Assay) -> bool:
    """Below the ec50, is the curve flat there for the error of the mean, and does the level lie on it?"""
    flat, near = assay.curve.fading, assay.curve.fading_distance
    if flat is None or near is None or level.mean_od is None:
        return False
    x = np.array([level.nominal])
    expected = float(curve(x, fit.theta)[0])
    se = precision.sd(expected) / level.n**0.5
    by_ln_x = abs(float(gradient(x, fit.theta)[0, LN_EC50]))  # ln x enters as its distance from ln ec50
    low = level.nominal < np.exp(fit.theta[LN_EC50])
    on_curve = abs(level.mean_od - expected) <= near.value * se
    return bool(low and by_ln_x < flat.value * se and on_curve)


def faded_note(levels: Sequence[CalibratorResult]) -> Iterator[Message]:
    """The levels by name, for the curve's warnings."""
    names = [one.level for one in levels if one.faded]
    if names:
        text = "{levels} fade into the blank: no failure, but the working range begins above"
        yield Message(text, levels=", ".join(names))
