"""The second flagship layout: simulated plates with mistakes that the first one cannot show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from simulator import PlateTruth, SerumTruth, WellOd, control_truths, simulate_plate
from simulator.faults import column_drift
from simulator.truth import Fault

import qc
from pipeline.compute.analyse import analyse
from pipeline.definitions import AssayDefinition, load_definition
from pipeline.definitions.layout_remarks import remarks
from pipeline.domain.findings import RunVerdict, Verdict, overall
from pipeline.domain.layout import PlateLayout, Role, SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.results import PlateResult
from pipeline.domain.wells import Well

SERA = (
    SerumTruth(1_250.0, "POSITIVE_HNK1_CONFIRMED", 0.02, hnk1_affinity=0.8),
    SerumTruth(25_000.0, "POSITIVE_HNK1_CONFIRMED", 0.02, hnk1_affinity=0.8),
    SerumTruth(6_000.0, "POSITIVE_HNK1_NOT_CONFIRMED", 0.02),
    SerumTruth(120.0, "NEGATIVE", 0.02),
)
PLATES = 4
"""Of each kind, with seeds one after another."""

Swap = Callable[[dict[Well, WellOd]], Mapping[Well, WellOd]]


@pytest.fixture(scope="module")
def guarded(root: Path) -> AssayDefinition:
    """The layout that starts at 1:500."""
    return load_definition(root / "plate_layouts" / "anti_mag_igm_guarded")


def plate(
    found: AssayDefinition, seed: int, faults: tuple[Fault, ...] = (), swap: Swap = lambda wells: wells
) -> PlateResult:
    """A simulated plate with faults, or with wells exchanged after that."""
    layout, assay = found.layout, found.assay
    slots = layout.names(Role.SAMPLE)
    truth = PlateTruth(dict(zip(slots, SERA, strict=True)), control_truths(assay), faults=faults)
    wells = swap(simulate_plate(layout, assay, truth, np.random.default_rng(seed)))
    reads = tuple(_read(wells, name) for name in ("od450", "od620"))
    read = PlateRead("P1", layout.rows, layout.columns, reads)
    return analyse(read, layout, assay, {slot: SampleEntry(slot, slot) for slot in slots})


def _read(wells: Mapping[Well, WellOd], name: str) -> PlateReading:
    values = {well: getattr(od, name) for well, od in wells.items()}
    nm = float(name.removeprefix("od"))
    return PlateReading(Kind.ABSORBANCE, Quantity.RAW, nm, name, None, values, {}, "simulated")


def rejected(found: AssayDefinition, **how: Any) -> tuple[int, set[str]]:
    """Of :data:`PLATES` plates, how many are rejected, and by which rules."""
    count, rules = 0, set()
    for seed in range(PLATES):
        findings = qc.evaluate(plate(found, seed, **how), found.assay)
        count += overall(findings) is RunVerdict.REJECTED
        rules |= {finding.rule for finding in findings if finding.verdict is Verdict.FAIL}
    return count, rules


def test_nothing_is_left_that_layout_check_remarks(guarded: AssayDefinition) -> None:
    """Every mistake that ``layout check`` names for the flagship can be seen here."""
    assert remarks(guarded.layout, guarded.assay) == []


def test_a_sound_plate_is_accepted_and_its_sera_have_their_classes(guarded: AssayDefinition) -> None:
    """More controls reject no sound plate; a serum just above the cut-off is positive, HNK1 and all."""
    assert rejected(guarded) == (0, set())
    for seed in range(PLATES):
        samples = plate(guarded, seed).samples
        assert [sample.classification for sample in samples] == [serum.expected_class for serum in SERA]


def series_of(layout: PlateLayout) -> frozenset[Well]:
    """Wells of everything that is diluted in series: sera, and controls at several dilutions."""
    wells = {well for well, use in layout.uses.items() if use.role is Role.SAMPLE}
    for name in layout.names(Role.CONTROL):
        of_control = layout.wells(Role.CONTROL, name)
        if len({layout.uses[well].dilution for well in of_control}) > 1:
            wells |= set(of_control)
    return frozenset(wells)


def column_exchanged(one: int, other: int) -> Swap:
    """Two strips in each other's place; columns count from 1."""

    def swap(wells: dict[Well, WellOd]) -> Mapping[Well, WellOd]:
        place = {one - 1: other - 1, other - 1: one - 1}
        return {well: wells[Well(well.row, place.get(well.column, well.column))] for well in wells}

    return swap


def tubes_exchanged(layout: PlateLayout, one: str, other: str) -> Swap:
    """Two controls, each in the other's wells of the same coating, as far as both have some."""

    def swap(wells: dict[Well, WellOd]) -> Mapping[Well, WellOd]:
        found = dict(wells)
        for antigen in layout.antigens():
            pairs = zip(_wells(layout, one, antigen), _wells(layout, other, antigen), strict=False)
            for left, right in pairs:
                found[left], found[right] = wells[right], wells[left]
        return found

    return swap


def _wells(layout: PlateLayout, name: str, antigen: str) -> list[Well]:
    return [well for well in layout.wells(Role.CONTROL, name) if layout.uses[well].antigen == antigen]


def test_a_gradient_over_the_plate_is_seen(guarded: AssayDefinition, flagship: AssayDefinition) -> None:
    """The right half's control reads too low; the flagship has nothing known there."""
    assert rejected(guarded, faults=column_drift(guarded.layout, 0.65)) == (PLATES, {"CTL-01"})
    assert rejected(flagship, faults=column_drift(flagship.layout, 0.65))[0] == 0


def test_a_wrong_first_step_of_all_series_is_seen(
    guarded: AssayDefinition, flagship: AssayDefinition
) -> None:
    """A control goes through the same steps as the sera."""
    for found, expected in ((guarded, PLATES), (flagship, 0)):
        half = (Fault("half as much at the first step", series_of(found.layout), amount=0.5),)
        assert rejected(found, faults=half)[0] == expected


def test_exchanged_hnk1_strips_are_seen(guarded: AssayDefinition, flagship: AssayDefinition) -> None:
    """Each strip carries a control that binds HNK1 and one that does not, in opposite order."""
    count, rules = rejected(guarded, swap=column_exchanged(8, 12))
    assert count == PLATES
    assert "CTL-03" in rules
    assert rejected(flagship, swap=column_exchanged(8, 12))[0] == 0


def test_exchanged_controls_are_seen(guarded: AssayDefinition, flagship: AssayDefinition) -> None:
    """The controls stand at different points of the curve."""
    count, rules = rejected(guarded, swap=tubes_exchanged(guarded.layout, "PC1", "PC2"))
    assert count == PLATES
    assert "CTL-01" in rules
    assert rejected(flagship, swap=tubes_exchanged(flagship.layout, "PC1", "PC2"))[0] == 0
