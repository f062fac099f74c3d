"""One plate: a true curve, four good sera, three good controls, and calibrators that a family has spoiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from simulator import (
    PlateTruth,
    SerumTruth,
    TrueCurve,
    WellOd,
    clear_cut_sera,
    control_truths,
    simulate_plate,
)

from benchmarks.degenerate.draft import Array, Draft
from benchmarks.degenerate.families import Family
from benchmarks.plates import drawn_curve, flagship, reading
from pipeline.domain.layout import Role
from pipeline.domain.plate import PlateRead, WellState
from pipeline.domain.wells import Well

DECIMALS = 4
"""Digits that plate readers print."""


@dataclass(frozen=True, slots=True)
class SpoiledPlate:
    """The plate as read, and the truth about its sera."""

    read: PlateRead
    sera: Mapping[str, SerumTruth]


def spoiled_plate(family: Family, rng: np.random.Generator) -> SpoiledPlate:
    """Simulate a good plate with a curve of its own and spoil its calibrators."""
    layout, declared = flagship().layout, flagship().assay
    curve = family.curve(drawn_curve(rng))
    slots = layout.names(Role.SAMPLE)
    sera = dict(zip(slots, clear_cut_sera(rng, len(slots), declared), strict=True))
    truth = PlateTruth(sera, control_truths(declared), curve=curve)
    wells = simulate_plate(layout, declared, truth, rng)
    draft = _draft(wells, curve, rng)
    family.change(draft)
    return SpoiledPlate(_read(wells, draft), sera)


def _calibrators() -> list[list[Well]]:
    """Wells of each level, highest level first."""
    return [flagship().layout.wells(Role.CALIBRATOR, level) for level in flagship().assay.calibration.levels]


def _blanks() -> list[Well]:
    """The wells of the zero standard."""
    layout, antigen = flagship().layout, flagship().assay.calibration.antigen
    return [well for well in layout.wells(Role.BLANK) if layout.uses[well].antigen == antigen]


def _draft(wells: Mapping[Well, WellOd], curve: TrueCurve, rng: np.random.Generator) -> Draft:
    nominal = np.array(list(flagship().assay.calibration.levels.values()))
    ods = np.array([_nets(wells, level) for level in _calibrators()])
    return Draft(curve, nominal, ods, np.array(_nets(wells, _blanks())), rng)


def _nets(wells: Mapping[Well, WellOd], chosen: Sequence[Well]) -> list[float]:
    return [(wells[well].od450 or 0.0) - wells[well].od620 for well in chosen]


def _read(wells: Mapping[Well, WellOd], draft: Draft) -> PlateRead:
    """Write the draft over the good calibrators."""
    main = {well: od.od450 for well, od in wells.items() if od.od450 is not None}
    states = {well: WellState.ABOVE_RANGE for well, od in wells.items() if od.overflow}
    plastic = {well: od.od620 for well, od in wells.items()}
    for level, members in enumerate(_calibrators()):
        _write(main, plastic, members, draft.ods[level])
        states |= {m: draft.lost[level, i] for i, m in enumerate(members) if (level, i) in draft.lost}
    _write(main, plastic, _blanks(), draft.blank)
    if draft.lost_blanks:
        states |= dict.fromkeys(_blanks(), WellState.NOT_READ)
    values = {well: od for well, od in main.items() if well not in states}
    reads = (reading(values, states, 450.0), reading(plastic, {}, 620.0))
    return PlateRead("P1", flagship().layout.rows, flagship().layout.columns, reads)


def _write(main: dict[Well, float], plastic: Mapping[Well, float], wells: Sequence[Well], net: Array) -> None:
    for well, od in zip(wells, net.tolist(), strict=True):
        main[well] = round(od + plastic[well], DECIMALS)
