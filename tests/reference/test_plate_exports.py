"""Real exports of plate readers against values that were located by eye in the raw files."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from pipeline.domain.plate import Export, PlateReading, Quantity
from pipeline.domain.wells import Well
from pipeline.errors import InputError
from pipeline.readers import read_export, readers
from pipeline.readers.head import head_of

READ_NOW = ("softmax_pro/", "generic/")
"""Families whose readers exist; the others are refused."""
COMPANIONS = ("generic/generic_8x12_elisa_450_layout.csv", "generic/generic_8x12_elisa_450_results.csv")


@pytest.fixture(scope="module")
def truth(shared: Path) -> list[dict[str, str]]:
    """One row for each plate and channel."""
    with (shared / "plate_exports" / "ground_truth.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["file"].startswith(READ_NOW)]


def load(shared: Path, file: str) -> Export:
    """Read one real export."""
    path = shared / "plate_exports" / file
    return read_export(path.read_bytes(), path.name)


def reading_of(export: Export, row: dict[str, str]) -> PlateReading | None:
    """The read that a row of the ground truth describes."""
    reads = export.plates[int(row["plate"]) - 1].reads
    channel = row["channel"]
    if row["mode"] == "calculated":
        return next((r for r in reads if r.quantity is Quantity.REDUCED), None)
    if match := re.search(r"read (\d+) of", channel) or re.search(r"#(\d+) of", channel):
        return reads[int(match[1]) - 1]
    if channel == "(not stated)":
        return reads[0] if reads[0].wavelength_nm is None else None
    return next((r for r in reads if r.label == channel), None)


def number(text: str) -> float:
    """A number of the ground truth, written as in its file."""
    return float(text.replace(",", "."))


def test_every_measured_channel_is_read_exactly(shared: Path, truth: list[dict[str, str]]) -> None:
    """Kind, name, number of wells, A1, B3, first and last value are those of the file."""
    measured = [row for row in truth if row["mode"] != "calculated"]
    assert len(measured) == 34
    for row in measured:
        export = load(shared, row["file"])
        reading = reading_of(export, row)
        assert reading is not None, row
        assert reading.quantity is Quantity.RAW
        assert reading.kind.value == row["mode"]
        assert len(reading.values) == int(row["n_numeric"]), row
        for place in ("first", "last"):
            well = Well.parse(row["first_well" if place == "first" else "last_well"])
            expected = row["first_value" if place == "first" else "last"]
            if expected:
                assert reading.values[well] == number(expected), row
        for well_name in ("A1", "B3"):
            if row[well_name]:
                assert reading.values[Well.parse(well_name)] == number(row[well_name]), row
        if row["plate_name"] not in ("", "(none)"):
            assert export.plates[int(row["plate"]) - 1].name == row["plate_name"]


def test_calculated_values_never_come_back_as_raw(shared: Path, truth: list[dict[str, str]]) -> None:
    """A reduced matrix is a read only where the file holds nothing else, and then it says so."""
    for row in (r for r in truth if r["mode"] == "calculated"):
        export = load(shared, row["file"])
        reads = export.plates[int(row["plate"]) - 1].reads
        alone = row["file"].endswith("reduced_only_450_650.txt")
        assert any(r.quantity is Quantity.REDUCED for r in reads) == alone
        assert all(r.quantity is Quantity.REDUCED for r in reads) == alone


def test_masked_wells_keep_their_number_and_say_so(shared: Path) -> None:
    """Five wells that the group tables show as masked are masked, on both wavelengths, with their ODs."""
    (plate,) = load(shared, "softmax_pro/elisatools_assay2_450_620_masked.txt").plates
    for reading in plate.reads:
        masked = sorted(well.name for well in reading.states)
        assert {"C1", "E1", "F1", "G2"} <= set(masked)
        assert all(well in reading.values for well in reading.states)
    assert plate.accounting().masked == 2 * len(plate.reads[0].states)


def test_words_in_wells_are_states(shared: Path) -> None:
    """``Path?`` is no number and no zero."""
    (plate,) = load(shared, "softmax_pro/endpoint_3wl_mixed_decimal_comma_path.txt").plates
    assert plate.reads[0].states[Well(1, 0)].value == "unreadable"
    assert Well(1, 0) not in plate.reads[0].values


def test_kinetic_reads_have_their_times(shared: Path) -> None:
    """A kinetic export is 721 reads, twenty seconds apart."""
    (plate,) = load(shared, "softmax_pro/softmax5_kinetic_decimal_comma.txt").plates
    assert len(plate.reads) == 721
    assert [r.time_s for r in plate.reads[:3]] == [0.0, 20.0, 40.0]


@pytest.mark.parametrize("file", COMPANIONS)
def test_layouts_and_results_are_not_exports(shared: Path, file: str) -> None:
    """A layout and another program's results are refused, never read as ODs."""
    with pytest.raises(InputError):
        load(shared, file)


def test_exactly_one_reader_knows_each_file(shared: Path, truth: list[dict[str, str]]) -> None:
    """No file is claimed by two readers, and each of these families by one."""
    for file in sorted({row["file"] for row in truth}):
        head = head_of((shared / "plate_exports" / file).read_bytes())
        assert sum(reader.sniff(head) is not None for reader in readers()) == 1, file
