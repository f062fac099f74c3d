"""Real exports of plate readers against values that were located by eye in the raw files."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest

from pipeline.domain.plate import Export, PlateReading, Quantity
from pipeline.domain.wells import Well
from pipeline.errors import InputError
from pipeline.readers import claims, read_export
from pipeline.readers.parts.head import head_of

COMPANIONS = ("generic/generic_8x12_elisa_450_layout.csv", "generic/generic_8x12_elisa_450_results.csv")
"""A layout and the results of another program: no exports."""
CALCULATED = {"calculated", "layout"}
KINDS = {"electrochemiluminescence": "other"}
NO_RAW = "reduced_only_450_650.txt"
"""Holds reduced values alone."""


@pytest.fixture(scope="module")
def truth(shared: Path) -> list[dict[str, str]]:
    """One row for each plate and channel."""
    with (shared / "plate_exports" / "ground_truth.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def files(shared: Path) -> list[str]:
    """Every export of the collection."""
    folder = shared / "plate_exports"
    found = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*"))
    return [name for name in found if name not in COMPANIONS]


@cache
def load(path: Path) -> Export:
    """Read one real export."""
    return read_export(path.read_bytes(), path.name)


def export_of(shared: Path, file: str) -> Export:
    """The export that a row of the ground truth speaks of."""
    return load(shared / "plate_exports" / file)


def number(text: str) -> float:
    """A number of the ground truth, written as in its file."""
    return float(text.replace(",", "."))


def has_values(reading: PlateReading, row: dict[str, str]) -> bool:
    """Are number of wells, first, A1, B3 and last value those of the row?

    A well printed as ``*0.356*`` counts as text there; here it keeps its number beside its state.
    """
    starred = len(reading.states) if "*" in row["non_numeric"] else 0
    if len(reading.values) - starred != int(row["n_numeric"]):
        return False
    named = {
        row["first_well"]: row["first_value"],
        "A1": row["A1"],
        "B3": row["B3"],
        row["last_well"]: row["last"],
    }
    expected = {well: text for well, text in named.items() if well and re.match(r"-?[\d.,]+\Z", text)}
    return all(reading.values.get(Well.parse(well)) == number(text) for well, text in expected.items())


def stated_nm(channel: str) -> float | None:
    """The wavelength in a channel's name."""
    match = re.match(r"(?:Abs |A|OD|OD\d+ \(|Label1 )?([2-9]\d\d)(?!\d)", channel)
    return float(match[1]) if match else None


def test_every_measured_channel_is_read_exactly(shared: Path, truth: list[dict[str, str]]) -> None:
    """Kind, wavelength, number of wells, A1, B3, first and last value are those of the file."""
    measured = [row for row in truth if row["mode"] not in CALCULATED]
    assert len(measured) == 122
    for row in (r for r in measured if "spectrum" not in r["mode"]):
        reads = export_of(shared, row["file"]).plates[int(row["plate"]) - 1].reads
        kind = KINDS.get(row["mode"], row["mode"])
        found = [
            r for r in reads if has_values(r, row) and r.kind.value == kind and r.quantity is Quantity.RAW
        ]
        assert found, row
        nm = stated_nm(row["channel"])
        if kind == "absorbance" and nm is not None:
            assert nm in {reading.wavelength_nm for reading in found}, row


def test_a_spectrum_is_a_read_for_each_wavelength(shared: Path, truth: list[dict[str, str]]) -> None:
    """541 wavelengths of two wells; ``overflow`` is a state, not a number."""
    for row in (r for r in truth if "spectrum" in r["mode"]):
        (plate,) = export_of(shared, row["file"]).plates
        well = Well.parse(row["first_well"].split()[0])
        assert len(plate.reads) == 541
        assert sum(well in reading.values for reading in plate.reads) == int(row["n_numeric"])
        assert sum(well in reading.states for reading in plate.reads) == 541 - int(row["n_numeric"])
        last = plate.reads[-1]
        assert last.wavelength_nm == 800
        assert last.values[well] == number(row["last"])


def test_plates_have_their_names(shared: Path, truth: list[dict[str, str]]) -> None:
    """The name that the software gave to a plate is the plate's name."""
    for row in truth:
        expected = re.sub(r" \((?:sheet|repeat).*\)", "", row["plate_name"])
        if expected not in ("", "(none)") and row["file"] not in COMPANIONS:
            assert export_of(shared, row["file"]).plates[int(row["plate"]) - 1].name == expected


def test_calculated_values_and_layouts_never_come_back_as_reads(
    shared: Path, truth: list[dict[str, str]]
) -> None:
    """Blank-corrected, concentration, dilution and layout matrices are no reads; reduced ones only alone."""
    calculated = [row for row in truth if row["mode"] in CALCULATED]
    assert len(calculated) == 19
    for row in calculated:
        reads = export_of(shared, row["file"]).plates[int(row["plate"]) - 1].reads
        alone = row["file"].endswith(NO_RAW)
        assert all((r.quantity is Quantity.REDUCED) == alone for r in reads)
        if not alone and row["n_numeric"] != "0":
            same_numbers_as_raw = row["channel"] == "reduced"  # of one wavelength: nothing was subtracted
            assert same_numbers_as_raw or not any(has_values(r, row) for r in reads), row


def test_masked_wells_keep_their_number_and_say_so(shared: Path) -> None:
    """Five wells that the group tables show as masked are masked, on both wavelengths, with their ODs."""
    (plate,) = export_of(shared, "softmax_pro/elisatools_assay2_450_620_masked.txt").plates
    for reading in plate.reads:
        masked = sorted(well.name for well in reading.states)
        assert {"C1", "E1", "F1", "G2"} <= set(masked)
        assert all(well in reading.values for well in reading.states)
    assert plate.accounting().masked == 2 * len(plate.reads[0].states)


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("gen5/gen5txt_450_ovrflw_missed.txt", {"above_range": 8, "not_read": 5}),
        ("gen5/gen5txt_660_masked_star_and_lessthan.txt", {"masked": 1}),
        ("softmax_pro/endpoint_3wl_mixed_decimal_comma_path.txt", {"unreadable": 1}),
        ("tecan_sparkcontrol/sparkcontrol_csv_endpoint_well_list.csv", {"above_range": 104}),
    ],
)
def test_words_in_wells_are_states(shared: Path, file: str, counts: dict[str, int]) -> None:
    """``OVRFLW``, ``MISSED``, ``*0.356*``, ``Path?`` and ``OVER`` are no numbers and no zeros."""
    (plate,) = export_of(shared, file).plates
    accounting = plate.accounting()
    assert {name: getattr(accounting, name) for name in counts} == counts


def test_lines_that_cannot_be_placed_are_unreadable(shared: Path) -> None:
    """The Multiskan puts a tab too many into some lines: their wells have no number and are listed."""
    (plate,) = export_of(shared, "thermo_multiskan/multiskan_spectrum_txt_no_row_labels.txt").plates
    second = next(r for r in plate.reads if r.label == "340, iteration 2")
    assert {well.row for well, state in second.states.items() if state == "unreadable"} == {1, 2, 5}
    assert not any(well.row == 1 for well in second.values)
    assert any("line 17" in cell for cell in plate.cells_not_understood)


def test_kinetic_reads_have_their_times(shared: Path) -> None:
    """A kinetic export is 721 reads, twenty seconds apart."""
    (plate,) = export_of(shared, "softmax_pro/softmax5_kinetic_decimal_comma.txt").plates
    assert len(plate.reads) == 721
    assert [r.time_s for r in plate.reads[:3]] == [0.0, 20.0, 40.0]


@pytest.mark.parametrize(
    ("file", "facts"),
    [
        (
            "gen5/gen5xlsx_elisa_450_620_interleaved.xlsx",
            {"instrument": "Synergy H1", "serial_number": "111111", "software_version": "2.05.5"},
        ),
        (
            "tecan_icontrol/icontrol_xlsx_elisa_650_en.xlsx",
            {
                "instrument": "infinite 200",
                "serial_number": "707005007",
                "day": "2018-03-06",
                "time": "16:48:30",
            },
        ),
        (
            "tecan_icontrol/icontrol_xlsx_german_kinetic_multiread_600.xlsx",
            {"instrument": "infinite 200Pro", "serial_number": "1610002981", "read_mode": "kinetic"},
        ),
        (
            "thermo_skanit/skanit7_xlsx_elisa_450_4pl.xlsx",
            {"instrument": "Varioskan LUX", "serial_number": "3020-81776"},
        ),
        ("bmg_mars/mars_csv_450_dsrna_elisa.CSV", {"operator": "USER", "day": "2026-06-18"}),
        (
            "perkinelmer_envision/envision_csv_450_2plates.csv",
            {"serial_number": "1050242", "temperature_c": "22.00"},
        ),
        ("tecan_xfluor/xfluor4_sunrise_600.xlsx", {"instrument": "SUNRISE", "software_version": "V 4.50"}),
        (
            "spectramax_id3/id3_endpoint_750_700_2plates.xml",
            {"instrument": "iD3-2585", "serial_number": "2585"},
        ),
    ],
)
def test_facts_of_the_instrument_are_kept(shared: Path, file: str, facts: dict[str, str]) -> None:
    """Instrument, serial number, software, user, date and temperature are found under one name each."""
    metadata = export_of(shared, file).plates[0].metadata
    assert {name: metadata.get(name) for name in facts} == facts


def test_ambiguous_dates_stay_as_printed(shared: Path) -> None:
    """``01/07/2024`` may be January or July: no day is made up."""
    metadata = export_of(shared, "thermo_skanit/skanit_csv_10plates_570.csv").plates[0].metadata
    assert "day" not in metadata


@pytest.mark.parametrize("file", COMPANIONS)
def test_layouts_and_results_are_not_exports(shared: Path, file: str) -> None:
    """A layout and another program's results are refused as such, never read as ODs."""
    with pytest.raises(InputError) as caught:
        export_of(shared, file)
    assert caught.value.code in {"LOOKS_LIKE_LAYOUT", "FORMAT_UNKNOWN"}


def test_exactly_one_reader_knows_each_file(shared: Path, files: list[str]) -> None:
    """No export is claimed by two readers and none by nobody; the reason is stated."""
    for file in files:
        known = claims(head_of((shared / "plate_exports" / file).read_bytes()))
        assert len(known) == 1, (file, [reader.NAME for reader, _ in known])
        assert known[0][1]


def test_every_cell_of_every_export_is_accounted_for(shared: Path, files: list[str]) -> None:
    """Cells that nobody understands are listed; only two files of the collection have many."""
    many = {
        "thermo_multiskan/multiskan_spectrum_txt_no_row_labels.txt",
        "thermo_skanit/skanit7_xlsx_elisa_450_4pl.xlsx",
    }
    for file in files:
        lost = [cell for plate in export_of(shared, file).plates for cell in plate.cells_not_understood]
        assert file in many or len(lost) <= 5, (file, lost[:10])
