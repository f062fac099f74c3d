"""The evidence of one sample: which dilutions are positive, what keeps its result open or makes it repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.curve.models import LOWER
from pipeline.compute.plate.series import Series, Step
from pipeline.compute.sample.classify import Evidence, Net
from pipeline.compute.titer.companions import not_parallel, parallelism_of
from pipeline.compute.titer.estimates import Estimate
from pipeline.compute.titer.joint import JointTiter
from pipeline.domain.assay import Assay
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.unused import DilutionUnused
from pipeline.domain.specificity import AntigenNegative, Hnk1Result

ONE_SIDED_95 = 1.644854


@dataclass(frozen=True, slots=True)
class Judged:
    """One dilution with its cut-off; None where it cannot be judged."""

    step: Step
    estimate: Estimate
    cutoff_od: float | None
    raw_positive: bool | None
    positive: bool | None


def judge(step: Step, estimate: Estimate, cutoff: float | None, curve: StandardCurve, assay: Assay) -> Judged:
    """A dilution is positive when its net signal exceeds its cut-off (:mod:`pipeline.compute.titer.cutoffs`).

    The antigen wells must also read at least ``min_ratio`` times the antigen-negative wells. The unsubtracted
    signal counts as positive only beyond its own noise (one-sided 95 %), so that a result at the cut-off is
    open rather than "non-specific".
    """
    if cutoff is None or curve.fit is None:
        return Judged(step, estimate, None, None, None)
    if step.disagree:
        return Judged(step, estimate, cutoff, None, None)
    if step.saturated:
        return Judged(step, estimate, cutoff, raw_positive=True, positive=_saturated_positive(step, assay))
    if step.main is None:
        return Judged(step, estimate, cutoff, None, None)
    zero = float(curve.fit.theta[LOWER])
    raw = step.main.od - zero > cutoff + ONE_SIDED_95 * step.main.se
    return Judged(step, estimate, cutoff, raw, _net_positive(step, cutoff, zero, assay))


def _saturated_positive(step: Step, assay: Assay) -> bool | None:
    """Above the reader's range: positive if that limit is far enough above the antigen-negative wells."""
    if assay.antigen_negative is None:
        return True
    ceiling = assay.steering.reader_max_od
    if step.negative is None or ceiling is None:
        return None
    return True if ceiling >= assay.antigen_negative.min_ratio.value * step.negative.od else None


def _net_positive(step: Step, cutoff: float, zero: float, assay: Assay) -> bool | None:
    if step.net is None:
        return False if step.negative_saturated else None
    if assay.antigen_negative is None:
        return step.net.od - zero > cutoff
    if step.main is None or step.negative is None:
        return None
    return step.net.od > cutoff and step.main.od >= assay.antigen_negative.min_ratio.value * step.negative.od


def evidence_of(
    series: Series,
    judged: Sequence[Judged],
    joint: JointTiter | None,
    negative: AntigenNegative,
    hnk1: Hnk1Result,
    curve: StandardCurve,
    assay: Assay,
) -> Evidence:
    """What the table of classes asks about one sample, in codes."""
    controlled = series.has_negative or any(step.negative_saturated for step in series.steps)
    return Evidence(
        rejected=False,
        controlled=controlled,
        repeat=_repeat(judged, curve),
        raw=_raw_positive(judged, assay),
        net=_net(judged, assay),
        nsb=negative.status,
        hnk1=hnk1.status,
        open=_open(judged, joint, assay),
        low_ratio=any(_only_ratio_fails(j, assay) for j in judged),
    )


def _only_ratio_fails(judged: Judged, assay: Assay) -> bool:
    """The net signal exceeds the cut-off, but antigen wells read too little above antigen-negative ones."""
    step, settings = judged.step, assay.antigen_negative
    if settings is None or step.net is None or judged.cutoff_od is None or judged.positive is not False:
        return False
    return step.net.od > judged.cutoff_od


def _repeat(judged: Sequence[Judged], curve: StandardCurve) -> Reason | None:
    """Why the sample must be repeated, or None."""
    read = [j for j in judged if j.step.main is not None or j.step.saturated]
    if not read:
        return Reason.WELLS_MISSING
    if all(j.step.saturated for j in read):
        return Reason.SATURATED
    if all(j.step.disagree for j in read):
        return Reason.REPLICATES_DISAGREE
    if curve.range_ln is None:
        return Reason.NO_WORKING_RANGE
    hooked = any(j.estimate.reason is DilutionUnused.HOOK for j in judged)
    if hooked and not any(j.estimate.reason is None for j in judged):
        return Reason.HOOK_UNRESOLVED
    return None


def _raw_positive(judged: Sequence[Judged], assay: Assay) -> bool:
    """Would the assay without antigen-negative wells call this serum positive?

    At the screening dilution (the first that can be judged), or in a series of adjacent dilutions.
    """
    known = [j.raw_positive for j in judged if j.raw_positive is not None]
    adjacent = _longest_run([j.raw_positive for j in judged])
    return bool(known) and (known[0] or adjacent >= _needed(judged, assay))


def _needed(judged: Sequence[Judged], assay: Assay) -> int:
    """Adjacent positive dilutions that make a series; never more than the series has."""
    declared = assay.cutoff.min_adjacent_dilutions if assay.cutoff is not None else 1
    return min(declared, len(judged))


def _net(judged: Sequence[Judged], assay: Assay) -> Net:
    flags = [j.positive for j in judged]
    if not any(flags):
        return Net.NONE
    return Net.SERIES if _longest_run(flags) >= _needed(judged, assay) else Net.ONE


def _longest_run(flags: Sequence[bool | None]) -> int:
    """Most adjacent positive dilutions; one that cannot be judged is no neighbour."""
    longest = current = 0
    for flag in flags:
        current = current + 1 if flag else 0
        longest = max(longest, current)
    return longest


def _open(judged: Sequence[Judged], joint: JointTiter | None, assay: Assay) -> Reason | None:
    """Why the result stays open, or None."""
    known = [j.positive for j in judged if j.positive is not None]
    runs = sum(now and not before for before, now in zip([False, *known], known, strict=False))
    if runs > 1:
        return Reason.GAP_IN_SERIES
    if joint is None or assay.cutoff is None:
        return None
    low, high = joint.interval(assay.cutoff.straddle_confidence)
    if low < assay.cutoff.titer < high:
        return Reason.STRADDLES_CUTOFF
    if _net(judged, assay) is not Net.SERIES:
        # in range and above the cut-off titer, but below the floor: the series was diluted too far
        too_dilute = low >= assay.cutoff.titer and not any(_only_ratio_fails(j, assay) for j in judged)
        return Reason.TITER_AND_SERIES_DISAGREE if too_dilute else None
    if high <= assay.cutoff.titer:
        return Reason.TITER_AND_SERIES_DISAGREE
    return Reason.NOT_PARALLEL if joint_not_parallel(joint, assay) else None


def joint_not_parallel(joint: JointTiter | None, assay: Assay) -> bool:
    """The corrected titers scatter too far, or fall otherwise than the calibrators."""
    scatter, ratio = assay.steering.parallelism_cv, assay.steering.parallelism_ratio
    if joint is None:
        return False
    if scatter is not None and joint.cv_percent is not None and joint.cv_percent > scatter:
        return True
    return ratio is not None and not_parallel(parallelism_of(joint), ratio)
