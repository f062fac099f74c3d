"""Each dilution on the curve, and which of them may be used for a titer.

All titers are on the undiluted scale: ln titer = ln concentration + ln(dilution / reference dilution).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.inverse import BackCalculated, back_calculate
from pipeline.compute.curve.models import LN_EC50, LOWER, gradient
from pipeline.compute.plate.background import Signal
from pipeline.compute.plate.series import Series, Step
from pipeline.compute.titer.estimate import NORMAL_95, Array, Estimate
from pipeline.compute.titer.step_likelihood import step_variance
from pipeline.compute.titer.trouble import without_bad_wells, without_rise
from pipeline.domain.assay import Assay
from pipeline.domain.codes.unused import DilutionUnused


def dilution_estimates(
    every: Sequence[tuple[Series, float]], curve: StandardCurve, assay: Assay
) -> list[tuple[Estimate, ...]]:
    """Place every dilution of every series on the curve and say which may be used.

    Args:
        every: each series with the dilution of its sample before the plate.
        curve: the plate's standard curve.
        assay: how it is evaluated.
    """
    fit = curve.fit
    if fit is None:
        return [tuple(_without_curve(step) for step in series.steps) for series, _ in every]
    rows = _DilutionRows.of(every, curve, fit, assay)
    estimates, start = [], 0
    for series, prior_dilution in every:
        found = tuple(rows.estimate(start + k, step, prior_dilution) for k, step in enumerate(series.steps))
        found = without_bad_wells(found, series.steps, assay)
        found = without_rise(found, series.steps, assay)
        estimates.append(_uninterrupted(found))
        start += len(series.steps)
    return estimates


@dataclass(frozen=True, slots=True)
class _DilutionRows:
    """All dilutions of a plate on the curve at once, one after the other."""

    curve: StandardCurve
    fit: Fit
    assay: Assay
    at: BackCalculated
    lower: BackCalculated
    """The signal less its whole error ..."""
    upper: BackCalculated
    """... and with it."""
    variance: list[float]

    @staticmethod
    def of(
        every: Sequence[tuple[Series, float]], curve: StandardCurve, fit: Fit, assay: Assay
    ) -> _DilutionRows:
        net = assay.antigen_negative is not None
        steps = [
            (k, step.net or Signal(0.0, 1.0))
            for series, _ in every
            for k, step in zip(series.numbers, series.steps, strict=True)
        ]
        ods, se = (np.array([getattr(signal, name) for _, signal in steps]) for name in ("od", "se"))
        at = back_calculate(fit, ods, above_zero=net)
        made = np.array([k for k, _ in steps])
        margin = NORMAL_95 * _whole_error(at, se, made, curve, fit, assay)
        lower = back_calculate(fit, ods - margin, above_zero=net)
        upper = back_calculate(fit, ods + margin, above_zero=net)
        return _DilutionRows(curve, fit, assay, at, lower, upper, ((at.by_y * se) ** 2).tolist())

    def estimate(self, row: int, step: Step, prior_dilution: float) -> Estimate:
        side = _side(row, step, self.at, self.curve, self.assay)
        shift = _ln_shift(step, self.assay, prior_dilution)
        return Estimate(
            ln_titer=_ln_titer(row, step, self.at, self.fit, self.assay, shift),
            variance=self.variance[row],
            by_theta=self.at.by_theta[row],
            side=side,
            ln_upper=_shifted(self.upper, row, shift),
            reason=_reason(step, side),
            ln_shift=shift,
            ln_lower=_shifted(self.lower, row, shift),
        )


def _shifted(found: BackCalculated, row: int, shift: float) -> float | None:
    return None if found.below[row] or found.above[row] else float(found.ln_x[row]) + shift


def _whole_error(
    found: BackCalculated, well: Array, made: Array, curve: StandardCurve, fit: Fit, assay: Assay
) -> Array:
    """SE of each dilution's signal, OD: its wells', the curve's and the pipetting error of its steps, (K,).

    A signal beyond the working range has the curve's and the pipetting error of the range's end.
    """
    low, high = curve.range_ln or (fit.theta[LN_EC50], fit.theta[LN_EC50])
    ln_x = np.clip(np.where(found.below, low, np.where(found.above, high, found.ln_x)), low, high)
    slopes = gradient(np.exp(ln_x), fit.theta)
    by_theta = slopes.copy()
    by_theta[:, LOWER] -= assay.antigen_negative is not None
    from_curve = np.einsum("ki,ij,kj->k", by_theta, fit.covariance, by_theta)
    steps = made * step_variance(assay.dilution.step_cv.value)
    return np.asarray(np.sqrt(well**2 + from_curve + slopes[:, LN_EC50] ** 2 * steps))


def _uninterrupted(estimates: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """A reading in range is noise past the first dilution below it, or before the last one above it."""
    above = [k for k, e in enumerate(estimates) if e.reason is DilutionUnused.ABOVE_ULOQ]
    below = [k for k, e in enumerate(estimates) if e.reason is DilutionUnused.BELOW_LLOQ]
    if not above and not below:
        return tuple(estimates)
    kept = []
    for k, estimate in enumerate(estimates):
        reason = estimate.reason
        if reason is None and below and k > below[0]:
            kept.append(replace(estimate, reason=DilutionUnused.BEYOND_LAST_IN_RANGE))
        elif reason is None and above and k < above[-1]:
            kept.append(replace(estimate, reason=DilutionUnused.BEFORE_LAST_ABOVE_RANGE))
        else:
            kept.append(estimate)
    return tuple(kept)


def _ln_titer(
    index: int, step: Step, found: BackCalculated, fit: Fit, assay: Assay, shift: float
) -> float | None:
    """Return ln titer of one dilution, or None where the curve has no inverse.

    A net signal is inverted as it is. Without antigen-negative wells each well is inverted and the wells'
    concentrations are averaged as the assay says: geometric, or arithmetic as readers' software does.
    """
    if assay.antigen_negative is not None:
        return None if step.net is None else _shifted(found, index, shift)
    group = step.groups.get(assay.calibration.antigen)
    wells = back_calculate(fit, np.array(group.ods if group is not None else ()))
    ln_x = wells.ln_x[wells.exists]
    if not ln_x.size:
        return None
    geometric = assay.curve.average == "geometric"
    return shift + float(ln_x.mean() if geometric else np.log(np.exp(ln_x).mean()))


def _without_curve(step: Step) -> Estimate:
    reason = _reason(step, "unknown") or DilutionUnused.NO_CURVE
    return Estimate(None, 0.0, np.zeros(5), "unknown", None, reason)


def _ln_shift(step: Step, assay: Assay, prior_dilution: float) -> float:
    """From ln concentration on the plate to ln titer of the undiluted serum."""
    return math.log(step.dilution * prior_dilution / assay.calibration.reference_dilution)


def _side(index: int, step: Step, found: BackCalculated, curve: StandardCurve, assay: Assay) -> str:
    """Where the signal lies; a net signal within its own noise of zero is below, whatever the LLOQ."""
    if step.saturated:
        return "above"
    if step.net is None or curve.range_ln is None:
        return "unknown"
    low, high = curve.range_ln
    if assay.antigen_negative is not None and step.net.od < NORMAL_95 * step.net.se:
        return "below"
    if found.below[index] or (not found.above[index] and found.ln_x[index] < low):
        return "below"
    return "above" if found.above[index] or found.ln_x[index] > high else "inside"


def _reason(step: Step, side: str) -> DilutionUnused | None:
    """The first reason that applies; None for a usable dilution."""
    reasons = {
        DilutionUnused.SATURATED: step.saturated,
        DilutionUnused.NO_WELLS: step.main is None,
        DilutionUnused.ANTIGEN_NEGATIVE_SATURATED: step.negative_saturated,
        DilutionUnused.NO_ANTIGEN_NEGATIVE: step.net is None,
        DilutionUnused.REPLICATES_DISAGREE: step.disagree,
        DilutionUnused.BELOW_LLOQ: side == "below",
        DilutionUnused.ABOVE_ULOQ: side == "above",
        DilutionUnused.NO_WORKING_RANGE: side == "unknown",
    }
    return next((reason for reason, applies in reasons.items() if applies), None)
