"""What the simulated plates of several benchmarks share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from simulator import TrueCurve

from pipeline.definitions import AssayDefinition, load_definition
from pipeline.domain.plate import Kind, PlateReading, Quantity, WellState
from pipeline.domain.wells import Well
from pipeline.workspace.shipped import find_assay


@cache
def shipped(name: str) -> AssayDefinition:
    """A shipped assay by its name."""
    return load_definition(find_assay(name))


def flagship() -> AssayDefinition:
    """The shipped 96-well assay: seven calibrator levels in duplicate, direct HNK1 wells."""
    return shipped("anti_mag_igm")


def drawn_curve(rng: np.random.Generator) -> TrueCurve:
    """Curves as laboratories have them; all of them span the calibrators."""
    top, ec50, slope = rng.uniform((2.6, 10_000.0, 0.9), (3.3, 20_000.0, 1.2))
    return TrueCurve(top=top, ec50=ec50, slope=slope)


def reading(values: Mapping[Well, float], states: Mapping[Well, WellState], nm: float) -> PlateReading:
    """One read of a plate at one wavelength."""
    return PlateReading(Kind.ABSORBANCE, Quantity.RAW, nm, f"{nm:g}", None, values, states, "simulated")
