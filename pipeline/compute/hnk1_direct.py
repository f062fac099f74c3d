"""HNK1 by direct binding: HNK1 wells against antigen-negative wells of the same dilution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.compute.arms import ArmTiter, curve_titer, pipetting_covariance
from pipeline.compute.estimates import NORMAL_95
from pipeline.compute.fieller import Means, fieller_interval
from pipeline.compute.hnk1_status import judged, without_value
from pipeline.compute.joint import JointTiter
from pipeline.compute.plate_facts import PlateFacts
from pipeline.compute.series import Step
from pipeline.compute.titer_ratio import titer_ratio
from pipeline.domain.hnk1 import Hnk1Direct, RatioTiers
from pipeline.domain.specificity import Hnk1Number, Hnk1Result


def judge_direct(
    steps: Sequence[Step],
    hooked: frozenset[int],
    arm: ArmTiter | None,
    joint: JointTiter | None,
    declared: Hnk1Direct,
    facts: PlateFacts,
) -> Hnk1Result:
    """Net HNK1 OD at the most concentrated readable dilution outside a hook, +/- 1.96 SE.

    Args:
        steps: dilutions, most concentrated first.
        hooked: those in a hook.
        arm: the titer of the HNK1 wells, read from the MAG curve.
        joint: the MAG titer.
        declared: limits.
        facts: of the plate.
    """
    tested = [step for step in steps if declared.antigen in step.groups]
    if not tested:
        return without_value(declared, "not_tested", "no HNK1 wells for this sample")
    readable = [
        step
        for k, step in enumerate(steps)
        if step.hnk1 is not None and k not in hooked and not _too_high(step, declared)
    ]
    if not readable:
        if all(_too_high(step, declared) and not step.negative_saturated for step in tested):
            return without_value(declared, "positive", "HNK1 wells above the reader's range")
        return without_value(declared, "invalid", "no readable pair of HNK1 and antigen-negative wells")
    step = readable[0]
    assert step.hnk1 is not None  # noqa: S101 - narrowed above, for the type checker
    value, half = step.hnk1.od, NORMAL_95 * step.hnk1.se
    found = judged(declared, value, (value - half, value + half), dilution=step.dilution)
    ratio = _calibrator_ratio(step, declared.ratio, facts.hnk1_calibrator)
    return replace(found, others=(*_titers(arm, joint, facts), *ratio))


def _too_high(step: Step, declared: Hnk1Direct) -> bool:
    group = step.groups.get(declared.antigen)
    return group is not None and group.saturated


def _titers(arm: ArmTiter | None, joint: JointTiter | None, facts: PlateFacts) -> Iterator[Hnk1Number]:
    """The HNK1 titer in units of the MAG curve, and its ratio to the MAG titer."""
    if arm is None:
        return
    titer = arm.titer
    exact = titer.qualifier == "="
    value, ends, text = (titer.value, titer.ci95, "") if exact else (None, None, titer.text)
    yield Hnk1Number("HNK1 titer, read from the MAG curve", value, titer.unit, ends, text)
    yield _titer_ratio(arm, joint, facts)


def _titer_ratio(arm: ArmTiter, joint: JointTiter | None, facts: PlateFacts) -> Hnk1Number:
    name, first, fit = "HNK1 titer / MAG titer", arm.reported(), facts.curve.fit
    if first is None or joint is None or fit is None:
        return Hnk1Number(name, None, "%", text="there is no HNK1 or no MAG titer")
    shared = pipetting_covariance(arm.joint, joint, facts.step_variance) if arm.joint else 0.0
    ratio = titer_ratio(first, curve_titer(joint), fit.covariance, shared)
    bounds = (("at most", ratio.at_most), ("at least", ratio.at_least))
    bound = next((f"{word} {100 * value:.0f} %" for word, value in bounds if value is not None), "")
    return Hnk1Number(name, ratio.percent, "%", ratio.percent_ci95, bound or ratio.reason or "")


def _calibrator_ratio(
    step: Step, ratio: RatioTiers | None, calibrator: Sequence[Step]
) -> Iterator[Hnk1Number]:
    """100 x net HNK1 OD over the calibrator serum's at the same dilution, with Fieller's interval."""
    if ratio is None:
        return
    name = f"HNK1 OD / {ratio.control}"
    same = [other.hnk1 for other in calibrator if other.dilution == step.dilution]
    reference = same[0] if same else None
    if reference is None or step.hnk1 is None:
        yield Hnk1Number(name, None, "%", text=f"{ratio.control} was not read at 1:{step.dilution:g}")
        return
    means = Means(step.hnk1.od, reference.od, step.hnk1.se**2, reference.se**2, 0.0, float("inf"))
    found = fieller_interval(means, 0.95)
    percent = None if found.ratio is None else 100 * found.ratio
    ends = None if found.finite is None else (100 * found.finite[0], 100 * found.finite[1])
    text = found.reason or "" if percent is None else _tier(percent, ratio)
    yield Hnk1Number(name, percent, "%", ends, text)


def _tier(percent: float, ratio: RatioTiers) -> str:
    tiers = (("strong", ratio.strong), ("positive", ratio.positive), ("borderline", ratio.borderline))
    return next((word for word, limit in tiers if percent >= limit.value), "negative")
