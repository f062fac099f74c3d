"""HNK1 by absorption: how far the series falls when beads have taken the HNK1-binding antibody out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.hnk1.absorption import AreaFall, TiterFall, series_fall, titer_fall
from pipeline.compute.hnk1.status import because, judged, without_value
from pipeline.compute.hnk1.titers import SeriesTiter
from pipeline.compute.plate.background import Signal, difference
from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.series import Step
from pipeline.compute.statistics.censored_change import ReportedTiter
from pipeline.compute.statistics.change import MeasuredTiter
from pipeline.compute.titer.joint import JointTiter
from pipeline.domain.codes.hnk1 import Hnk1Reason, Hnk1Status
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.hnk1 import Hnk1Absorption
from pipeline.domain.message import Message
from pipeline.domain.names import bound
from pipeline.domain.rounding import fixed
from pipeline.domain.specificity import Hnk1Number, Hnk1Result


def judge_absorption(
    steps: Sequence[Step],
    mag: SeriesTiter,
    absorbed: SeriesTiter | None,
    declared: Hnk1Absorption,
    facts: PlateFacts,
) -> Hnk1Result:
    """Percent fall of the titer; where one of the titers is missing or a bound, of the area under the signal.

    The area understates the fall of a strong serum, whose signal bends towards the plateau.

    Args:
        steps: dilutions outside a hook.
        mag: titer of the untreated serum.
        absorbed: titer of the serum after beads.
        declared: limits.
        facts: of the plate.
    """
    if not any(declared.treated in step.treated for step in steps):
        return without_value(declared, Hnk1Status.NOT_TESTED, Hnk1Reason.NO_ABSORBED_WELLS)
    before, after = _before(steps), _after(steps, declared.treated)
    area, titer = series_fall(before, after, facts.well_df), _titer_fall(mag, absorbed, facts.curve)
    numbers = (_titer_number(titer), _area_number(area))
    if titer is not None and (titer.percent is not None or titer.at_least is not None):
        found = judged(declared, titer.percent, titer.ci95, at_least=titer.at_least)
        found = replace(found, reason=titer.reason)
    elif area.percent is not None:
        found = judged(declared, area.percent, area.ci95)
        found = because(found, found.status, Hnk1Reason.FROM_AREAS)
    else:
        found = without_value(declared, Hnk1Status.INVALID, Hnk1Reason.NOT_COMPARABLE)
        found = replace(found, reason=area.reason or found.reason)
    return replace(found, others=numbers)


def _before(steps: Sequence[Step]) -> dict[float, Signal]:
    return {s.dilution: s.net for s in steps if s.net is not None and not s.saturated and not s.disagree}


def _after(steps: Sequence[Step], treatment: str) -> dict[float, Signal]:
    treated = {step.dilution: step.treated[treatment] for step in steps if treatment in step.treated}
    net = {
        dilution: difference(wells.main, wells.negative)
        for dilution, wells in treated.items()
        if not wells.saturated
    }
    return {dilution: signal for dilution, signal in net.items() if signal is not None}


def _titer_fall(mag: SeriesTiter, absorbed: SeriesTiter | None, curve: StandardCurve) -> TiterFall | None:
    if mag.titer.value is None or absorbed is None or absorbed.titer.value is None:
        return None
    return titer_fall(_reported(mag), _reported(absorbed), _covariance(mag.joint, absorbed.joint, curve))


def _titer_number(fall: TiterFall | None) -> Hnk1Number:
    name = "Fall of the titer"
    if fall is None:
        return Hnk1Number(name, None, "%", text="there is no titer before or after")
    if fall.percent is None:
        return Hnk1Number(name, None, "%", text=_bound_text(fall))
    steps: str = ""
    if fall.log2_steps is not None:
        steps = Message("{n:n} two-fold steps", n=fixed(fall.log2_steps, 1))
    return Hnk1Number(name, fall.percent, "%", fall.ci95, steps)


def _bound_text(fall: TiterFall) -> str:
    if fall.at_least is None:
        return fall.reason or ""
    return Message("at least {n:n} %", n=bound(fall.at_least, up=False, digits=2))


def _area_number(fall: AreaFall) -> Hnk1Number:
    return Hnk1Number("Fall of the area under the series", fall.percent, "%", fall.ci95, fall.reason or "")


def _covariance(before: JointTiter | None, after: JointTiter | None, curve: StandardCurve) -> float:
    """By the common curve alone: the serum after beads was diluted on its own."""
    if before is None or after is None or curve.fit is None:
        return 0.0
    if before.by_theta is None or after.by_theta is None:
        return 0.0
    return float(after.by_theta @ curve.fit.covariance @ before.by_theta)


def _reported(one: SeriesTiter) -> ReportedTiter:
    joint = one.joint
    if joint is not None:
        return ReportedTiter(MeasuredTiter(joint.value, joint.se, joint.df), Qualifier.MEASURED)
    assert one.titer.value is not None  # noqa: S101 - asked before
    return ReportedTiter(MeasuredTiter(one.titer.value, None), one.titer.qualifier)
