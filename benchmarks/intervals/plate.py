"""One plate of an HNK1 assay with drawn sera, and its twin without errors of wells and reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from simulator import Noise, PlateTruth, SerumTruth, WellOd, control_truths, simulate_plate

from benchmarks.plates import drawn_curve
from pipeline.compute.analyse import analyse
from pipeline.definitions import AssayDefinition, load_definition
from pipeline.domain.layout import Role, SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.results import PlateResult
from pipeline.domain.wells import Well
from pipeline.workspace.shipped import find_assay

ASSAYS = ("anti_mag_igm", "anti_mag_hnk1_inhibition", "anti_mag_hnk1_absorption")
TITER = (2_000.0, 150_000.0)
"""BTU, log-uniform."""
QUIET, STICKY = (0.005, 0.04), (0.05, 0.5)
"""OD in wells without antigen at 1:1000, log-uniform; half of the sera each."""
FALL = (0.3, 0.7)
"""It falls with dilution to this power."""
RATIO = (0.1, 1.0)
"""HNK1 titer over MAG titer of all sera of a plate, log-uniform."""
MOST_TAKEN = 0.95
"""Largest share of the antibody that HNK1 takes away; uniform from 0."""


@dataclass(frozen=True, slots=True)
class Errors:
    """How a run draws its plates, and what it holds the ODs against."""

    calibrator_cv: float = Noise().calibrator_cv
    """Of each calibrator level, a fraction."""
    nominal: bool = False
    """True ODs at the dilutions as declared, not as they were pipetted."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A plate as evaluated, and what is true about it."""

    result: PlateResult
    sera: Mapping[str, SerumTruth]
    """By slot."""
    ratio: float
    """True HNK1 titer over MAG titer."""
    silent: Mapping[str, float]
    """Well name -> OD of the twin whose wells and reader have no error."""


@cache
def definition(name: str) -> AssayDefinition:
    """A shipped assay."""
    return load_definition(find_assay(name))


def simulated(name: str, seed: tuple[int, int], errors: Errors) -> Simulated:
    """Draw, simulate and evaluate one plate.

    Args:
        name: one of ``ASSAYS``.
        seed: of the run, and number of the plate.
        errors: of the calibrators, and which truth.
    """
    rng = np.random.default_rng(seed)
    layout, assay = definition(name).layout, definition(name).assay
    slots = layout.names(Role.SAMPLE)
    curve, ratio = drawn_curve(rng), _between(RATIO, rng)
    truth = PlateTruth(
        sera={slot: _serum(rng) for slot in slots},
        controls=control_truths(assay),
        curve=curve,
        hnk1_curve=replace(curve, ec50=curve.ec50 / ratio),
        noise=Noise(calibrator_cv=errors.calibrator_cv),
    )
    wells = simulate_plate(layout, assay, truth, np.random.default_rng([*seed, 1]))
    read = _read(wells, layout.rows, layout.columns)
    result = analyse(read, layout, assay, {slot: SampleEntry(slot, slot) for slot in slots})
    silent = replace(truth, noise=_silent(truth.noise, errors))
    twin = simulate_plate(layout, assay, silent, np.random.default_rng([*seed, 1]))  # the same tubes
    return Simulated(result, truth.sera, ratio, {well.name: od.net() or 0.0 for well, od in twin.items()})


def _silent(noise: Noise, errors: Errors) -> Noise:
    """Without errors of wells and reader; the dilutions as pipetted, or as declared."""
    quiet = replace(noise, well_cv=0.0, well_od=0.0, reference_sd=0.0, read_sd=0.0)
    return replace(quiet, step_cv=0.0) if errors.nominal else quiet


def _serum(rng: np.random.Generator) -> SerumTruth:
    return SerumTruth(
        titer=_between(TITER, rng),
        expected_class="",
        nsb_od=_between(STICKY if rng.random() < 0.5 else QUIET, rng),  # half of the sera stick
        nsb_gamma=float(rng.uniform(*FALL)),
        hnk1_affinity=1.0,
        hnk1_share=float(rng.uniform(0.0, MOST_TAKEN)),
    )


def _between(ends: tuple[float, float], rng: np.random.Generator) -> float:
    """Log-uniform."""
    return float(np.exp(rng.uniform(*np.log(ends))))


def _read(wells: Mapping[Well, WellOd], rows: int, columns: int) -> PlateRead:
    main = {well: od.od450 for well, od in wells.items() if od.od450 is not None}
    plastic = {well: od.od620 for well, od in wells.items()}
    return PlateRead("P1", rows, columns, (_reading(main, 450.0), _reading(plastic, 620.0)))


def _reading(values: Mapping[Well, float], nm: float) -> PlateReading:
    return PlateReading(Kind.ABSORBANCE, Quantity.RAW, nm, f"{nm:g}", None, values, {}, "simulated")
