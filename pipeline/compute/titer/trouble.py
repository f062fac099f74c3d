"""Dilutions that cannot be what their series says: a bad well, a hook, dilutions in reverse order.

Bad wells come first: a dilution that alone reads far below its antigen-negative wells is left out and the
rest of the series goes on. What then still rises with dilution is a hook (antibody excess, prozone) or a
series pipetted in reverse: the dilutions beyond the highest reading give the titer where at least two of them
agree, else there is none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.compute.plate.background import Signal
from pipeline.compute.plate.series import Step
from pipeline.compute.titer.estimate import NORMAL_95, Estimate
from pipeline.compute.titer.step_likelihood import step_variance
from pipeline.domain.assay import Assay
from pipeline.domain.codes.unused import DilutionUnused

FEWEST_AGREEING = 2
"""Dilutions beyond the highest reading that settle a hook."""

_STAYS = frozenset(
    {
        DilutionUnused.SATURATED,
        DilutionUnused.NO_WELLS,
        DilutionUnused.ANTIGEN_NEGATIVE_SATURATED,
        DilutionUnused.NO_ANTIGEN_NEGATIVE,
        DilutionUnused.BELOW_ANTIGEN_NEGATIVE,
        DilutionUnused.REPLICATES_DISAGREE,
    }
)
"""Reasons that say more of a dilution than that its series rises."""


def without_bad_wells(
    estimates: Sequence[Estimate], steps: Sequence[Step], assay: Assay
) -> tuple[Estimate, ...]:
    """Leave out the one dilution that lies far below its antigen-negative wells while its neighbours do not.

    ``bad_well_se`` is the distance in SE of the net signal. A serum with several such dilutions binds to the
    bare wells more than to the coated ones; that is no bad well and stays.
    """
    limit = assay.antigen_negative.bad_well_se if assay.antigen_negative is not None else None
    if limit is None:
        return tuple(estimates)
    apart = [_net_in_se(step) for step in steps]
    low = [k for k, z in enumerate(apart) if z is not None and z < -limit.value]
    if len(low) != 1 or not _neighbours_are_fine(apart, low[0]):
        return tuple(estimates)
    bad = low[0]
    return tuple(
        replace(estimate, reason=DilutionUnused.BELOW_ANTIGEN_NEGATIVE) if k == bad else estimate
        for k, estimate in enumerate(estimates)
    )


def _net_in_se(step: Step) -> float | None:
    if step.net is None or step.saturated or step.net.se <= 0:
        return None
    return step.net.od / step.net.se


def _neighbours_are_fine(apart: Sequence[float | None], at: int) -> bool:
    """At least one neighbour was read, and none lies below its own antigen-negative wells beyond noise."""
    beside = [apart[k] for k in (at - 1, at + 1) if 0 <= k < len(apart)]
    known = [z for z in beside if z is not None]
    return bool(known) and all(z > -NORMAL_95 for z in known)


def without_rise(estimates: Sequence[Estimate], steps: Sequence[Step], assay: Assay) -> tuple[Estimate, ...]:
    """Leave out what reads too low at the concentrated end, or the whole series where nothing settles it.

    A rise is a reading in or above the working range that lies above a more concentrated one by more than
    ``hook_sd`` SD of the difference and more than ``hook_percent``.
    """
    top = _top_of_rise(_readable(estimates, steps, assay), assay)
    if top is None:
        return tuple(estimates)
    settled = _agreeing_end(estimates, top, assay)
    reason = DilutionUnused.HOOK if settled else DilutionUnused.RISES_WITH_DILUTION
    return tuple(
        estimate if k in settled or estimate.reason in _STAYS else replace(estimate, reason=reason)
        for k, estimate in enumerate(estimates)
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """The signal of one dilution; above the reader's range its limit."""

    at: int
    signal: Signal
    binds: bool
    """In the working range, or above it."""


def _readable(estimates: Sequence[Estimate], steps: Sequence[Step], assay: Assay) -> list[_Reading]:
    found = []
    for k, (estimate, step) in enumerate(zip(estimates, steps, strict=True)):
        signal = _signal(step, assay)
        bad = step.disagree or estimate.reason is DilutionUnused.BELOW_ANTIGEN_NEGATIVE
        if signal is not None and not bad:
            found.append(_Reading(k, signal, estimate.side in ("inside", "above")))
    return found


def _signal(step: Step, assay: Assay) -> Signal | None:
    if not step.saturated:
        return step.net
    ceiling, background = assay.steering.reader_max_od, step.negative.od if step.negative is not None else 0.0
    return None if ceiling is None else Signal(ceiling - background, 0.0)


def _top_of_rise(readings: Sequence[_Reading], assay: Assay) -> int | None:
    """Where a series that rises has its highest reading; None where it only falls.

    Of readings that do not differ from the highest one the most concentrated is its place.
    """
    tops = [
        high
        for n, high in enumerate(readings)
        if high.binds and any(_rises(low.signal, high.signal, assay) for low in readings[:n])
    ]
    if not tops:
        return None
    top = max(tops, key=lambda reading: reading.signal.od)
    return next(r.at for r in readings if not _rises(r.signal, top.signal, assay))


def _rises(low: Signal, high: Signal, assay: Assay) -> bool:
    rise, noise = high.od - low.od, math.hypot(low.se, high.se)
    settings = assay.dilution
    return rise > settings.hook_sd.value * noise and rise > settings.hook_percent.value / 100 * high.od


def _agreeing_end(estimates: Sequence[Estimate], top: int, assay: Assay) -> frozenset[int]:
    """The usable dilutions beyond the highest reading, from the dilute end on, while they agree.

    Also those beyond them that lie below the range. Empty where fewer than two are usable or agree.
    """
    beyond = [k for k in range(top + 1, len(estimates)) if estimates[k].reason is None]
    first = len(beyond) - 1
    for n, (k, after) in reversed(list(enumerate(pairwise(beyond)))):
        if not _agree(estimates[k], estimates[after], after - k, assay):
            break
        first = n
    if len(beyond) - first < FEWEST_AGREEING:
        return frozenset()
    return frozenset(range(beyond[first], len(estimates)))


def _agree(one: Estimate, other: Estimate, steps_apart: int, assay: Assay) -> bool:
    """Do two ln titers differ by no more than their wells and the pipetting between them explain?"""
    if one.ln_titer is None or other.ln_titer is None:
        return False
    pipetting = steps_apart * step_variance(assay.dilution.step_cv.value)
    return abs(one.ln_titer - other.ln_titer) <= NORMAL_95 * math.sqrt(
        one.variance + other.variance + pipetting
    )
