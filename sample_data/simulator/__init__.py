"""Synthetic anti-MAG plates whose truth is known, because it was put in.

It shares no formula with ``pipeline.compute``: truth goes in here, exports come out, and what the pipeline
makes of them can be compared. Only the layout and the assay's declarations are taken from the pipeline.
Random numbers come from a seeded generator that the caller passes in.
"""

from simulator.plate import simulate_plate
from simulator.populations import clear_cut_sera
from simulator.truth import (
    Hook,
    Noise,
    PlateReader,
    PlateTruth,
    SerumTruth,
    TrueCurve,
    WellOd,
    control_truths,
)

__all__ = [
    "Hook",
    "Noise",
    "PlateReader",
    "PlateTruth",
    "SerumTruth",
    "TrueCurve",
    "WellOd",
    "clear_cut_sera",
    "control_truths",
    "simulate_plate",
]
