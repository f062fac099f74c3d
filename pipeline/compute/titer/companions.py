"""What stands beside a sample's titer: cut-off titer, area, parallelism, agreement, next dilution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.series import Step
from pipeline.compute.statistics.inference import t_two_sided
from pipeline.compute.titer.area import area_under_curve
from pipeline.compute.titer.back_calculated import BackCalculatedSeries
from pipeline.compute.titer.joint import WIDEST, JointTiter
from pipeline.domain.assay import Assay
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.message import Message
from pipeline.domain.names import number
from pipeline.domain.results import CutoffTiter, EndpointTiter, Parallelism, SeriesResult, Titer

CONFIDENCE = 0.90
"""Two one-sided tests at 5 % (Schuirmann 1987, J Pharmacokinet Biopharm 15:657)."""


def companions(
    calculated: BackCalculatedSeries,
    joint: JointTiter | None,
    titer: Titer,
    endpoint: EndpointTiter,
    facts: PlateFacts,
    *,
    specific: bool,
) -> SeriesResult | None:
    """Everything that is read from a series beside its titer; None where the plate has no curve.

    A serum that binds without antigen (not ``specific``) is not helped by another dilution.
    """
    if facts.curve.fit is None:
        return None
    steps, scale, assay = calculated.series.steps, calculated.entry.prior_dilution, facts.assay
    cutoff_titer = _cutoff_titer(joint, steps, scale, facts)
    read = [(step.dilution * scale, step.net) for step in steps if step.net is not None]
    area = area_under_curve(
        np.array([dilution for dilution, _ in read]),
        np.array([net.od for _, net in read]),
        np.array([net.se for _, net in read]),
    )
    return SeriesResult(
        cutoff_titer=cutoff_titer,
        area=area.value,
        area_se=area.se,
        area_reason=area.reason,
        parallelism=parallelism_of(joint),
        titers_fold=_fold(cutoff_titer, endpoint),
        censored_dilutions=joint.censored if joint is not None else 0,
        next_dilution=_next_dilution(titer, steps, scale, assay) if specific else None,
    )


def _cutoff_titer(
    joint: JointTiter | None, steps: Sequence[Step], scale: float, facts: PlateFacts
) -> CutoffTiter | None:
    """Where the fitted series falls to the assay's cut-off OD.

    The fitted series reads like a calibrator of titer x reference / dilution, so it falls to the cut-off OD,
    concentration x_c on the curve, at dilution titer x reference / x_c. The curve's error enters through the
    difference of both gradients: it is common to titer and x_c.
    """
    at, fit, assay = facts.floor, facts.curve.fit, facts.assay
    if joint is None or joint.by_theta is None or at is None or fit is None or not steps:
        return None
    if not at.exists[0] or assay.cutoff is None:
        return None
    cutoff = assay.cutoff.floor_od.value
    ln_value = joint.ln_titer + np.log(assay.calibration.reference_dilution) - float(at.ln_x[0])
    covariance = fit.covariance
    alone = max(joint.se**2 - float(joint.by_theta @ covariance @ joint.by_theta), 0.0)
    apart = joint.by_theta - at.by_theta[0]
    half = min(t_two_sided(0.95, joint.df) * float(np.sqrt(alone + apart @ covariance @ apart)), WIDEST)
    low, value, high = np.exp([ln_value - half, ln_value, ln_value + half]).tolist()
    first, last = steps[0].dilution * scale, steps[-1].dilution * scale
    if value > last:
        return CutoffTiter(
            last, (min(low, last), None), Qualifier.AT_LEAST, cutoff, Qualifier.AT_LEAST.bound(last)
        )
    if value < first:
        return CutoffTiter(
            first, (None, max(high, first)), Qualifier.BELOW, cutoff, Qualifier.BELOW.bound(first)
        )
    text = Message("{n:n} (95 % CI {low:n} to {high:n})", n=number(value), low=number(low), high=number(high))
    return CutoffTiter(value, (low, high), Qualifier.MEASURED, cutoff, text)


def parallelism_of(joint: JointTiter | None) -> Parallelism:
    """Ratio of slopes from the trend of the corrected titers: on ln-ln axes it is 1 minus the trend."""
    if joint is None or joint.shape is None:
        return Parallelism(None, None, None, "fewer than two usable dilutions")
    half = t_two_sided(CONFIDENCE, joint.df) * joint.shape.se
    ratio = 1 - joint.shape.slope
    return Parallelism(ratio, (ratio - half, ratio + half), joint.shape.p)


def not_parallel(parallelism: Parallelism, limit: float) -> bool:
    """Shown not to be parallel: the whole interval lies outside 1/limit to limit."""
    if parallelism.ci90 is None:
        return False
    low, high = parallelism.ci90
    return (low is not None and low > limit) or (high is not None and high < 1 / limit)


def _fold(cutoff: CutoffTiter | None, endpoint: EndpointTiter) -> float | None:
    """How far apart the two reciprocal dilutions are; None where one of them is not a number."""
    if (
        cutoff is None
        or cutoff.qualifier is not Qualifier.MEASURED
        or cutoff.value is None
        or endpoint.interpolated is None
    ):
        return None
    return float(np.exp(abs(np.log(cutoff.value / endpoint.interpolated))))


def _next_dilution(titer: Titer, steps: Sequence[Step], scale: float, assay: Assay) -> float | None:
    """The dilution to run next when the answer lies out of range.

    Above: from the most dilute one on, which the new series then shares. Below, where the bound does not
    decide: one step of the series more concentrated than the first.
    """
    if not steps:
        return None
    if titer.qualifier is Qualifier.AT_LEAST:
        return steps[-1].dilution * scale
    undecided = assay.cutoff is not None and titer.value is not None and titer.value > assay.cutoff.titer
    if titer.qualifier is not Qualifier.BELOW or not undecided:
        return None
    step = steps[1].dilution / steps[0].dilution if len(steps) > 1 else 2.0
    return max(float(round(steps[0].dilution * scale / step)), 1.0)
