"""The same plate as every software writes it: the same ODs, titers and classes."""

from __future__ import annotations

import pytest
from sample_cases import ROOT, SAMPLE_DATA, SampleCase, records
from simulator.dresses import DRESSES, Dress

from pipeline.domain.record import RunRecord
from pipeline.domain.wells import Well
from pipeline.readers import read_export, readers

FOLDER = SAMPLE_DATA / "readers"
NOT_FOR_ELISA = {"MSD Methodical Mind", "Thermo Multiskan Spectrum"}
"""Counts, and a format that cannot be written without its fault."""


def read(dress: Dress) -> dict[float | None, dict[Well, float]]:
    """Wavelength -> ODs by well."""
    path = FOLDER / dress.name / dress.file
    (plate,) = read_export(path.read_bytes(), path.name).plates
    assert plate.name == dress.plate
    assert plate.cells_not_understood == ()
    return {reading.wavelength_nm: dict(reading.values) for reading in plate.reads}


def record(dress: Dress) -> RunRecord:
    """The processed plate."""
    (run,) = records(SampleCase(FOLDER / dress.name))
    return run


@pytest.mark.parametrize("dress", DRESSES, ids=lambda dress: dress.name)
def test_every_software_gives_the_same_ods(dress: Dress) -> None:
    """Well by well; the well above range has no number."""
    plain = read(next(other for other in DRESSES if other.name == "gen5_excel"))
    for wavelength, ods in read(dress).items():
        expected = dict(plain[450.0 if dress.nameless else wavelength])
        if dress.overflow and wavelength == 450:
            del expected[Well.parse("E5")]
        assert ods == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "dress", [d for d in DRESSES if not d.overflow and d.reference and not d.nameless], ids=lambda d: d.name
)
def test_every_software_gives_the_same_titers(dress: Dress) -> None:
    """To the last digit: nothing of the form reaches the numbers."""
    plain = record(next(other for other in DRESSES if other.name == "gen5_excel"))
    found = record(dress)
    assert [s.titer for s in found.samples] == [s.titer for s in plain.samples]
    assert [s.classification for s in found.samples] == [s.classification for s in plain.samples]


def test_every_family_that_serves_an_elisa_has_a_sample() -> None:
    """A new reader needs a sample of its own."""
    known = {read_export((FOLDER / d.name / d.file).read_bytes(), d.file).reader for d in DRESSES}
    assert known | {"SoftMax Pro"} | NOT_FOR_ELISA == {reader.NAME for reader in readers()}


def test_every_reader_is_in_the_documentation() -> None:
    """``docs/readers.md`` names all of them."""
    page = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")

    assert not [reader.NAME for reader in readers() if f"**{reader.NAME}" not in page]
