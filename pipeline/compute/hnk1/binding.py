"""HNK1 binding over the dilutions of a serum: is it seen, does it fall, its ratio to the MAG signal.

One well at one dilution can be splashed, and a strip can be high as a whole. Binding shows at two dilutions
at least, falls with dilution, and stands in a ratio to the MAG signal of the same tubes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

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
    start, end = _ln_concentrations([first.hnk1, last.hnk1], facts.curve)
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
    rows = list(_ln_ratios(seen[-FEWEST:], facts))
    if not rows:
        return _not_seen(steps, facts)
    weights = np.array([1 / variance for _, variance in rows])
    mean = float(np.average([ln for ln, _ in rows], weights=weights))
    half = t_two_sided(CONFIDENCE, facts.well_df) * float(weights.sum() ** -0.5)
    return PairedRatio(math.exp(mean), math.exp(mean - half), math.exp(mean + half))


def _ln_ratios(steps: Sequence[Step], facts: PlateFacts) -> Iterator[tuple[float, float]]:
    """(ln ratio, its variance) of each dilution; the curve's own error is common to both and cancels."""
    steps = [step for step in steps if not step.saturated]
    for hnk1, mag in _pairs([step.hnk1 for step in steps], [step.net for step in steps], facts.curve):
        yield hnk1[0] - mag[0], max(hnk1[1] ** 2 + mag[1] ** 2, 1e-9)


def _not_seen(steps: Sequence[Step], facts: PlateFacts) -> PairedRatio | None:
    """At most: the upper limit of the HNK1 signal over the MAG signal, at the dilution where it says most."""
    t = t_two_sided(CONFIDENCE, facts.well_df)
    read = [(step.hnk1, step.net) for step in steps if step.hnk1 is not None and not step.saturated]
    uppers = [Signal(max(hnk1.od + t * hnk1.se, 1e-6), 0.0) for hnk1, _ in read]
    pairs = _pairs(uppers, [net for _, net in read], facts.curve)
    bounds = [math.exp(hnk1[0] - mag[0]) for hnk1, mag in pairs]
    return PairedRatio(0.0, 0.0, min(bounds), at_most=True) if bounds else None


def would_be_seen(
    steps: Sequence[Step], ratio: float, seen_od: float, needed: int, facts: PlateFacts
) -> bool:
    """Would a serum that binds HNK1 in this ratio to MAG be seen at so many dilutions?"""
    shown = 0
    mags = _ln_concentrations([step.net if step.hnk1 is not None else None for step in steps], facts.curve)
    for step, mag in zip(steps, mags, strict=True):
        high = step.saturated or (step.net is not None and mag is None and step.net.od > seen_od)
        shown += high or (mag is not None and facts.curve.net_od(ratio * math.exp(mag[0])) >= seen_od)
    return shown >= needed


LnConcentration: TypeAlias = tuple[float, float]
"""ln concentration on the MAG curve, and its SE from the wells."""


def _pairs(
    hnk1: Sequence[Signal | None], mag: Sequence[Signal | None], curve: StandardCurve
) -> Iterator[tuple[LnConcentration, LnConcentration]]:
    """HNK1 and MAG at the dilutions where both can be read."""
    found = _ln_concentrations([*hnk1, *mag], curve)
    for one, other in zip(found[: len(hnk1)], found[len(hnk1) :], strict=True):
        if one is not None and other is not None:
            yield one, other


def _ln_concentrations(
    signals: Sequence[Signal | None], curve: StandardCurve
) -> list[LnConcentration | None]:
    """Of net signals; None beyond the ends of the curve."""
    there = [signal for signal in signals if signal is not None]
    if curve.fit is None or not there:
        return [None] * len(signals)
    found = back_calculate(curve.fit, np.array([signal.od for signal in there]), above_zero=True)
    se = np.abs(found.by_y) * [signal.se for signal in there]
    numbers = zip(found.ln_x.tolist(), se.tolist(), strict=True)
    read = iter([pair if exists else None for exists, pair in zip(found.exists, numbers, strict=True)])
    return [None if signal is None else next(read) for signal in signals]
