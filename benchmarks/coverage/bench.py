"""The assay and the layout of a design, made in memory from the shipped anti-MAG assay."""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.coverage.design import Design
from pipeline.definitions import load_definition
from pipeline.domain.assay import Assay
from pipeline.domain.layout import PlateLayout, Role, WellUse
from pipeline.domain.wells import PLATE_SHAPES, Well
from pipeline.workspace.shipped import find_assay

HIGHEST, LOWEST = 70_000.0, 200.0
"""The outermost calibrators, in the assay's unit; the others lie between at equal ratios."""
CALIBRATOR_WELLS, BLANK_WELLS = 2, 4
COATINGS = ("MAG", "none")
STRENGTHS = ("weak", "middle", "strong")
MOST_SERA = 18
"""Sera on one plate at most; a multiple of the strengths."""


def nominal(levels: int) -> list[float]:
    """Concentrations of the calibrators, highest first."""
    return [float(x) for x in np.geomspace(HIGHEST, LOWEST, levels)]


def sera_on(design: Design) -> int:
    """How many sera the plate holds: each strength equally often."""
    free = design.plate - design.levels * CALIBRATOR_WELLS - BLANK_WELLS
    fit = min(MOST_SERA, free // (design.dilutions * len(COATINGS) * design.wells))
    return fit // len(STRENGTHS) * len(STRENGTHS)


def dilutions(design: Design, first: float) -> list[float]:
    """Reciprocal dilutions of a series, most concentrated first."""
    return [first * float(design.fold) ** k for k in range(design.dilutions)]


@cache
def assay_for(levels: int, step_cv: float, step_df: float | None) -> Assay:
    """Change the shipped assay: these calibrators, this declared step CV (percent), no controls, no HNK1.

    A step CV without degrees of freedom is known.
    """
    shipped = _shipped()
    names = {f"CAL{i}": x for i, x in enumerate(nominal(levels), start=1)}
    step = shipped.dilution.step_cv.model_copy(update={"value": step_cv})
    changed = {
        "antigens": COATINGS,
        "reading": shipped.reading.model_copy(update={"reference_wavelength_nm": None}),
        "calibration": shipped.calibration.model_copy(update={"levels": names}),
        "dilution": shipped.dilution.model_copy(update={"step_cv": step, "step_cv_df": step_df}),
        "hnk1": None,
        "controls": {},
        "curve": shipped.curve.model_copy(update={"levels_min": None}),
        "limits": shipped.limits.model_copy(update={"calibrator_levels_min": None}),
    }
    return shipped.model_copy(update=changed)


@cache
def _shipped() -> Assay:
    return load_definition(find_assay("anti_mag_igm")).assay


def layout_for(design: Design) -> PlateLayout:
    """Fill the plate column by column: calibrators, blanks, sera, in the order of ``Simulated.ods``."""
    rows, columns = PLATE_SHAPES[design.plate]
    wells = [Well(row, column) for column in range(columns) for row in range(rows)]
    uses = _calibrators(design) + _sera(design)
    return PlateLayout(rows, columns, dict(zip(wells, uses, strict=False)), "simulated")


def _calibrators(design: Design) -> list[WellUse]:
    levels = range(1, design.levels + 1)
    calibrators = [
        WellUse(Role.CALIBRATOR, f"CAL{i}", COATINGS[0]) for i in levels for _ in range(CALIBRATOR_WELLS)
    ]
    return calibrators + [WellUse(Role.BLANK, "", COATINGS[0])] * BLANK_WELLS


def _sera(design: Design) -> list[WellUse]:
    series = dilutions(design, _shipped().calibration.reference_dilution)
    return [
        WellUse(Role.SAMPLE, f"S{i}", coating, dilution)
        for i in range(1, sera_on(design) + 1)
        for dilution in series
        for coating in COATINGS
        for _ in range(design.wells)
    ]
