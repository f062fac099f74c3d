"""The titer to report: a value with its interval, or a bound, or none with the reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.plate.series import Series
from pipeline.compute.titer.estimates import Estimate
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
    unit = assay.unit
    if joint is not None:
        low, high = joint.interval(0.95)
        value = joint.value
        method = "joint" if joint.used > 1 else "single dilution"
        text = Message(
            "{n:n} {unit} (95 % CI {low:n} to {high:n})",
            n=number(value),
            unit=unit,
            low=number(low),
            high=number(high),
        )
        return Titer(
            *(value, (low, high), unit, Qualifier.MEASURED),
            *(f"{method}, {joint.used} of {len(estimates)} dilutions", text),
        )
    scale = prior_dilution / assay.calibration.reference_dilution
    limits = curve.result.range
    rows = list(zip(series.steps, estimates, strict=True))
    above = [(step.dilution, e) for step, e in rows if e.side == "above" or e.reason is DilutionUnused.HOOK]
    below = [(step.dilution, e) for step, e in rows if e.reason is DilutionUnused.BELOW_LLOQ]
    if above and limits.uloq is not None:
        dilution, last = max(above, key=lambda pair: pair[0])
        noise = float(np.exp(last.ln_lower)) if last.ln_lower is not None else np.inf
        return _bound(
            min(limits.uloq * dilution * scale, noise), Qualifier.AT_LEAST, unit, "above the working range"
        )
    if below and limits.lloq is not None:
        dilution, first = below[0]
        noise = float(np.exp(first.ln_upper)) if first.ln_upper is not None else 0.0
        return _bound(
            max(limits.lloq * dilution * scale, noise), Qualifier.BELOW, unit, "below the working range"
        )
    return no_titer(unit, curve.result.failure or "no usable dilution")


def no_titer(unit: str, why: str) -> Titer:
    """Neither a value nor a bound."""
    return Titer(None, None, unit, Qualifier.MEASURED, "none", Message("no titer: {why:t}", why=why))


def _bound(bound: float, qualifier: Qualifier, unit: str, method: str) -> Titer:
    interval: Interval = (bound, None) if qualifier is Qualifier.AT_LEAST else (None, bound)
    text = Message("{bound:t} {unit}", bound=qualifier.bound(bound), unit=unit)
    return Titer(bound, interval, unit, qualifier, method, text)
