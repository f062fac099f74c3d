"""Truth -> the ODs of every well, as one pass of a plate reader would print them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.domain.assay import Assay
from pipeline.domain.hnk1 import Hnk1Absorption, Hnk1Direct, Hnk1Inhibition
from pipeline.domain.layout import PlateLayout, Role, WellUse
from pipeline.domain.wells import Well, plate_wells
from simulator.truth import NSB_DILUTION, Fault, PlateTruth, SerumTruth, WellOd

DECIMALS = 4
"""Digits that plate readers print."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """The plate on the bench: the definition, the truth, and what the pipettes really delivered."""

    layout: PlateLayout
    assay: Assay
    truth: PlateTruth
    amounts: dict[tuple[Role, str, float], float]
    """(role, name, dilution) -> factor on the amount that was meant; a serum after beads was diluted on its
    own, under the name ``after_beads``."""


def simulate_plate(
    layout: PlateLayout, assay: Assay, truth: PlateTruth, rng: np.random.Generator
) -> dict[Well, WellOd]:
    """Read a whole plate once at 450 and 620 nm.

    Args:
        layout: what is in which well; every control and sample in it needs a truth or is left empty.
        assay: gives calibrator levels, reference dilution and the names of the coatings.
        truth: curve, sera, noise and faults.
        rng: seeded; the same seed gives the same plate.

    Returns:
        All wells of the plate, unused ones included, rounded to four decimals.
    """
    bench = _Bench(layout, assay, truth, _amounts(layout, assay, truth, rng))
    return {well: _read(well, bench, rng) for well in plate_wells(layout.rows, layout.columns)}


def dilution_errors(steps: int, step_cv: float, rng: np.random.Generator) -> list[float]:
    """Errors of ln amount along a serial dilution: a random walk, each step inherits those before it."""
    return [float(error) for error in np.cumsum(rng.standard_normal(steps) * step_cv)]


def nonspecific_od(serum: SerumTruth, dilution: float) -> float:
    """OD that needs no antigen, at a reciprocal dilution."""
    return float(serum.nsb_od * (dilution / NSB_DILUTION) ** -serum.nsb_gamma)


def _amounts(
    layout: PlateLayout, assay: Assay, truth: PlateTruth, rng: np.random.Generator
) -> dict[tuple[Role, str, float], float]:
    """One dilution series for each serum: its tubes serve all coatings, so they share its errors."""
    amounts: dict[tuple[Role, str, float], float] = {}
    for name in layout.names(Role.CALIBRATOR):
        amounts[Role.CALIBRATOR, name, 0.0] = _factor(truth.noise.calibrator_cv * rng.standard_normal())
    for role in (Role.CONTROL, Role.SAMPLE):
        for name in layout.names(role):
            dilutions = sorted({layout.uses[well].dilution or 1.0 for well in layout.wells(role, name)})
            errors = dilution_errors(len(dilutions), truth.noise.step_cv, rng)
            amounts |= {(role, name, d): _factor(e) for d, e in zip(dilutions, errors, strict=True)}
    return amounts | _after_beads(layout, assay, truth, rng)


def _after_beads(
    layout: PlateLayout, assay: Assay, truth: PlateTruth, rng: np.random.Generator
) -> dict[tuple[Role, str, float], float]:
    """A dilution series of its own for each serum that was put on beads."""
    if not isinstance(assay.hnk1, Hnk1Absorption):
        return {}
    amounts: dict[tuple[Role, str, float], float] = {}
    for role in (Role.CONTROL, Role.SAMPLE):
        for name in layout.names(role):
            wells = [w for w in layout.wells(role, name) if layout.uses[w].competitor is not None]
            dilutions = sorted({layout.uses[well].dilution or 1.0 for well in wells})
            errors = dilution_errors(len(dilutions), truth.noise.step_cv, rng)
            amounts |= {
                (role, after_beads(name), d): _factor(e) for d, e in zip(dilutions, errors, strict=True)
            }
    return amounts


def after_beads(name: str) -> str:
    """The serum as it came back from the beads."""
    return f"{name} after beads"


def _factor(ln_error: float) -> float:
    return float(np.exp(ln_error))


def _read(well: Well, bench: _Bench, rng: np.random.Generator) -> WellOd:
    """True OD, the well's own error, the plastic, the reader; always five random numbers a well."""
    noise, reader = bench.truth.noise, bench.truth.reader
    z = rng.standard_normal(5)
    faults = [fault for fault in bench.truth.faults if well in fault.wells]
    signal = _true_od(well, bench, faults)
    signal = signal * (1 + noise.well_cv * z[0]) + (noise.well_od * z[1] if signal else 0.0)
    plastic = noise.reference_od + noise.reference_sd * float(np.clip(z[2], -2, 2))
    od450 = round(float(signal + plastic + noise.read_sd * z[3]), DECIMALS)
    od620 = round(float(plastic + noise.read_sd * z[4]), DECIMALS)
    if od450 <= reader.ceiling:
        return WellOd(od450, od620)
    return WellOd(None if reader.overflow_word else reader.ceiling, od620)


def _true_od(well: Well, bench: _Bench, faults: list[Fault]) -> float:
    """Net OD without the well's own error; 0 in a well in which nothing was pipetted."""
    use = bench.layout.uses.get(well)
    od = 0.0 if use is None else _content_od(use, bench, faults)
    for fault in faults:
        od = od * fault.signal + fault.added_od
    return od


def _content_od(use: WellUse, bench: _Bench, faults: list[Fault]) -> float:
    if use.role is Role.BLANK:
        return bench.truth.curve.zero
    absorbed = use.competitor is not None and isinstance(bench.assay.hnk1, Hnk1Absorption)
    name = after_beads(use.name) if absorbed else use.name
    amount = bench.amounts[use.role, name, 0.0 if use.role is Role.CALIBRATOR else use.dilution or 1.0]
    for fault in faults:
        amount *= fault.amount
    if use.role is Role.CALIBRATOR:
        level = bench.assay.calibration.levels[use.name]
        return bench.truth.curve.zero + bench.truth.curve.specific_od(level * amount)
    sera = bench.truth.controls if use.role is Role.CONTROL else bench.truth.sera
    if use.name not in sera:
        return 0.0
    return _serum_od(sera[use.name], use, amount, bench)


def _serum_od(serum: SerumTruth, use: WellUse, amount: float, bench: _Bench) -> float:
    """Background, non-specific binding (in every well of the serum) and specific binding (by coating)."""
    dilution = (use.dilution or 1.0) / amount
    left = 1.0 - serum.hnk1_share if _blocks(use, bench) else 1.0
    concentration = left * serum.titer * bench.assay.calibration.reference_dilution / dilution
    specific = _specific_od(serum, use.antigen, concentration, bench)
    return bench.truth.curve.zero + nonspecific_od(serum, dilution) + specific


def _blocks(use: WellUse, bench: _Bench) -> bool:
    """Is this serum with HNK1 competitor, or after HNK1 beads? A mock competitor blocks nothing."""
    hnk1 = bench.assay.hnk1
    if isinstance(hnk1, Hnk1Inhibition):
        return use.competitor == hnk1.competitor
    return isinstance(hnk1, Hnk1Absorption) and use.competitor == hnk1.treated


def _specific_od(serum: SerumTruth, antigen: str, concentration: float, bench: _Bench) -> float:
    prozone = serum.hook.factor(concentration) if serum.hook is not None else 1.0
    if antigen == bench.assay.calibration.antigen:
        return prozone * bench.truth.curve.specific_od(concentration)
    if isinstance(bench.assay.hnk1, Hnk1Direct) and antigen == bench.assay.hnk1.antigen:
        return prozone * serum.hnk1_affinity * bench.truth.hnk1_curve.specific_od(concentration)
    return 0.0
