"""HNK1 binding over the dilutions of a serum: is it seen, does it fall, its ratio to the MAG signal.

One well at one dilution can be splashed, and a strip can be high as a whole. Binding shows at two dilutions
at least, falls with dilution, and stands in a ratio to the MAG signal of the same tubes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.curve.inverse import back_calculate
from pipeline.compute.curve.models import LN_EC50
from pipeline.compute.plate.background import Signal
from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.series import Step
from pipeline.compute.statistics.inference import t_two_sided

CONFIDENCE = 0.95
FEWEST = 2
"""Dilutions that show binding together."""
FLATTEST = 0.5
"""Slope of the HNK1 signal over that of the MAG signal, ln on ln, below which it does not fall with it. Half;
a choice of this project."""


@dataclass(frozen=True, slots=True)
class PairedRatio:
    """HNK1 over MAG concentration, read from the MAG curve at the same dilutions; a share, not percent."""

    ratio: float
    low: float
    high: float
    at_most: bool = False
    """HNK1 was not seen: the ratio is at most ``high``."""


def seen_steps(steps: Sequence[Step], seen_od: float, facts: PlateFacts) -> list[Step]:
    """The longest run of adjacent dilutions whose HNK1 signal is seen beyond its noise."""
    best: list[Step] = []
    run: list[Step] = []
    for step in steps:
        run = [*run, step] if _seen(step, seen_od, facts) else []
        best = run if len(run) > len(best) else best
    return best


def _seen(step: Step, seen_od: float, facts: PlateFacts) -> bool:
    if step.hnk1 is None:
        return False
    df = facts.precision.df_at(step.hnk1.od + (step.negative.od if step.negative is not None else 0.0))
    return step.hnk1.od >= seen_od and step.hnk1.od > t_two_sided(CONFIDENCE, df) * step.hnk1.se


def falls(steps: Sequence[Step], facts: PlateFacts) -> bool:
    """Does the HNK1 signal fall with dilution as the MAG signal of the same dilutions does?

    Between the two most dilute dilutions: the ln fall in concentration on the MAG curve against ``FLATTEST``
    of the ln dilution, beyond its error. One dilution alone, or a signal still above half of the curve there,
    cannot tell and raises no doubt.
    """
    if len(steps) < FEWEST:
        return True
    first, last = steps[-2], steps[-1]
    start, end = (_ln_concentration(step.hnk1, facts.curve) for step in (first, last))
    if start is None or end is None or facts.curve.fit is None or end[0] > facts.curve.fit.theta[LN_EC50]:
        return True
    (from_ln, from_se), (to_ln, to_se) = start, end
    wanted = FLATTEST * math.log(last.dilution / first.dilution)
    return from_ln - to_ln + t_two_sided(CONFIDENCE, facts.well_df) * math.hypot(from_se, to_se) >= wanted


def paired_ratio(steps: Sequence[Step], seen: Sequence[Step], facts: PlateFacts) -> PairedRatio | None:
    """HNK1 over MAG at the two most dilute dilutions where HNK1 is seen; else the bound of the first.

    At the dilute end both signals are proportional to the antibody, so that the ratio does not depend on
    where the curves saturate; the tubes are the same, so that pipetting cancels. Mean of the ln ratios,
    weighted by their variances.
    """
    rows = [found for step in seen[-FEWEST:] if (found := _ln_ratio(step, facts)) is not None]
    if not rows:
        return _not_seen(steps, facts)
    weights = np.array([1 / variance for _, variance in rows])
    mean = float(np.average([ln for ln, _ in rows], weights=weights))
    half = t_two_sided(CONFIDENCE, facts.well_df) * float(weights.sum() ** -0.5)
    return PairedRatio(math.exp(mean), math.exp(mean - half), math.exp(mean + half))


def _ln_ratio(step: Step, facts: PlateFacts) -> tuple[float, float] | None:
    """(ln ratio, its variance) of one dilution; the curve's own error is common to both and cancels."""
    hnk1, mag = (_ln_concentration(signal, facts.curve) for signal in (step.hnk1, step.net))
    if hnk1 is None or mag is None or step.saturated:
        return None
    return hnk1[0] - mag[0], max(hnk1[1] ** 2 + mag[1] ** 2, 1e-9)


def _not_seen(steps: Sequence[Step], facts: PlateFacts) -> PairedRatio | None:
    """At most: the upper limit of the HNK1 signal over the MAG signal, at the dilution where it says most."""
    bounds = []
    for step in steps:
        if step.hnk1 is None or step.net is None or step.saturated:
            continue
        upper = step.hnk1.od + t_two_sided(CONFIDENCE, facts.well_df) * step.hnk1.se
        hnk1 = _ln_concentration(Signal(max(upper, 1e-6), 0.0), facts.curve)
        mag = _ln_concentration(step.net, facts.curve)
        if hnk1 is not None and mag is not None:
            bounds.append(math.exp(hnk1[0] - mag[0]))
    return PairedRatio(0.0, 0.0, min(bounds), at_most=True) if bounds else None


def would_be_seen(
    steps: Sequence[Step], ratio: float, seen_od: float, needed: int, facts: PlateFacts
) -> bool:
    """Would a serum that binds HNK1 in this ratio to MAG be seen at so many dilutions?"""
    shown = 0
    for step in steps:
        mag = _ln_concentration(step.net, facts.curve) if step.hnk1 is not None else None
        high = step.saturated or (step.net is not None and mag is None and step.net.od > seen_od)
        shown += high or (mag is not None and facts.curve.net_od(ratio * math.exp(mag[0])) >= seen_od)
    return shown >= needed


def _ln_concentration(signal: Signal | None, curve: StandardCurve) -> tuple[float, float] | None:
    """(ln concentration, SE from the wells) of a net signal on the MAG curve; None beyond its ends."""
    if signal is None or curve.fit is None:
        return None
    found = back_calculate(curve.fit, np.array([signal.od]), above_zero=True)
    if not found.exists[0]:
        return None
    return float(found.ln_x[0]), abs(float(found.by_y[0])) * signal.se
