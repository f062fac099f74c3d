"""HNK1 by direct binding: HNK1 wells against antigen-negative wells of the same dilution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.compute.hnk1.binding import (
    FEWEST,
    PairedRatio,
    falls,
    paired_ratio,
    seen_steps,
    would_be_seen,
)
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
    *,
    binds: bool,
) -> Hnk1Result:
    """Net HNK1 OD at the most concentrated readable dilution outside a hook, +/- t SE, and what it means.

    Where the assay declares them, binding that is seen twice and falls, and its ratio to the MAG signal,
    decide (:class:`_Binding`); else that one OD does, unless a further dilution contradicts it.

    Args:
        steps: dilutions, most concentrated first.
        hooked: those in a hook.
        hnk1: the titer of the HNK1 wells, read from the MAG curve.
        mag: the MAG titer.
        declared: limits.
        facts: of the plate.
        binds: is the serum MAG-positive at any dilution?
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
    numbers = [*_titers(hnk1, mag, facts)]
    numbers += _calibrator_ratio(step, declared.ratio, facts.hnk1_calibrator, df)
    if declared.seen_od is None:
        found = _unless_contradicted(found, step, readable[1:], declared, facts)
    else:
        seen = seen_steps(readable, declared.seen_od.value, facts)
        binding = _Binding(readable, seen, min(FEWEST, len(tested)), declared.seen_od.value, facts)
        ratio = paired_ratio(readable, seen, facts) if binds else None
        numbers += _paired_number(ratio) if binds else ()
        found = binding.judge(found, ratio, declared) if binds else binding.judge_alone(found)
    return replace(found, others=tuple(numbers))


@dataclass(frozen=True, slots=True)
class _Binding:
    """The HNK1 wells of one serum over its dilutions."""

    steps: Sequence[Step]
    """Readable ones."""
    seen: Sequence[Step]
    needed: int
    """Dilutions that show binding together; one for a serum that is tested at one alone."""
    seen_od: float
    facts: PlateFacts

    def judge_alone(self, found: Hnk1Result) -> Hnk1Result:
        """The status of a serum without MAG signal: its first dilution's, unless the others leave doubt."""
        doubt = self._doubt(found)
        return found if doubt is None else because(found, Hnk1Status.GREY, doubt)

    def judge(self, found: Hnk1Result, ratio: PairedRatio | None, declared: Hnk1Direct) -> Hnk1Result:
        """The status of a MAG-positive serum: binding that is seen twice, and its ratio to the MAG signal."""
        status, why = self._beside_mag(found, ratio, declared)
        return replace(found, status=status) if why is None else because(found, status, why)

    def _doubt(self, found: Hnk1Result) -> Hnk1Reason | None:
        """Why a high first dilution is not yet binding."""
        if found.status is not Hnk1Status.POSITIVE:
            return None
        if len(self.seen) < self.needed:
            return Hnk1Reason.ONE_DILUTION
        return None if falls(self.seen, self.facts) else Hnk1Reason.DOES_NOT_FALL

    def _beside_mag(
        self, found: Hnk1Result, ratio: PairedRatio | None, declared: Hnk1Direct
    ) -> tuple[Hnk1Status, Hnk1Reason | None]:
        doubt = self._doubt(found) or (Hnk1Reason.NO_RATIO if ratio is None else None)
        if doubt is not None or ratio is None:
            return Hnk1Status.GREY, doubt
        positive, grey = (limit / 100 for limit in declared.mag_ratio)
        capable = would_be_seen(self.steps, positive, self.seen_od, self.needed, self.facts)
        low = None if capable else Hnk1Reason.MAG_TOO_LOW
        if ratio.high < positive and ratio.ratio < grey:
            return (Hnk1Status.NEGATIVE, None) if capable else (Hnk1Status.GREY, low)
        if not ratio.at_most and ratio.ratio >= positive and ratio.low >= grey:
            strong = found.status is Hnk1Status.POSITIVE
            return (Hnk1Status.POSITIVE, None) if strong else (Hnk1Status.GREY, Hnk1Reason.MAG_TOO_LOW)
        return Hnk1Status.GREY, low


def _paired_number(ratio: PairedRatio | None) -> Iterator[Hnk1Number]:
    """The ratio that decides, in percent."""
    name = "HNK1 / MAG signal at the same dilutions"
    if ratio is None:
        yield Hnk1Number(name, None, "%", text=Hnk1Reason.NO_RATIO.says())
    elif ratio.at_most:
        at_most = bound(100 * ratio.high, up=True, digits=2)
        yield Hnk1Number(name, None, "%", text=Message("at most {n:n} %", n=at_most))
    else:
        yield Hnk1Number(name, 100 * ratio.ratio, "%", (100 * ratio.low, 100 * ratio.high))


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
    value, ends = (titer.value, titer.ci95) if exact else (None, None)
    text = titer.text if titer.value is None else "" if exact else titer.qualifier.bound(titer.value)
    yield Hnk1Number("HNK1 titer, read from the MAG curve", value, "", ends, text)
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
