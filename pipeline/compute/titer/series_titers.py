"""The titers of all series of a plate, fitted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.curve.models import LOWER
from pipeline.compute.plate.series import Step
from pipeline.compute.titer.back_calculated import BackCalculatedSeries
from pipeline.compute.titer.error_components import ErrorComponents
from pipeline.compute.titer.estimate import NORMAL_95, Estimate
from pipeline.compute.titer.joint import JointTiter, Span, geometric_cv, joint_fit
from pipeline.compute.titer.joint_table import JointDilution, lay_out
from pipeline.domain.assay import Assay


def joint_titers(
    calculated: Sequence[BackCalculatedSeries],
    curve: StandardCurve,
    assay: Assay,
    before: ErrorComponents,
    *,
    learn: bool = True,
) -> tuple[list[JointTiter | None], ErrorComponents]:
    """One titer for each series from all its dilutions, and the errors as the plate's series show them.

    A series without a usable dilution has none. An assay that averages arithmetically, as readers' software
    does, gets the mean of its dilutions' titers with the joint fit's standard error.
    """
    if curve.fit is None or not any(p.usable for p in calculated):
        return [None] * len(calculated), before
    readings = [_readings(p, curve, assay) for p in calculated]
    span = Span.around([p.usable for p in calculated])
    odd = assay.dilution.odd_series_p
    odd_p = odd.value if odd is not None else None
    found = joint_fit(lay_out(readings), curve.fit, before, span, learn=learn, odd_p=odd_p)
    titers: list[JointTiter | None] = []
    for index, one in enumerate(calculated):
        if not found.found[index]:
            titers.append(None)
            continue
        usable = np.array(one.usable)
        arithmetic = assay.curve.average == "arithmetic"
        ln_titer = float(np.log(np.exp(usable).mean()) if arithmetic else found.ln_titer[index])
        se, df = float(found.se[index]), float(found.df[index])
        censored = int(found.censored[index])
        cv = geometric_cv(usable)
        by_theta, shape = found.by_theta[index], found.shape.of(index)
        weights = {
            reading.step: float(weight)
            for reading, weight in zip(readings[index], found.weights[index], strict=False)
            if reading.beyond is None
        }
        titers.append(JointTiter(ln_titer, se, df, len(usable), cv, censored, by_theta, shape, weights))
    return titers, found.errors


def _readings(calculated: BackCalculatedSeries, curve: StandardCurve, assay: Assay) -> list[JointDilution]:
    rows = zip(calculated.series.steps, calculated.estimates, strict=True)
    numbers = calculated.series.numbers
    found = [
        _reading(k, step, estimate, curve, assay) for k, (step, estimate) in zip(numbers, rows, strict=True)
    ]
    return [reading for reading in found if reading is not None]


def _reading(
    k: int, step: Step, estimate: Estimate, curve: StandardCurve, assay: Assay
) -> JointDilution | None:
    """A dilution for the joint fit; None when it says nothing (hook, replicates that disagree, no wells)."""
    side = None if estimate.reason is None else estimate.reason.means.beyond
    silent = estimate.reason is not None and side is None
    if silent or (step.net is None and not step.saturated):
        return None
    limit = _limit_od(side, step, curve, assay)
    group = step.groups.get(assay.calibration.antigen)
    blank = step.groups.get(assay.antigen_negative.antigen) if assay.antigen_negative is not None else None
    wells = len(group.ods) if group is not None else 0, len(blank.ods) if blank is not None else 0
    if limit is None or (side is None and not wells[0]):
        return None
    negative = step.negative.od if step.negative is not None else 0.0
    net = step.net.od if step.net is not None else 0.0
    paired = max(wells[1], 1) if step.negative is not None else wells[1]
    counts = (max(wells[0], 1), paired)
    return JointDilution(k, estimate.ln_shift, net, negative, counts, side, limit, step.further_variance)


def _limit_od(side: str | None, step: Step, curve: StandardCurve, assay: Assay) -> float | None:
    """The signal beyond which a dilution is out of range, as :mod:`.estimates` judged it."""
    low, high = curve.result.range.lloq, curve.result.range.uloq
    if low is None or high is None:
        return None
    if side is None:
        return 0.0
    paired = assay.antigen_negative is not None
    at = curve.net_od(low if side == "below" else high)
    if not paired and curve.fit is not None:
        return at + float(curve.fit.theta[LOWER])
    noise = NORMAL_95 * step.net.se if step.net is not None and side == "below" else 0.0
    return max(at, noise)
