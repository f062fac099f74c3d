"""The titer to report: a value with its interval, or a bound, or none with the reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.plate.series import Series
from pipeline.compute.titer.estimate import Estimate
from pipeline.compute.titer.joint import JointTiter
from pipeline.domain.assay import Assay
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.unused import DilutionUnused
from pipeline.domain.message import Message
from pipeline.domain.names import number
from pipeline.domain.results import Titer
from pipeline.domain.specificity import Interval


def titer_result(
    joint: JointTiter | None,
    series: Series,
    estimates: Sequence[Estimate],
    curve: StandardCurve,
    assay: Assay,
    prior_dilution: float,
) -> Titer:
    """The titer to report: a value with its interval, or a bound, or none with the reason."""
    found = _read(joint, series, estimates, curve, assay, prior_dilution)
    if assay.has_calibrators or not series.steps:
        return found
    dilutions = [step.dilution * prior_dilution for step in series.steps]
    return _within_the_series(found, min(dilutions), max(dilutions))


def _within_the_series(found: Titer, first: float, last: float) -> Titer:
    """A reciprocal dilution is never extrapolated: below the first dilution, or at least the last."""
    low, high = found.ci95 or (None, None)
    measured = found.qualifier is Qualifier.MEASURED
    if found.value is None or (found.qualifier is Qualifier.AT_LEAST and found.value <= last):
        return found
    if found.value > last and found.qualifier is not Qualifier.BELOW:
        least = last if low is None else min(low, last)
        return _bound(least, Qualifier.AT_LEAST, found.unit, "positive at the last dilution")
    if found.value < first and (not measured or (high is not None and high <= first)):
        return _bound(first, Qualifier.BELOW, found.unit, "below the first dilution")
    return found


def _read(
    joint: JointTiter | None,
    series: Series,
    estimates: Sequence[Estimate],
    curve: StandardCurve,
    assay: Assay,
    prior_dilution: float,
) -> Titer:
    scale = prior_dilution / assay.calibration.reference_dilution
    if joint is None:
        return _out_of_range(series, estimates, curve, assay, scale)
    low, high = joint.interval(0.95)
    if _near_the_plateau(high, series, estimates, curve, assay, scale):
        return _bound(low, Qualifier.AT_LEAST, assay.unit, "near the top of the working range")
    widest = assay.samples.widest_interval
    if widest is not None and high > widest.value * low:
        return _too_wide(low, high, assay)
    method = "joint" if joint.used > 1 else "single dilution"
    method = f"{method}, {joint.used} of {len(estimates)} dilutions"
    return _measured(joint.value, (low, high), assay.unit, method)


def _measured(value: float, ci95: tuple[float, float], unit: str, method: str) -> Titer:
    text = Message(
        "{n:n} {unit} (95 % CI {low:n} to {high:n})",
        n=number(value),
        unit=unit,
        low=number(ci95[0]),
        high=number(ci95[1]),
    )
    return Titer(value, ci95, unit, Qualifier.MEASURED, method, text)


def _near_the_plateau(
    high: float,
    series: Series,
    estimates: Sequence[Estimate],
    curve: StandardCurve,
    assay: Assay,
    scale: float,
) -> bool:
    """Does the interval's upper end lie beyond the working range even at the most dilute reading?

    The curve is then so flat that the data hardly bound the titer from above: a closed interval would promise
    too much. An assay that evaluates as readers' software does keeps that software's number.
    """
    used = [step.dilution for step, e in zip(series.steps, estimates, strict=True) if e.reason is None]
    uloq = curve.result.range.uloq
    if not used or uloq is None or assay.curve.average == "arithmetic":
        return False
    return high > uloq * max(used) * scale


def _too_wide(low: float, high: float, assay: Assay) -> Titer:
    """An interval too wide for a number: its end on the near side of the cut-off, or no titer."""
    if assay.cutoff is not None and low > assay.cutoff.titer:
        return _bound(low, Qualifier.AT_LEAST, assay.unit, "interval too wide for a number")
    if assay.cutoff is not None and high <= assay.cutoff.titer:
        return _bound(high, Qualifier.BELOW, assay.unit, "interval too wide for a number")
    why = Message(
        "the 95 % interval, {low:n} to {high:n} {unit}, is too wide",
        low=number(low),
        high=number(high),
        unit=assay.unit,
    )
    return no_titer(assay.unit, why)


def _out_of_range(
    series: Series, estimates: Sequence[Estimate], curve: StandardCurve, assay: Assay, scale: float
) -> Titer:
    """A bound from the dilutions that lie beyond the working range."""
    if any(e.reason is DilutionUnused.RISES_WITH_DILUTION for e in estimates):
        return no_titer(assay.unit, "the signal rises with dilution")
    limits = curve.result.range
    rows = list(zip(series.steps, estimates, strict=True))
    above = [(step.dilution, e) for step, e in rows if e.side == "above" or e.reason is DilutionUnused.HOOK]
    below = [(step.dilution, e) for step, e in rows if e.reason is DilutionUnused.BELOW_LLOQ]
    if above and limits.uloq is not None:
        dilution, last = max(above, key=lambda pair: pair[0])
        noise = float(np.exp(last.ln_lower)) if last.ln_lower is not None else np.inf
        least = min(limits.uloq * dilution * scale, noise)
        return _bound(least, Qualifier.AT_LEAST, assay.unit, "above the working range")
    if below and limits.lloq is not None:
        dilution, first = below[0]
        noise = float(np.exp(first.ln_upper)) if first.ln_upper is not None else 0.0
        most = max(limits.lloq * dilution * scale, noise)
        return _bound(most, Qualifier.BELOW, assay.unit, "below the working range")
    return no_titer(assay.unit, curve.result.failure or "no usable dilution")


def no_titer(unit: str, why: str) -> Titer:
    """Neither a value nor a bound."""
    return Titer(None, None, unit, Qualifier.MEASURED, "none", Message("no titer: {why:t}", why=why))


def _bound(bound: float, qualifier: Qualifier, unit: str, method: str) -> Titer:
    interval: Interval = (bound, None) if qualifier is Qualifier.AT_LEAST else (None, bound)
    text = Message("{bound:t} {unit}", bound=qualifier.bound(bound), unit=unit)
    return Titer(bound, interval, unit, qualifier, method, text)
