"""Plates and curves that tests spoil in the same way."""

from __future__ import annotations

from pipeline.compute.curve.result import CalibratorWells
from pipeline.definitions import AssayDefinition
from pipeline.domain.layout import WellUse
from pipeline.domain.wells import Well


def shallow(well: Well, use: WellUse, od: float) -> float:
    """A serum in slot S1 that falls too slowly over its dilutions, which disagree about its titer."""
    del well
    factor = {1000: 0.6, 3000: 1.0, 9000: 1.9, 27000: 3.0}.get(int(use.dilution or 0), 1.0)
    return 0.07 + (od - 0.07) * factor if use.name == "S1" and use.antigen == "MAG" else od


def calibrators(definition: AssayDefinition, ods: list[float]) -> list[CalibratorWells]:
    """Two close wells for each level, highest level first."""
    levels = definition.assay.calibration.levels.items()
    return [CalibratorWells(k, v, (od * 0.99, od * 1.01)) for (k, v), od in zip(levels, ods, strict=True)]
