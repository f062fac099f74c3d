"""Old lot against new lot of a control, from plates or days on which both were measured.

A laboratory runs both lots side by side for some days: as two controls of one plate (``PC1`` and
``PC1 new``), or on two plates of one day. Each such plate, else each such day, is one pair; a pair of two
plates carries the difference of the plates as well, and its interval shows it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from pipeline.compute.past.control_chart import Bridge, bridge
from pipeline.domain.history import PastRun

_NEW, _OLD = ("new", "neu"), ("old", "alt")
_BETWEEN = " -_"


@dataclass(frozen=True, slots=True)
class LotBridge:
    """Two successive lots of one control."""

    control: str
    """Name without ``new`` and the like."""
    old: str
    """Lot; the control's whole name where no lot is recorded."""
    new: str
    same_plate: int
    """Pairs from one plate; the others are of one day."""
    bridge: Bridge


@dataclass(slots=True)
class _Lot:
    """Values of one lot: ln titers of accepted runs, by the index of the run."""

    order: tuple[int, int]
    values: dict[int, list[float]] = field(default_factory=dict)


def lot_bridges(runs: Sequence[PastRun]) -> tuple[LotBridge, ...]:
    """Each lot of a positive control against the lot before it, in the order of their first runs.

    Rejected runs do not count. Lots never measured on one day are listed, without a ratio. Negative controls
    are left out: a ratio of ODs near zero means nothing.
    """
    days = [run.processed_at[:10] for run in runs]
    return tuple(
        _compare(control, old, new, days)
        for control, lots in _families(runs).items()
        for old, new in itertools.pairwise(sorted(lots.items(), key=lambda item: item[1].order))
    )


def _families(runs: Sequence[PastRun]) -> dict[str, dict[str, _Lot]]:
    names = {name for run in runs for name in run.controls}
    known: dict[tuple[str, str | None], tuple[str, int]] = {}
    families: dict[str, dict[str, _Lot]] = {}
    for n, run in enumerate(runs):
        for name, reading in run.controls.items():
            if reading.measure != "ln":
                continue
            key = (name, reading.lot)
            if key not in known:
                known[key] = _family(name, reading.lot, names)
            control, age = known[key]
            lot = families.setdefault(control, {}).setdefault(reading.lot or name, _Lot((n, age)))
            if reading.value is not None and not run.rejected:
                lot.values.setdefault(n, []).append(reading.value)
    return families


def _family(name: str, lot: str | None, names: Collection[str]) -> tuple[str, int]:
    """The control that ``PC1 new`` is a lot of, and -1, 0 or 1 for old, as usual, or new.

    Only where the history has a control of the shorter name: else the name is the control's own.
    """
    for end, age in _ends(lot):
        rest = name[: -len(end)]
        base = rest.rstrip(_BETWEEN)
        if name.casefold().endswith(end) and base != rest and base in names:
            return base, age
    return name, 0


def _ends(lot: str | None) -> Iterator[tuple[str, int]]:
    yield from ((end, 1) for end in _NEW)
    yield from ((end, -1) for end in _OLD)
    if lot:
        yield lot.casefold(), 1


def _compare(control: str, old: tuple[str, _Lot], new: tuple[str, _Lot], days: Sequence[str]) -> LotBridge:
    first, second = old[1].values, new[1].values
    plates = [n for n in first if n in second]
    pairs = [(fmean(first[n]), fmean(second[n])) for n in plates]
    done = {days[n] for n in plates} | {""}
    by_day = _by_day(first, days), _by_day(second, days)
    pairs += [(by_day[0][day], by_day[1][day]) for day in by_day[0] if day in by_day[1] and day not in done]
    ratio = bridge(
        np.array([math.exp(one) for one, _ in pairs]), np.array([math.exp(two) for _, two in pairs])
    )
    return LotBridge(control, old[0], new[0], len(plates), ratio)


def _by_day(values: Mapping[int, Sequence[float]], days: Sequence[str]) -> dict[str, float]:
    """Mean ln titer of each day."""
    found: dict[str, list[float]] = {}
    for n, several in values.items():
        found.setdefault(days[n], []).extend(several)
    return {day: fmean(several) for day, several in found.items()}
