"""One sample or control: its series on the curve, its evidence in words, its class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from pipeline.compute.hnk1.judge import judge_hnk1
from pipeline.compute.hnk1.nonspecific import binding_of, course_of, fractions_of
from pipeline.compute.hnk1.specific_course import SpecificFraction
from pipeline.compute.hnk1.titers import SeriesTiter
from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.replicates import summarise
from pipeline.compute.sample.antigen_negative import antigen_negative
from pipeline.compute.sample.classify import PLAIN, QUANTITATIVE, SPECIFIC, WITHOUT_HNK1, Row, classify
from pipeline.compute.sample.evidence import Judged, evidence_of, joint_not_parallel, judge_series
from pipeline.compute.sample.promise import kept
from pipeline.compute.sample.wording import (
    converted,
    explanation,
    level_comment,
    next_steps,
    reference_range,
    step_text,
)
from pipeline.compute.titer.back_calculated import BackCalculatedSeries
from pipeline.compute.titer.companions import companions
from pipeline.compute.titer.endpoint import endpoint_titer
from pipeline.compute.titer.joint import JointTiter
from pipeline.compute.titer.titers import no_titer, titer_result
from pipeline.domain.assay import Assay
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.flags import Flag
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.unused import DilutionUnused
from pipeline.domain.results import DilutionResult, LnTiter, SampleResult, SeriesResult, Titer
from pipeline.domain.specificity import AntigenNegative


def analyse_sample(
    calculated: BackCalculatedSeries,
    joint: JointTiter | None,
    hnk1_titer: SeriesTiter | None,
    facts: PlateFacts,
) -> SampleResult:
    """Everything about one sample, under the assumption that the plate is valid.

    Args:
        calculated: its wells, and who it is.
        joint: its titer from all dilutions, if there is one.
        hnk1_titer: the titer of its HNK1 wells, or of the serum after beads.
        facts: of the plate, whose curve may have failed.
    """
    curve, assay = facts.curve, facts.assay
    series, entry, estimates = calculated.series, calculated.entry, calculated.estimates
    judged = judge_series(calculated, facts)
    titer = titer_result(joint, series, estimates, curve, assay, entry.prior_dilution)
    negative = antigen_negative(judged, assay, facts.precision)
    positive = [j.positive for j in judged]
    hnk1 = judge_hnk1(
        series, SeriesTiter(joint, titer), hnk1_titer, facts, hooked=calculated.hooked, binds=any(positive)
    )
    evidence = evidence_of(series, judged, joint, titer, negative, hnk1, facts)
    classification, reason = kept(*classify(evidence, _table(assay)), titer, joint, assay.cutoff)
    endpoint = endpoint_titer(series.steps, calculated.cutoffs, positive, entry.prior_dilution)
    course = course_of(series, facts)
    fractions = fractions_of(course)
    specific = classification is not SampleClass.NONSPECIFIC_BINDING
    if not specific:
        titer = no_titer(assay.unit, "non-specific binding")
    companion = companions(calculated, joint, titer, endpoint, facts, specific=specific)
    result = SampleResult(
        sample_id=entry.sample_id,
        slot=entry.slot,
        classification=classification,
        reasons=(reason,),
        flags=_flags(judged, titer, negative, joint, companion, assay),
        reportable=classification.means.reportable,
        titer=titer,
        endpoint_titer=endpoint,
        series=companion,
        antigen_negative=negative,
        hnk1=hnk1,
        nonspecific=binding_of(course),
        dilutions=tuple(_dilution(j, fractions.get(j.step.dilution), facts) for j in judged),
        dilution_cv_percent=joint.cv_percent if joint is not None else None,
        ln_titer=_ln_titer(joint, titer),
        patient_code=entry.patient_code,
        prior_dilution=entry.prior_dilution,
        collected_on=entry.collected_on,
        comment=entry.comment,
        extra=entry.extra,
    )
    return _explained(result, reason, assay)


def _explained(sample: SampleResult, reason: Reason, assay: Assay) -> SampleResult:
    """The sample with what its class and titer mean, and what to do next."""
    last = max((step.dilution * sample.prior_dilution for step in sample.dilutions), default=None)
    steps = next_steps(sample.classification, reason, sample.titer, last)
    return replace(
        sample,
        explanation=explanation(reason, sample.flags, sample.titer, assay.calibration.antigen),
        reference_range=reference_range(assay.cutoff),
        converted=converted(sample.titer, assay.conversions),
        level_comment=level_comment(sample.classification, sample.titer, assay.cutoff),
        next_step=step_text(steps, last),
        next_steps=steps,
    )


def _ln_titer(joint: JointTiter | None, titer: Titer) -> LnTiter | None:
    if joint is None or titer.value is None:
        return None
    return LnTiter(joint.se, joint.df if math.isfinite(joint.df) else None)


def _table(assay: Assay) -> tuple[Row, ...]:
    if assay.cutoff is None:
        return QUANTITATIVE
    if assay.antigen_negative is None:
        return PLAIN
    return SPECIFIC if assay.asks_hnk1 else WITHOUT_HNK1


def _flags(
    judged: Sequence[Judged],
    titer: Titer,
    negative: AntigenNegative,
    joint: JointTiter | None,
    series: SeriesResult | None,
    assay: Assay,
) -> tuple[Flag, ...]:
    steps = [j.step for j in judged]
    raised = {
        Flag.OUT_OF_RANGE_HIGH: titer.qualifier is Qualifier.AT_LEAST,
        Flag.HIGH_BACKGROUND: negative.status.means.raised,
        Flag.HOOK: any(j.estimate.reason is DilutionUnused.HOOK for j in judged),
        Flag.BAD_WELL: any(j.estimate.reason is DilutionUnused.BELOW_ANTIGEN_NEGATIVE for j in judged),
        Flag.SATURATED: any(step.saturated for step in steps),
        Flag.REPLICATES_DISAGREE: any(step.disagree for step in steps),
        Flag.WELLS_MISSING: any(step.main is None and not step.saturated for step in steps),
        Flag.ANTIGEN_NEGATIVE_MISSING: assay.antigen_negative is not None
        and any(step.negative is None and not step.negative_saturated for step in steps),
        Flag.ANTIGEN_NEGATIVE_BORROWED: any(step.negative_borrowed for step in steps),
        Flag.NOT_PARALLEL: joint_not_parallel(joint, assay),
        Flag.TITERS_DISAGREE: _disagree(series, assay),
    }
    return tuple(flag for flag, applies in raised.items() if applies)


def _disagree(series: SeriesResult | None, assay: Assay) -> bool:
    most = assay.steering.titer_agreement
    fold = series.titers_fold if series is not None else None
    return most is not None and fold is not None and fold > most


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
