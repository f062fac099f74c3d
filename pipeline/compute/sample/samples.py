"""One sample or control: its series on the curve, its evidence in words, its class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.curve.models import LOWER
from pipeline.compute.hnk1.arms import ArmTiter
from pipeline.compute.hnk1.judge import judge_hnk1
from pipeline.compute.hnk1.nonspecific import binding_of, course_of, fractions_of
from pipeline.compute.hnk1.specific_course import SpecificFraction
from pipeline.compute.plate.background import Signal, fraction_df, specific_fraction
from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.readings import ceiling_od
from pipeline.compute.plate.replicates import summarise
from pipeline.compute.plate.series import Series, Step
from pipeline.compute.sample.classify import (
    NOT_REPORTABLE,
    PLAIN,
    QUANTITATIVE,
    SPECIFIC,
    Evidence,
    Row,
    classify,
)
from pipeline.compute.sample.wording import EXPLANATIONS, converted, level_comment, next_step, reference_range
from pipeline.compute.statistics.inference import t_two_sided
from pipeline.compute.titer.companions import companions, not_parallel, parallelism_of
from pipeline.compute.titer.endpoint import endpoint_titer
from pipeline.compute.titer.estimates import Estimate
from pipeline.compute.titer.joint import JointTiter
from pipeline.compute.titer.placed import Placed
from pipeline.compute.titer.titers import titer_result
from pipeline.domain.assay import Assay
from pipeline.domain.results import DilutionResult, ReplicatePrecision, SampleResult, SeriesResult, Titer
from pipeline.domain.specificity import AntigenNegative, Hnk1Result

ONE_SIDED_95 = 1.644854
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Judged:
    """One dilution with its cut-off; None where it cannot be judged."""

    step: Step
    estimate: Estimate
    cutoff_od: float | None
    raw_positive: bool | None
    positive: bool | None


def analyse_sample(
    placed: Placed, joint: JointTiter | None, arm: ArmTiter | None, facts: PlateFacts
) -> SampleResult:
    """Everything about one sample, under the assumption that the plate is valid.

    Args:
        placed: its wells, and who it is.
        joint: its titer from all dilutions, if there is one.
        arm: the titer of its HNK1 wells, or of the serum after beads.
        facts: of the plate, whose curve may have failed.
    """
    curve, assay = facts.curve, facts.assay
    series, entry, estimates = placed.series, placed.entry, placed.estimates
    judged = tuple(
        _judge(step, estimate, cutoff, curve, assay)
        for step, estimate, cutoff in zip(series.steps, estimates, placed.cutoffs, strict=True)
    )
    titer = titer_result(joint, series, estimates, curve, assay, entry.prior_dilution)
    negative = _antigen_negative(judged, assay, facts.precision)
    hnk1 = judge_hnk1(series, ArmTiter(joint, titer), arm, facts, binds=any(j.positive for j in judged))
    evidence = _evidence(series, judged, joint, negative, hnk1, curve, assay)
    classification, reason = classify(evidence, _table(assay))
    last = max((step.dilution for step in series.steps), default=None)
    endpoint = endpoint_titer(
        series.steps, placed.cutoffs, [j.positive for j in judged], entry.prior_dilution
    )
    course = course_of(series, facts)
    fractions = fractions_of(course)
    specific = classification != "NONSPECIFIC_BINDING"
    companion = companions(placed, joint, titer, endpoint, facts, specific=specific)
    return SampleResult(
        sample_id=entry.sample_id,
        slot=entry.slot,
        classification=classification,
        reasons=(reason,),
        flags=_flags(judged, titer, negative, joint, companion, assay),
        reportable=classification not in NOT_REPORTABLE,
        titer=titer,
        endpoint_titer=endpoint,
        series=companion,
        antigen_negative=negative,
        hnk1=hnk1,
        nonspecific=binding_of(course),
        dilutions=tuple(_dilution(j, fractions.get(j.step.dilution), facts) for j in judged),
        dilution_cv_percent=joint.cv_percent if joint is not None else None,
        explanation=EXPLANATIONS[reason],
        reference_range=reference_range(assay.cutoff),
        converted=converted(titer, assay.conversions),
        level_comment=level_comment(titer, assay.cutoff) if classification.startswith("POSITIVE") else None,
        next_step=next_step(reason, titer, last * entry.prior_dilution if last is not None else None),
        patient_code=entry.patient_code,
        prior_dilution=entry.prior_dilution,
        collected_on=entry.collected_on,
        comment=entry.comment,
        extra=entry.extra,
    )


def _table(assay: Assay) -> tuple[Row, ...]:
    if assay.cutoff is None:
        return QUANTITATIVE
    return PLAIN if assay.antigen_negative is None else SPECIFIC


def _judge(
    step: Step, estimate: Estimate, cutoff: float | None, curve: StandardCurve, assay: Assay
) -> Judged:
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
    ceiling = ceiling_od(assay)
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


def _antigen_negative(
    judged: Sequence[Judged], assay: Assay, precision: ReplicatePrecision
) -> AntigenNegative:
    """Specific fraction over the deciding dilutions.

    These are the positive ones; where none is, those above the cut-off before subtraction, else the first.
    ``nonspecific`` and ``partial`` also need antigen-negative wells above ``max_od``: a weak serum's plain
    background is a large share of a small signal and means nothing.
    """
    settings = assay.antigen_negative
    if settings is None:
        return AntigenNegative(None, None, "missing")
    pairs = [(j, (_main_or_ceiling(j.step, assay), j.step.negative)) for j in judged]
    readable = [(j, (m, n)) for j, (m, n) in pairs if m is not None and n is not None]
    if any(j.step.negative_saturated for j in judged):
        return AntigenNegative(None, None, "nonspecific")
    if not readable:
        return AntigenNegative(None, None, "missing")
    deciding = (
        [pair for j, pair in readable if j.positive]
        or [pair for j, pair in readable if j.raw_positive]
        or [readable[0][1]]
    )
    found = specific_fraction(deciding)
    if found is None:
        return AntigenNegative(None, None, "pass")
    fraction, se = found
    half = t_two_sided(CONFIDENCE, fraction_df(deciding, precision)) * se
    interval = (fraction - half, fraction + half)
    raised = max(negative.od for _, negative in deciding) > settings.max_od.value
    status = "pass"
    if raised and fraction < settings.partial_below.value:
        status = "nonspecific" if fraction < settings.nonspecific_below.value else "partial"
    return AntigenNegative(fraction, interval, status)


def _main_or_ceiling(step: Step, assay: Assay) -> Signal | None:
    """The antigen wells; above the reader's range its limit: the specific fraction is then a lower bound."""
    ceiling = ceiling_od(assay)
    if not step.saturated:
        return step.main
    return None if ceiling is None else Signal(ceiling, 0.0)


def _evidence(
    series: Series,
    judged: Sequence[Judged],
    joint: JointTiter | None,
    negative: AntigenNegative,
    hnk1: Hnk1Result,
    curve: StandardCurve,
    assay: Assay,
) -> Evidence:
    controlled = series.has_negative or any(step.negative_saturated for step in series.steps)
    return Evidence(
        plate="valid",
        control="present" if controlled else "missing",
        repeat=_repeat(judged, curve) or "no",
        raw="+" if _raw_positive(judged, assay) else "-",
        net=_net(judged, assay),
        nsb=negative.status,
        hnk1=hnk1.status,
        open=_open(judged, joint, assay) or "no",
        ratio="low" if any(_only_ratio_fails(j, assay) for j in judged) else "ok",
    )


def _only_ratio_fails(judged: Judged, assay: Assay) -> bool:
    """The net signal exceeds the cut-off, but antigen wells read too little above antigen-negative ones."""
    step, settings = judged.step, assay.antigen_negative
    if settings is None or step.net is None or judged.cutoff_od is None or judged.positive is not False:
        return False
    return step.net.od > judged.cutoff_od


def _repeat(judged: Sequence[Judged], curve: StandardCurve) -> str | None:
    """Why the sample must be repeated, or None."""
    read = [j for j in judged if j.step.main is not None or j.step.saturated]
    if not read:
        return "WELLS_MISSING"
    if all(j.step.saturated for j in read):
        return "SATURATED"
    if all(j.step.disagree for j in read):
        return "REPLICATES_DISAGREE"
    if curve.range_ln is None:
        return "NO_WORKING_RANGE"
    hooked = any(j.estimate.reason == "hook" for j in judged)
    if hooked and not any(j.estimate.reason is None for j in judged):
        return "HOOK_UNRESOLVED"
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


def _net(judged: Sequence[Judged], assay: Assay) -> str:
    flags = [j.positive for j in judged]
    if not any(flags):
        return "none"
    return "series" if _longest_run(flags) >= _needed(judged, assay) else "one"


def _longest_run(flags: Sequence[bool | None]) -> int:
    """Most adjacent positive dilutions; one that cannot be judged is no neighbour."""
    longest = current = 0
    for flag in flags:
        current = current + 1 if flag else 0
        longest = max(longest, current)
    return longest


def _open(judged: Sequence[Judged], joint: JointTiter | None, assay: Assay) -> str | None:
    """Why the result stays open, or None."""
    known = [j.positive for j in judged if j.positive is not None]
    runs = sum(now and not before for before, now in zip([False, *known], known, strict=False))
    if runs > 1:
        return "GAP_IN_SERIES"
    if joint is None or assay.cutoff is None:
        return None
    low, high = joint.interval(assay.cutoff.straddle_confidence)
    if low < assay.cutoff.titer < high:
        return "STRADDLES_CUTOFF"
    if _net(judged, assay) != "series":
        # in range and above the cut-off titer, but below the floor: the series was diluted too far
        too_dilute = low >= assay.cutoff.titer and not any(_only_ratio_fails(j, assay) for j in judged)
        return "TITER_AND_SERIES_DISAGREE" if too_dilute else None
    if high <= assay.cutoff.titer:
        return "TITER_AND_SERIES_DISAGREE"
    return "NOT_PARALLEL" if _not_parallel(joint, assay) else None


def _not_parallel(joint: JointTiter | None, assay: Assay) -> bool:
    """The corrected titers scatter beyond the limit, or fall otherwise than the calibrators."""
    scatter, ratio = assay.limits.parallelism_cv, assay.limits.parallelism_ratio
    if joint is None:
        return False
    if scatter is not None and joint.cv_percent is not None and joint.cv_percent > scatter.value:
        return True
    return ratio is not None and not_parallel(parallelism_of(joint), ratio.value)


def _flags(
    judged: Sequence[Judged],
    titer: Titer,
    negative: AntigenNegative,
    joint: JointTiter | None,
    series: SeriesResult | None,
    assay: Assay,
) -> tuple[str, ...]:
    steps = [j.step for j in judged]
    raised = {
        "OUT_OF_RANGE_HIGH": titer.qualifier == ">=",
        "HIGH_BACKGROUND": negative.status in ("nonspecific", "partial"),
        "HOOK": any(j.estimate.reason == "hook" for j in judged),
        "SATURATED": any(step.saturated for step in steps),
        "REPLICATES_DISAGREE": any(step.disagree for step in steps),
        "WELLS_MISSING": any(step.main is None and not step.saturated for step in steps),
        "ANTIGEN_NEGATIVE_MISSING": assay.antigen_negative is not None
        and any(step.negative is None and not step.negative_saturated for step in steps),
        "ANTIGEN_NEGATIVE_BORROWED": any(step.negative_borrowed for step in steps),
        "NOT_PARALLEL": _not_parallel(joint, assay),
        "TITERS_DISAGREE": _disagree(series, assay),
    }
    return tuple(flag for flag, applies in raised.items() if applies)


def _disagree(series: SeriesResult | None, assay: Assay) -> bool:
    limit = assay.limits.titer_agreement
    return (
        limit is not None
        and series is not None
        and series.titers_fold is not None
        and series.titers_fold > limit.value
    )


def _dilution(judged: Judged, fraction: SpecificFraction | None, facts: PlateFacts) -> DilutionResult:
    step, estimate, assay = judged.step, judged.estimate, facts.assay
    alone = None
    if estimate.ln_titer is not None:
        alone = JointTiter(estimate.ln_titer, estimate.variance**0.5, facts.well_df, 1, None)
    net = step.net if assay.antigen_negative is not None else None
    ods = {antigen: summarise(group.ods) for antigen, group in step.groups.items()}
    return DilutionResult(
        dilution=step.dilution,
        wells={antigen: tuple(w.name for w in group.wells) for antigen, group in step.groups.items()},
        od={antigen: summary for antigen, summary in ods.items() if summary is not None},
        net_od=net.od if net is not None else None,
        net_od_se=net.se if net is not None else None,
        cutoff_od=judged.cutoff_od,
        titer=alone.value if alone is not None else None,
        used=estimate.reason is None and estimate.ln_titer is not None,
        reason=estimate.reason,
        titer_ci95=alone.bounded_interval() if alone is not None else None,
        raw_positive=judged.raw_positive,
        positive=judged.positive,
        hnk1_net_od=step.hnk1.od if step.hnk1 is not None else None,
        hnk1_net_od_se=step.hnk1.se if step.hnk1 is not None else None,
        specific_fraction=fraction.fraction if fraction is not None else None,
        specific_fraction_ci95=fraction.ci95 if fraction is not None else None,
        negative_borrowed=step.negative_borrowed,
    )
