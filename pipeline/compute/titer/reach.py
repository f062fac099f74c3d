"""How far a layout reaches with a curve: from which titer a serum can be positive, up to which it is read.

A serum is positive where enough adjacent dilutions are. The floor of the cut-off binds at high dilutions, so
that a series may need more than the cut-off titer before its second dilution confirms the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.models import LOWER, inverse
from pipeline.compute.titer.cutoffs import cutoffs_at
from pipeline.domain.assay import Assay
from pipeline.domain.curve_results import Reach, WorkingRange
from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.results import NegativeLimit

Array = npt.NDArray[np.float64]
SAME = 1e-9
"""Relative difference that is rounding."""
Dilutions: TypeAlias = tuple[tuple[float, bool], ...]
"""Reciprocal dilutions, each with: can it be judged?"""


def reach(
    theta: Array,
    working: WorkingRange,
    layout: PlateLayout,
    assay: Assay,
    limits: Sequence[NegativeLimit] = (),
) -> Reach | None:
    """Reach of the samples of a layout, free of noise; the shortest of them where they differ.

    Args:
        theta: the standard curve.
        working: its working range, in the assay's unit.
        layout: the dilutions.
        assay: the cut-off.
        limits: of the negative controls.

    Returns:
        None for a layout without samples.
    """
    series = {_dilutions(layout, assay, slot) for slot in layout.names(Role.SAMPLE)}
    found = [_of_series(one, theta, working, assay, limits) for one in series if one]
    if not found:
        return None
    starts = [start for start, _ in found if start is not None]
    ends = [end for _, end in found if end is not None]
    return Reach(
        max(starts) if len(starts) == len(found) else None,
        min(ends) if len(ends) == len(found) else None,
        assay.cutoff.titer if assay.cutoff is not None else None,
        assay.unit,
    )


def _dilutions(layout: PlateLayout, assay: Assay, slot: str) -> Dilutions:
    """Dilutions of a sample, most concentrated first; those with antigen-negative wells can be judged."""
    uses = [layout.uses[well] for well in layout.wells(Role.SAMPLE, slot)]
    at = {name: {use.dilution or 1.0 for use in uses if use.antigen == name} for name in assay.antigens}
    read, negative = at[assay.calibration.antigen], assay.antigen_negative
    every = negative is None or negative.missing == "neighbour"
    judged = read if negative is None or every else read & at[negative.antigen]
    return tuple((one, one in judged) for one in sorted(read))


def _of_series(
    series: Dilutions, theta: Array, working: WorkingRange, assay: Assay, limits: Sequence[NegativeLimit]
) -> tuple[float | None, float | None]:
    """From which titer to which."""
    dilutions, judged = (np.array(each) for each in zip(*series, strict=True))
    scale = dilutions / assay.calibration.reference_dilution
    to = working.uloq * float(scale[-1]) if working.uloq is not None else None
    if assay.cutoff is None:
        start = working.lloq * float(scale[0]) if working.lloq is not None else None
        return start, to
    first, after = (
        np.where(judged, _titers(cutoffs_at(dilutions, theta, assay, limits, confirming=each), theta), np.inf)
        * scale
        for each in (False, True)
    )
    asked = min(assay.cutoff.min_adjacent_dilutions, dilutions.size)
    runs = [
        max(float(first[n]), *after[n + 1 : n + asked].tolist(), assay.cutoff.titer)
        for n in range(dilutions.size - asked + 1)
    ]
    start = min(runs)
    if start <= assay.cutoff.titer * (1 + SAME):
        return assay.cutoff.titer, to
    return (start if np.isfinite(start) else None), to


def _titers(net: Array, theta: Array) -> Array:
    """Concentration in the well that reads a net OD; infinite above the curve."""
    return np.asarray(np.exp(inverse(net + theta[LOWER], theta)))
