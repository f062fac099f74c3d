"""HNK1 by direct binding: HNK1 wells against antigen-negative wells of the same dilution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.compute.hnk1.status import because, judged, status_of, without_value
from pipeline.compute.hnk1.titer_ratio import TiterRatio, titer_ratio
from pipeline.compute.hnk1.titers import SeriesTiter, pipetting_covariance
from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.series import Step
from pipeline.compute.statistics.fieller import Means, fieller_interval
from pipeline.compute.statistics.inference import t_two_sided
from pipeline.domain.assay import Assay
from pipeline.domain.codes.hnk1 import Hnk1Reason, Hnk1Status
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.hnk1 import Hnk1Direct, RatioTiers
from pipeline.domain.message import Message
from pipeline.domain.names import bound
from pipeline.domain.specificity import Hnk1Number, Hnk1Result

CONFIDENCE = 0.95
LEAST_LEFT = 0.3
"""Share of the signal expected from dilution alone; curves only make more of it. A choice of this project."""


def judge_direct(
    steps: Sequence[Step],
    hooked: frozenset[int],
    hnk1: SeriesTiter | None,
    mag: SeriesTiter,
    declared: Hnk1Direct,
    facts: PlateFacts,
) -> Hnk1Result:
    """Net HNK1 OD at the most concentrated readable dilution outside a hook, +/- t SE.

    Args:
        steps: dilutions, most concentrated first.
        hooked: those in a hook.
        hnk1: the titer of the HNK1 wells, read from the MAG curve.
        mag: the MAG titer.
        declared: limits.
        facts: of the plate.
    """
    tested = [step for step in steps if declared.antigen in step.groups]
    if not tested:
        return without_value(declared, Hnk1Status.NOT_TESTED, Hnk1Reason.NO_HNK1_WELLS)
    readable = [
        step
        for k, step in enumerate(steps)
        if step.hnk1 is not None and k not in hooked and not _too_high(step, declared)
    ]
    if not readable:
        if all(_too_high(step, declared) and _quiet(step, facts.assay) for step in tested):
            return without_value(declared, Hnk1Status.POSITIVE, Hnk1Reason.HNK1_SATURATED)
        return without_value(declared, Hnk1Status.INVALID, Hnk1Reason.NO_HNK1_PAIR)
    step = readable[0]
    assert step.hnk1 is not None  # noqa: S101 - narrowed above, for the type checker
    df = facts.precision.df_at(step.hnk1.od + (step.negative.od if step.negative is not None else 0.0))
    value, half = step.hnk1.od, t_two_sided(CONFIDENCE, df) * step.hnk1.se
    found = judged(declared, value, (value - half, value + half), dilution=step.dilution)
    found = _unless_contradicted(found, step, readable[1:], declared, facts)
    ratio = _calibrator_ratio(step, declared.ratio, facts.hnk1_calibrator, df)
    return replace(found, others=(*_titers(hnk1, mag, facts), *ratio))


def _unless_contradicted(
    found: Hnk1Result, first: Step, later: Sequence[Step], declared: Hnk1Direct, facts: PlateFacts
) -> Hnk1Result:
    """One bad HNK1 well must not decide: a further dilution that clearly says the opposite opens the result.

    To positive: less than ``LEAST_LEFT`` of what dilution alone leaves; to negative: a positive one.
    """
    for step in later:
        if step.hnk1 is None or first.hnk1 is None:
            continue
        half = t_two_sided(CONFIDENCE, facts.precision.df_at(step.hnk1.od)) * step.hnk1.se
        ends = (step.hnk1.od - half, step.hnk1.od + half)
        left = first.hnk1.od * first.dilution / step.dilution
        gone = found.status is Hnk1Status.POSITIVE and ends[1] < LEAST_LEFT * left
        alone = status_of(step.hnk1.od, ends, None, declared)
        there = found.status is Hnk1Status.NEGATIVE and alone is Hnk1Status.POSITIVE
        if gone or there:
            return because(found, Hnk1Status.GREY, Hnk1Reason.CONTRADICTED, n=f"{step.dilution:g}")
    return found


def _too_high(step: Step, declared: Hnk1Direct) -> bool:
    group = step.groups.get(declared.antigen)
    return group is not None and group.saturated


def _quiet(step: Step, assay: Assay) -> bool:
    """Are the antigen-negative wells far enough below the reader's range?"""
    ceiling = assay.steering.reader_max_od
    if step.negative is None or ceiling is None or assay.antigen_negative is None:
        return False
    return ceiling >= assay.antigen_negative.min_ratio.value * step.negative.od


def _titers(hnk1: SeriesTiter | None, mag: SeriesTiter, facts: PlateFacts) -> Iterator[Hnk1Number]:
    """The HNK1 titer in units of the MAG curve, and its ratio to the MAG titer."""
    if hnk1 is None:
        return
    titer = hnk1.titer
    exact = titer.qualifier is Qualifier.MEASURED
    value, ends, text = (titer.value, titer.ci95, "") if exact else (None, None, titer.text)
    yield Hnk1Number("HNK1 titer, read from the MAG curve", value, titer.unit, ends, text)
    yield _titer_ratio(hnk1, mag, facts)


def _titer_ratio(hnk1: SeriesTiter, mag: SeriesTiter, facts: PlateFacts) -> Hnk1Number:
    name, fit = "HNK1 titer / MAG titer", facts.curve.fit
    first, second = hnk1.reported(), mag.reported()
    if first is None or second is None or fit is None:
        return Hnk1Number(name, None, "%", text="there is no HNK1 or no MAG titer")
    shared = 0.0
    if hnk1.joint is not None and mag.joint is not None:
        shared = pipetting_covariance(hnk1.joint, mag.joint, facts.step_variance)
    ratio = titer_ratio(first, second, fit.covariance, shared)
    text = _bound_text(ratio) or ratio.reason or ""
    return Hnk1Number(name, ratio.percent, "%", ratio.percent_ci95, text)


def _bound_text(ratio: TiterRatio) -> str:
    """In percent, rounded outwards; empty where the ratio is a number or not known."""
    if ratio.at_most is not None:
        return Message("at most {n:n} %", n=bound(100 * ratio.at_most, up=True, digits=2))
    if ratio.at_least is not None:
        return Message("at least {n:n} %", n=bound(100 * ratio.at_least, up=False, digits=2))
    return ""


def _calibrator_ratio(
    step: Step, ratio: RatioTiers | None, calibrator: Sequence[Step], df: float
) -> Iterator[Hnk1Number]:
    """100 x net HNK1 OD over the calibrator serum's at the same dilution, with Fieller's interval."""
    if ratio is None:
        return
    name = Message("HNK1 OD / {control}", control=ratio.control)
    same = [other.hnk1 for other in calibrator if other.dilution == step.dilution]
    reference = same[0] if same else None
    if reference is None or step.hnk1 is None:
        text = Message("{control} was not read at 1:{n:n}", control=ratio.control, n=f"{step.dilution:g}")
        yield Hnk1Number(name, None, "%", text=text)
        return
    if reference.od < t_two_sided(CONFIDENCE, df) * reference.se:
        text = Message("{control} is not clearly HNK1-positive", control=ratio.control)
        yield Hnk1Number(name, None, "%", text=text)
        return
    means = Means(step.hnk1.od, reference.od, step.hnk1.se**2, reference.se**2, 0.0, df)
    found = fieller_interval(means, CONFIDENCE)
    percent = None if found.ratio is None else 100 * found.ratio
    ends = None if found.finite is None else (100 * found.finite[0], 100 * found.finite[1])
    tier = found.reason or "" if percent is None else _tier(percent, ratio)
    yield Hnk1Number(name, percent, "%", ends, tier)


def _tier(percent: float, ratio: RatioTiers) -> str:
    tiers = (("strong", ratio.strong), ("positive", ratio.positive), ("borderline", ratio.borderline))
    return next((word for word, limit in tiers if percent >= limit.value), "negative")
