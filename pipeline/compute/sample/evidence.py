"""The evidence of one sample: which dilutions are positive, what keeps its result open or makes it repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from pipeline.compute.curve.models import LOWER
from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.series import Series, Step
from pipeline.compute.sample.classify import Evidence, Net, Sticks
from pipeline.compute.titer.back_calculated import BackCalculatedSeries
from pipeline.compute.titer.companions import not_parallel, parallelism_of
from pipeline.compute.titer.estimate import Estimate
from pipeline.compute.titer.joint import JointTiter
from pipeline.domain.assay import Assay
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.specific import SpecificStatus
from pipeline.domain.codes.unused import DilutionUnused
from pipeline.domain.results import Titer
from pipeline.domain.specificity import AntigenNegative, Hnk1Result

ONE_SIDED_95 = 1.644854


LEFT_OUT = frozenset(reason for reason in DilutionUnused if reason.means.no_member)
"""Dilutions that do not read what they hold: their neighbours in the series stand beside each other."""


SEVERAL = 2
"""Dilutions that say the same are no single bad well."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One dilution with its cut-off; None where it cannot be judged."""

    step: Step
    estimate: Estimate
    cutoff_od: float | None
    raw_positive: bool | None = None
    """Before anything is subtracted."""
    net_positive: bool | None = None
    """The antigen-negative wells subtracted."""
    positive: bool | None = None
    """Also if the antigen wells of a serum that sticks stuck ``sticking_factor`` times more."""
    net_confirms: bool | None = None
    """As :attr:`net_positive`, by the cut-off of a dilution that follows a positive one."""
    confirms: bool | None = None

    @property
    def left_out(self) -> bool:
        """Is it no member of its series?"""
        return self.estimate.reason in LEFT_OUT


def judge_series(calculated: BackCalculatedSeries, facts: PlateFacts) -> tuple[Judged, ...]:
    """Each dilution against its cut-off (:mod:`pipeline.compute.titer.cutoffs`), most concentrated first.

    The unsubtracted signal counts as positive only beyond its own noise (one-sided 95 %), so that a result at
    the cut-off is open rather than "non-specific".
    """
    steps = calculated.series.steps
    sticky = sticks(steps, facts)
    rows = zip(steps, calculated.estimates, calculated.cutoffs, calculated.confirming, strict=True)
    return tuple(_judge(*row, facts, sticky=sticky) for row in rows)


def sticks(steps: Sequence[Step], facts: PlateFacts) -> bool:
    """Does the serum bind to wells without antigen, more than ``sticks_from`` above the blanks?"""
    settings = facts.assay.antigen_negative
    if settings is None:
        return False
    limit = (settings.sticks_from or settings.max_od).value
    signals = [step.negative for step in steps if step.negative is not None]
    stuck = any(s.od - facts.bare_od > limit + ONE_SIDED_95 * s.se for s in signals)
    return stuck or any(step.negative_saturated for step in steps)


def _judge(
    step: Step,
    estimate: Estimate,
    cutoff: float | None,
    confirming: float | None,
    facts: PlateFacts,
    *,
    sticky: bool,
) -> Judged:
    none = Judged(step, estimate, cutoff if facts.curve.fit is not None else None)
    if cutoff is None or confirming is None or facts.curve.fit is None or step.disagree or none.left_out:
        return none
    if step.main is None and not step.saturated:
        return none
    zero = float(facts.curve.fit.theta[LOWER])
    after = [_net_positive(step, od, zero, facts, sticky=sticky) for od in (cutoff, confirming)]
    (net, positive), (net_confirms, confirms) = after
    raw = step.saturated or (
        step.main is not None and step.main.od - zero > cutoff + ONE_SIDED_95 * step.main.se
    )
    return Judged(step, estimate, cutoff, raw, net, positive, net_confirms, confirms)


def _net_positive(
    step: Step, cutoff: float, zero: float, facts: PlateFacts, *, sticky: bool
) -> tuple[bool | None, bool | None]:
    """(after subtraction, also if the antigen wells stuck more); above the reader's range by its limit."""
    settings = facts.assay.antigen_negative
    ceiling = facts.assay.steering.reader_max_od if step.saturated else None
    if settings is None:
        above = step.saturated or (step.net is not None and step.net.od - zero > cutoff)
        return above, above
    if step.negative_saturated:
        return False, False
    main = ceiling if step.saturated else step.main.od if step.main is not None else None
    if main is None or step.negative is None:
        return None, None
    net = main - step.negative.od
    above = net > cutoff
    if settings.sticking_factor is None:
        firm = above and main >= settings.min_ratio.value * step.negative.od
    else:
        stuck = max(step.negative.od - facts.bare_od, 0.0) if sticky else 0.0
        firm = net > cutoff + settings.sticking_factor.value * stuck
    # a saturated well says no more than its limit: not above it is not known to be below
    return (above or None, firm or None) if step.saturated else (above, firm)


def evidence_of(
    series: Series,
    judged: Sequence[Judged],
    joint: JointTiter | None,
    titer: Titer,
    negative: AntigenNegative,
    hnk1: Hnk1Result,
    facts: PlateFacts,
) -> Evidence:
    """What the table of classes asks about one sample, in codes."""
    assay = facts.assay
    controlled = series.has_negative or any(step.negative_saturated for step in series.steps)
    return Evidence(
        rejected=False,
        controlled=controlled,
        repeat=_repeat(judged, facts),
        raw=_raw_positive(judged, assay),
        net=_run(judged, [(j.net_positive, j.net_confirms) for j in judged], assay),
        firm=_run(judged, [(j.positive, j.confirms) for j in judged], assay),
        sticks=_sticking(negative, sticky=sticks(series.steps, facts)),
        low_share=_low_share(negative, assay),
        hnk1=hnk1.status,
        absent=_mag_absent(titer, assay),
        open=_open(judged, joint, assay),
    )


def _sticking(negative: AntigenNegative, *, sticky: bool) -> Sticks:
    """How far does the serum bind to wells without antigen?"""
    if negative.status.means.raised:
        return Sticks.MUCH
    return Sticks.YES if sticky else Sticks.NO


def _low_share(negative: AntigenNegative, assay: Assay) -> bool:
    """Is less than ``nonspecific_below`` of the signal specific?"""
    settings, fraction = assay.antigen_negative, negative.specific_fraction
    if settings is None or fraction is None:
        return negative.status is SpecificStatus.NONSPECIFIC
    return fraction < settings.nonspecific_below.value


def _mag_absent(titer: Titer, assay: Assay) -> bool:
    """Does the titer's upper end lie clearly below the cut-off?"""
    high = titer.ci95[1] if titer.ci95 is not None else None
    if assay.cutoff is None or high is None:
        return False
    clearly = assay.cutoff.absent_below
    return high <= assay.cutoff.titer * (clearly.value if clearly is not None else 1.0)


def _repeat(judged: Sequence[Judged], facts: PlateFacts) -> Reason | None:
    """Why the sample must be repeated, or None; the first reason that applies."""
    read = [j for j in judged if j.step.main is not None or j.step.saturated]
    reasons = {
        Reason.WELLS_MISSING: not read,
        Reason.RISES_WITH_DILUTION: any(
            j.estimate.reason is DilutionUnused.RISES_WITH_DILUTION for j in judged
        ),
        Reason.SATURATED: all(j.step.saturated for j in read),
        Reason.REPLICATES_DISAGREE: all(j.step.disagree for j in read) or _undecided(read, facts),
        Reason.COATINGS_EXCHANGED: sum(_below_bare(j.step, facts) for j in judged) >= SEVERAL,
        Reason.NO_WORKING_RANGE: facts.curve.range_ln is None,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def _undecided(read: Sequence[Judged], facts: PlateFacts) -> bool:
    """No dilution is positive, but the screening dilution might be: one of its unequal wells would be."""
    first = next(iter(read), None)
    if first is None or first.cutoff_od is None or facts.curve.fit is None or not first.step.disagree:
        return False
    group = first.step.groups.get(facts.assay.calibration.antigen)
    zero = float(facts.curve.fit.theta[LOWER])
    highest = max(group.ods, default=zero) if group is not None else zero
    return highest - zero > first.cutoff_od and not any(j.positive for j in read)


def _below_bare(step: Step, facts: PlateFacts) -> bool:
    """Do the antigen wells read so far below the bare ones that no serum sticks so unequally?"""
    settings = facts.assay.antigen_negative
    if settings is None or settings.sticking_factor is None or settings.bad_well_se is None:
        return False
    if step.net is None or step.negative is None or step.saturated:
        return False
    stuck = max(step.negative.od - facts.bare_od, 0.0)
    far, clearly = settings.sticking_factor.value * stuck, settings.bad_well_se.value * step.net.se
    return step.net.od < -far and step.net.od < -clearly


def _raw_positive(judged: Sequence[Judged], assay: Assay) -> bool:
    """Would the assay without antigen-negative wells call this serum positive?

    At the screening dilution (the first that can be judged), or in a series of adjacent dilutions.
    """
    flags = [j.raw_positive for j in judged]
    known = [flag for flag in flags if flag is not None]
    series = _run(judged, [(flag, flag) for flag in flags], assay) is Net.SERIES
    return bool(known) and (known[0] or series)


Flags: TypeAlias = Sequence[tuple[bool | None, bool | None]]
"""Of each dilution: is it positive, and would it confirm the one before it?"""


def _run(judged: Sequence[Judged], flags: Flags, assay: Assay) -> Net:
    """Are enough adjacent dilutions positive? Never more are asked than the series has."""
    members = [flag for j, flag in zip(judged, flags, strict=True) if not j.left_out]
    if not any(positive for positive, _ in members):
        return Net.NONE
    declared = assay.cutoff.min_adjacent_dilutions if assay.cutoff is not None else 1
    return Net.SERIES if _longest_run(members) >= min(declared, len(judged)) else Net.ONE


def _longest_run(flags: Flags) -> int:
    """Most adjacent dilutions that are positive or confirm; one that cannot be judged is no neighbour."""
    longest = current = 0
    for positive, confirms in flags:
        current = current + 1 if positive or (confirms and current) else 0
        longest = max(longest, current)
    return longest


def _open(judged: Sequence[Judged], joint: JointTiter | None, assay: Assay) -> Reason | None:
    """Why the result stays open, or None."""
    if joint is not None and assay.cutoff is not None:
        low, high = joint.interval(assay.cutoff.straddle_confidence)
        if low < assay.cutoff.titer < high:
            return Reason.STRADDLES_CUTOFF
    broken = _broken_series(judged, assay)
    if broken is not None or joint is None or assay.cutoff is None:
        return broken
    if _run(judged, [(j.positive, j.confirms) for j in judged], assay) is not Net.SERIES:
        # in range and above the cut-off titer, but below the floor: the series was diluted too far
        only_sticks = any(j.net_positive and not j.positive for j in judged)
        return Reason.TITER_AND_SERIES_DISAGREE if low >= assay.cutoff.titer and not only_sticks else None
    if high <= assay.cutoff.titer:
        return Reason.TITER_AND_SERIES_DISAGREE
    return Reason.NOT_PARALLEL if joint_not_parallel(joint, assay) else None


def _broken_series(judged: Sequence[Judged], assay: Assay) -> Reason | None:
    """Why the dilutions that are positive are no series, or None."""
    if _others_not_controlled(judged, assay):
        return Reason.OTHERS_NOT_CONTROLLED
    known = [j.positive for j in judged if j.positive is not None]
    runs = sum(now and not before for before, now in zip([False, *known], known, strict=False))
    return Reason.GAP_IN_SERIES if runs > 1 else None


def _others_not_controlled(judged: Sequence[Judged], assay: Assay) -> bool:
    """Is a positive dilution not confirmed because one beside it has no antigen-negative wells?"""
    pairs = [*pairwise(judged), *pairwise(reversed(judged))]
    bare = DilutionUnused.NO_ANTIGEN_NEGATIVE
    alone = _run(judged, [(j.net_positive, j.net_confirms) for j in judged], assay) is Net.ONE
    return alone and any(one.net_positive and other.estimate.reason is bare for one, other in pairs)


def joint_not_parallel(joint: JointTiter | None, assay: Assay) -> bool:
    """The titers scatter beyond their own errors, or the series falls otherwise than the calibrators.

    An unweighted CV over the dilutions is mostly the noise of the last one: it decides only where the assay
    declares no ``parallelism_p``.
    """
    if joint is None:
        return False
    ratio, chance = assay.steering.parallelism_ratio, assay.dilution.parallelism_p
    if ratio is not None and not_parallel(parallelism_of(joint), ratio):
        return True
    if chance is not None:
        return joint.shape is not None and joint.shape.p < chance.value
    scatter = assay.steering.parallelism_cv
    return scatter is not None and joint.cv_percent is not None and joint.cv_percent > scatter
