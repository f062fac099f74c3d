"""Edge effect and drift over a plate, from wells that are expected equal.

Only replicate wells are compared (blanks of one coating, wells of one calibrator level, and of one serum,
dilution and coating): every group has its own mean, so that what is in the wells cannot pass for a position.
Levels and dilutions are not compared with each other, because each has a pipetting error of its own and a
curve bends with a drift. A median polish of rows and columns needs such comparisons; the regression within
groups does not, and gives the same where the layout is balanced.

The model is ``od = mean (1 + beta x) + error``, with x the position (1 on the edge and 0 inside, or the
number of the row or column), mean that of the group and the error SD that of the plate's replicates. Errors
beyond four SD count as four, so that a bubble is no pattern. p is that of the permutation test on beta in its
moment approximation, which is the t test (Pitman 1937, J R Stat Soc Suppl 4:225): exact enumeration has too
few permutations where pairs alone can tell, and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.compute.plate.copied import copied_wells
from pipeline.compute.plate.readings import Signals
from pipeline.compute.statistics.inference import f_tail, t_two_sided
from pipeline.domain.layout import PlateLayout, Role, SampleEntry, WellUse
from pipeline.domain.message import Message
from pipeline.domain.patterns import PlatePatterns, PositionEffect
from pipeline.domain.results import ReplicatePrecision
from pipeline.domain.wells import Well

Array = npt.NDArray[np.float64]

FEWEST_GROUPS = 4
"""Groups that can tell, below which one odd well would be a pattern."""
CLIP_SD = 4.0
"""Errors beyond this many SD of a well count as this many."""
NO_EDGE = "wells expected equal never lie both on the edge and inside"
NO_ROWS = "wells expected equal never lie in different rows"
NO_COLUMNS = "wells expected equal never lie in different columns"


@dataclass(frozen=True, slots=True)
class Alike:
    """Wells of the groups of two or more; one entry a well. ``scale`` is the group's mean in SD of a well."""

    group: npt.NDArray[np.intp]
    row: Array
    column: Array
    error: Array
    """Distance from the group's mean in SD of a well, clipped, and zero on average in each group."""
    scale: Array

    def centred(self, x: Array) -> Array:
        """A property of wells, less its mean in the group."""
        return x - (np.bincount(self.group, x) / np.bincount(self.group))[self.group]


def plate_patterns(
    signals: Signals, layout: PlateLayout, entries: Mapping[str, SampleEntry], precision: ReplicatePrecision
) -> PlatePatterns:
    """Look for an edge effect, for drift over rows and columns, and for copied numbers.

    Args:
        signals: the plate's wells; only usable ones count.
        layout: what is in which well.
        entries: slots that hold a sample in this run.
        precision: well-to-well error of the plate.
    """
    groups = _groups(signals, layout, entries)
    printed = {well: signals.wells[well].raw_od for members in groups for well in members}
    ods = {well: od for well, od in printed.items() if od is not None}
    alike = wells_alike(groups, signals, precision)
    rows, columns = layout.rows, layout.columns
    on_edge = np.isin(alike.row, (0, rows - 1)) | np.isin(alike.column, (0, columns - 1))
    return PlatePatterns(
        edge=position_effect(alike, on_edge.astype(float), 1.0, NO_EDGE),
        rows=position_effect(alike, alike.row, rows - 1.0, NO_ROWS),
        columns=position_effect(alike, alike.column, columns - 1.0, NO_COLUMNS),
        copied=copied_wells(ods, (rows, columns), precision),
    )


def _groups(signals: Signals, layout: PlateLayout, entries: Mapping[str, SampleEntry]) -> list[list[Well]]:
    """Usable wells with the same content."""
    found: dict[WellUse, list[Well]] = {}
    for well, use in layout.uses.items():
        signal = signals.wells.get(well)
        if signal is not None and signal.usable and (use.role is not Role.SAMPLE or use.name in entries):
            found.setdefault(use, []).append(well)
    return list(found.values())


def wells_alike(groups: Sequence[Sequence[Well]], signals: Signals, precision: ReplicatePrecision) -> Alike:
    """Put the groups of two or more wells together; groups without any error are left out."""
    several = [members for members in groups if len(members) > 1]
    group = np.repeat(np.arange(len(several)), [len(members) for members in several])
    place = np.array([(w.row, w.column) for members in several for w in members], dtype=float).reshape(-1, 2)
    od = np.array([signals.wells[w].od for members in several for w in members], dtype=float)
    mean = np.bincount(group, od)[group] / np.bincount(group)[group] if several else od
    sd = np.hypot(precision.additive_od, precision.proportional * np.maximum(mean, 0.0))
    known = sd > 0
    sd[~known] = 1.0
    error = np.where(known, np.clip((od - mean) / sd, -CLIP_SD, CLIP_SD), 0.0)
    alike = Alike(group, place[:, 0], place[:, 1], error, np.where(known, mean / sd, 0.0))
    return Alike(group, alike.row, alike.column, alike.centred(error), alike.scale) if several else alike


def position_effect(alike: Alike, x: Array, span: float, nowhere: str) -> PositionEffect:
    """Relative change of the OD over ``span`` of the position x, by least squares within the groups.

    Args:
        alike: the wells.
        x: position of each well.
        span: from where to where the change is stated, in units of x.
        nowhere: the reason where no group has two positions.
    """
    if not alike.group.size:
        return _not_testable(0, "there are no wells expected equal")
    centred = alike.centred(x)
    groups = int(np.unique(alike.group[np.abs(centred) > 0]).size)
    if groups < FEWEST_GROUPS:
        return _not_testable(groups, _why(groups, nowhere))
    design = alike.scale * centred
    df = alike.group.size - int(alike.group[-1]) - 2
    return _regression(design, alike.error, df, span, groups)


def _why(groups: int, nowhere: str) -> str:
    if not groups:
        return nowhere
    return Message(
        "only {n:n} groups of wells expected equal can tell, {m:n} are needed", n=groups, m=FEWEST_GROUPS
    )


def _regression(design: Array, error: Array, df: int, span: float, groups: int) -> PositionEffect:
    information = float(design @ design)
    beta = float(design @ error) / information if information > 0 else 0.0
    rest = float(error @ error) - beta**2 * information
    if df < 1 or information <= 0 or rest <= 0:
        return _not_testable(groups, "the wells expected equal show no error to compare with")
    se = (rest / df / information) ** 0.5
    half = t_two_sided(0.95, df) * se
    low, middle, high = (100 * float(np.expm1(span * b)) for b in (beta - half, beta, beta + half))
    return PositionEffect(middle, (low, high), f_tail((beta / se) ** 2, 1, df), groups)


def _not_testable(groups: int, reason: str) -> PositionEffect:
    return PositionEffect(None, None, None, groups, reason)
