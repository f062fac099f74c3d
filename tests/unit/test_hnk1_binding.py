"""HNK1 by direct binding: two dilutions that fall, and a share of the MAG signal; never one well alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sample_cases import shipped
from simulator import PlateTruth, SerumTruth, control_truths, simulate_plate

from pipeline.compute.analyse import analyse
from pipeline.domain.layout import Role, SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity


def strip(od: Any) -> Any:
    """Alter the HNK1 wells of S1."""
    return lambda _, use, value: (
        od(use.dilution, value) if use.name == "S1" and use.antigen == "HNK1" else value
    )


@pytest.mark.parametrize(
    ("titer", "share", "ending"),
    [
        (60_000.0, 0.02, "NOT_CONFIRMED"),
        (60_000.0, 0.05, "NOT_CONFIRMED"),
        (8_000.0, 0.0, "NOT_CONFIRMED"),
        (60_000.0, 0.8, "CONFIRMED"),
        (3_500.0, 0.8, "CONFIRMED"),
        (1_800.0, 0.3, "INDETERMINATE"),
        (1_800.0, 0.0, "INDETERMINATE"),
    ],
)
def test_the_share_of_the_mag_signal_decides(serum_on: Any, titer: float, share: float, ending: str) -> None:
    """A trace of cross-binding at a high titer confirms nothing; a low titer leaves the question open."""
    sample = serum_on(shipped("anti_mag_igm"), titer=titer, hnk1_affinity=share)
    assert sample.classification == f"POSITIVE_HNK1_{ending}"


def test_a_titer_too_low_to_show_hnk1_is_never_called_not_confirmed(serum_on: Any) -> None:
    """Where binding could not have been seen at two dilutions the reason says so."""
    sample = serum_on(shipped("anti_mag_igm"), titer=1_800.0, hnk1_affinity=0.0)
    assert sample.hnk1.status == "grey"
    assert sample.hnk1.code == "mag_too_low"


@pytest.mark.parametrize("splash", [0.3, 1.0, 2.5])
def test_one_splashed_well_confirms_nothing(serum_on: Any, splash: float) -> None:
    """One bright HNK1 well, the others dark."""
    one = strip(lambda dilution, od: od + splash * (dilution == 1000))
    sample = serum_on(shipped("anti_mag_igm"), one, titer=20_000.0, hnk1_affinity=0.0)
    assert sample.hnk1.status == "grey"
    assert sample.hnk1.code == "one_dilution"


@pytest.mark.parametrize("titer", [0.0, 3_000.0, 20_000.0, 100_000.0])
def test_a_strip_that_is_high_as_a_whole_confirms_nothing(serum_on: Any, titer: float) -> None:
    """A flat 0.25 OD on all HNK1 wells does not fall with dilution, and so is no binding."""
    flat = strip(lambda _, od: od + 0.25)
    sample = serum_on(shipped("anti_mag_igm"), flat, titer=titer, hnk1_affinity=0.0)
    assert sample.hnk1.status != "positive"
    assert sample.hnk1.code == "does_not_fall"


def test_the_hnk1_titer_carries_no_unit_of_mag(serum_on: Any) -> None:
    """A number read from the MAG curve says so, and is no BTU of HNK1."""
    sample = serum_on(shipped("anti_mag_igm"), titer=20_000.0, hnk1_affinity=0.8)
    (titer,) = (one for one in sample.hnk1.others if one.name.startswith("HNK1 titer, read"))
    assert titer.unit == ""
    (share,) = (one for one in sample.hnk1.others if one.name.startswith("HNK1 / MAG"))
    assert share.unit == "%"
    assert share.ci95[0] < share.value < share.ci95[1]


def _statuses(titer: float, affinity: tuple[float, float], plates: int) -> list[str]:
    """HNK1 status of noisy sera of one titer."""
    definition = shipped("anti_mag_igm")
    layout, assay = definition.layout, definition.assay
    single = assay.model_copy(
        update={"reading": assay.reading.model_copy(update={"reference_wavelength_nm": None})}
    )
    slots, found = layout.names(Role.SAMPLE), []
    for plate in range(plates):
        rng = np.random.default_rng([7, plate])
        sera = {s: SerumTruth(titer, "", hnk1_affinity=float(rng.uniform(*affinity))) for s in slots}
        wells = simulate_plate(layout, assay, PlateTruth(sera, control_truths(assay)), rng)
        ods = {well: od.net() or 0.0 for well, od in wells.items()}
        reading = PlateReading(Kind.ABSORBANCE, Quantity.RAW, 450.0, "450", None, ods, {}, "simulated")
        read = PlateRead("P1", layout.rows, layout.columns, (reading,))
        result = analyse(read, layout, single, {slot: SampleEntry(slot, slot) for slot in slots})
        found += [sample.hnk1.status.value for sample in result.samples]
    return found


@pytest.mark.parametrize("titer", [3_000.0, 20_000.0, 100_000.0])
def test_sera_that_bind_hnk1_are_confirmed(titer: float) -> None:
    """Of noisy sera with 60 to 130 % affinity nine in ten and more are confirmed, from 3,000 units on."""
    found = _statuses(titer, (0.6, 1.3), 15)
    assert found.count("positive") >= 0.9 * len(found)


@pytest.mark.parametrize("titer", [3_000.0, 60_000.0, 500_000.0])
def test_traces_of_hnk1_binding_are_not_confirmed(titer: float) -> None:
    """Of noisy sera with up to 5 % affinity none is confirmed."""
    assert "positive" not in _statuses(titer, (0.0, 0.05), 15)


def test_an_hnk1_bound_carries_no_unit_of_mag_either(serum_on: Any) -> None:
    """A weak HNK1 signal is a bound on the MAG curve, without BTU."""
    sample = serum_on(shipped("anti_mag_igm"), titer=20_000.0, hnk1_affinity=0.0)
    (titer,) = (one for one in sample.hnk1.others if one.name.startswith("HNK1 titer, read"))
    assert titer.value is None
    assert titer.text.startswith("<")
    assert "BTU" not in titer.text
