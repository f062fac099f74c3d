"""Files of the kinds that laboratories sent, each with its right answer: read as it should be, or refused."""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

import pytest

from pipeline.definitions import AssayDefinition, load_definition
from pipeline.definitions.layout_remarks import remarks
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.plate import Export, Kind, PlateReading, Quantity
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.domain.wells import Well
from pipeline.process.context import RunContext, current_software
from pipeline.process.export import process_export
from pipeline.readers import read_export

CONTEXT = RunContext("2026-11-21T09:00:00+00:00", "test", current_software())
FLAGSHIP = {"S1": 41_900.0, "S2": 9_440.0, "S3": 16_700.0}
"""Titers of the plate that stands in most of the files, in BTU; S4 is negative."""
AT_450 = {"A1": 2.0447, "B3": 1.4127, "H12": 0.5243}
AT_630 = {"A1": 0.0361, "B3": 0.0356, "H12": 0.0383}


@pytest.fixture(scope="module")
def cases(root: Path) -> Path:
    """The folder of the cases; they may not be copied into the project."""
    folder = root.parent / "shared" / "field_cases"
    if not folder.is_dir():
        reason = "the field cases are not beside this checkout"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


def read(cases: Path, file: str) -> Export:
    """Read one of the files; every cell of it is accounted for."""
    path = cases / file
    export = read_export(path.read_bytes(), path.name)
    assert all(plate.cells is not None and plate.cells.balanced for plate in export.plates)
    return export


def only_plate(cases: Path, file: str) -> tuple[PlateReading, ...]:
    """The reads of a file that holds one plate, in the order of their wavelengths."""
    (plate,) = read(cases, file).plates
    assert plate.cells_not_understood == ()
    return tuple(sorted(plate.reads, key=lambda reading: reading.wavelength_nm or 0))


def holds(reading: PlateReading, values: dict[str, float]) -> bool:
    """Are these values in these wells?"""
    return all(reading.values[Well.parse(well)] == value for well, value in values.items())


def tables_of(cases: Path, file: str) -> list[str]:
    """Titles of what was kept beside the reads of a file with one plate."""
    tables = read(cases, file).plates[0].metadata.get("tables", [])
    assert isinstance(tables, list)
    return [table["title"] for table in tables]


def processed(cases: Path, file: str, definition: AssayDefinition) -> RunRecord | FailedRun:
    """The record of the only plate of a file."""
    path = cases / file
    (record,) = process_export(path.read_bytes(), path.name, definition, None, CONTEXT)
    return record


def assert_titers(record: RunRecord | FailedRun, titers: dict[str, float]) -> None:
    """Titers within 3 percent of those of the case; S4 negative below 182."""
    assert isinstance(record, RunRecord), record
    found = {sample.sample_id: sample.titer for sample in record.samples}
    assert {name: found[name].value for name in titers} == pytest.approx(titers, rel=0.03)
    assert (found["S4"].qualifier, found["S4"].value) == ("<", pytest.approx(182, rel=0.03))


def code_of(record: RunRecord | FailedRun) -> str:
    """The code with which a plate was refused."""
    assert isinstance(record, FailedRun), record
    return record.code


@pytest.mark.parametrize(
    "file",
    [
        "01-double-subtraction/both_raw_control.csv",
        "01-double-subtraction/three_columns.csv",
        "02-wavelength-column/long_450_620.csv",
        "02-wavelength-column/long_by_well.csv",
        "05-softmax-in-second-sheet/one_group.xlsx",
        "05-softmax-in-second-sheet/eight_groups.xlsx",
        "05-softmax-in-second-sheet/first_sheet.xlsx",
        "06-softmax-resaved-as-csv/comma_crlf.csv",
        "06-softmax-resaved-as-csv/comma_mac_cr.csv",
        "06-softmax-resaved-as-csv/semicolon_decimal_comma.csv",
    ],
)
def test_the_same_plate_gives_the_same_titers(cases: Path, flagship: AssayDefinition, file: str) -> None:
    """Raw 450 and 620 nm in whatever arrangement: read once, the reference subtracted once."""
    first, second = only_plate(cases, file)
    assert (first.wavelength_nm, second.wavelength_nm) == (450, 620)
    assert {first.quantity, second.quantity} == {Quantity.RAW}
    assert (len(first.values), len(second.values)) == (96, 96)
    assert_titers(processed(cases, file, flagship), FLAGSHIP)


@pytest.mark.parametrize("file", ["diff_and_620.csv", "corrected_and_620.csv"])
def test_a_difference_never_has_its_reference_subtracted_again(
    cases: Path, flagship: AssayDefinition, file: str
) -> None:
    """An assay that wants raw ODs refuses the difference, one that accepts it subtracts nothing."""
    name = f"01-double-subtraction/{file}"
    main, reference = only_plate(cases, name)
    assert (main.quantity, main.wavelength_nm) == (Quantity.REDUCED, 450)
    assert (reference.quantity, reference.wavelength_nm) == (Quantity.RAW, 620)
    assert code_of(processed(cases, name, flagship)) == "REDUCED_ONLY"
    settings = flagship.assay.reading.model_copy(update={"accept_reduced": True})
    assay = flagship.assay.model_copy(update={"reading": settings})
    accepting = dataclasses.replace(flagship, assay=assay)
    assert_titers(processed(cases, name, accepting), FLAGSHIP)


def test_a_calculated_column_beside_the_raw_ones_is_a_table(cases: Path) -> None:
    """``OD450-620`` beside both of its parts, ``OD (corrected)`` beside ``OD``."""
    assert "OD450-620" in tables_of(cases, "01-double-subtraction/three_columns.csv")
    (od,) = only_plate(cases, "03-corrected-column-as-raw/od_and_corrected.csv")
    assert (od.label, od.quantity) == ("OD", Quantity.RAW)
    assert "OD (corrected)" in tables_of(cases, "03-corrected-column-as-raw/od_and_corrected.csv")


def test_a_plate_at_another_wavelength_is_refused(cases: Path, flagship: AssayDefinition) -> None:
    """A column of wavelengths says 405 nm; the assay is at 450."""
    (reading,) = only_plate(cases, "02-wavelength-column/all_405.csv")
    assert reading.wavelength_nm == 405
    assert code_of(processed(cases, "02-wavelength-column/all_405.csv", flagship)) == "WAVELENGTH"


@pytest.mark.parametrize("file", ["od_corrected.csv", "delta_od.csv", "net_od.csv", "difference.csv"])
def test_corrected_values_alone_are_reduced(cases: Path, flagship: AssayDefinition, file: str) -> None:
    """The column's name says that something was subtracted."""
    (reading,) = only_plate(cases, f"03-corrected-column-as-raw/{file}")
    assert reading.quantity is Quantity.REDUCED
    assert code_of(processed(cases, f"03-corrected-column-as-raw/{file}", flagship)) == "REDUCED_ONLY"


def test_a_sheet_of_corrected_values_is_no_second_plate(cases: Path) -> None:
    """One plate, named by its title; the evaluation beside it is kept."""
    (plate,) = read(cases, "03-corrected-column-as-raw/evaluation_sheet.xlsx").plates
    assert plate.name == "P1 IgM"
    assert holds(plate.reads[0], AT_450)
    assert tables_of(cases, "03-corrected-column-as-raw/evaluation_sheet.xlsx") == ["OD - Blank"]


def test_softmax_in_a_sheet_holds_its_corner_values(cases: Path) -> None:
    """Not the groups' results, and not eight plates of twelve wells."""
    for file in ("one_group", "eight_groups", "first_sheet"):
        first, _ = only_plate(cases, f"05-softmax-in-second-sheet/{file}.xlsx")
        assert holds(first, {"A1": 2.8719, "H12": 0.0718})


@pytest.mark.parametrize("file", ["450_630.csv", "450_630_delta.csv", "450_only.csv"])
def test_wavelengths_in_the_corners_of_a_printed_plate(cases: Path, file: str) -> None:
    """A stand-alone reader prints the wavelength before the column numbers; ``Delta`` is no read."""
    reads = only_plate(cases, f"07-biotek-wavelength-in-corner/{file}")
    assert [reading.wavelength_nm for reading in reads] == ([450] if "only" in file else [450, 630])
    assert holds(reads[0], AT_450)
    assert all(holds(reading, AT_630) for reading in reads[1:])
    assert tables_of(cases, f"07-biotek-wavelength-in-corner/{file}") == ["Delta"] * ("delta" in file)


def test_a_grid_of_sample_names_below_the_readings_is_a_table(cases: Path) -> None:
    """The wavelength stands at the end of the file; a reference of -1 is none."""
    (reading,) = only_plate(cases, "08-byonoy-sample-grid/plate.csv")
    assert (reading.wavelength_nm, reading.quantity) == (450, Quantity.RAW)
    assert holds(reading, {"A1": 2.045, "B3": 1.413, "H12": 0.524})
    assert len(tables_of(cases, "08-byonoy-sample-grid/plate.csv")) == 1


def test_a_result_matrix_saved_alone(cases: Path) -> None:
    """The wavelength is the last cell of each line; half a plate leaves the other half unread."""
    folder = "11-gen5-matrix-alone"
    (one,) = only_plate(cases, f"{folder}/one_wavelength.csv")
    assert (one.wavelength_nm, len(one.values)) == (450, 96)
    first, second = only_plate(cases, f"{folder}/two_wavelengths.txt")
    assert (first.wavelength_nm, second.wavelength_nm) == (450, 620)
    assert holds(first, {"A1": 2.0447, "H12": 0.5243})
    assert holds(second, {"A1": 0.0361, "H12": 0.0383})
    (half,) = only_plate(cases, f"{folder}/half_plate.csv")
    assert (half.wavelength_nm, len(half.values), len(half.states)) == (450, 48, 48)
    assert all(well.column >= 6 for well in half.states)


@pytest.mark.parametrize("file", ["od_and_concentrations.xlsx", "template_and_od.xlsx"])
def test_titled_matrices_of_concentrations_and_templates_are_tables(cases: Path, file: str) -> None:
    """Whichever stands first, the matrix at 450 nm is the plate."""
    (reading,) = only_plate(cases, f"12-kc4-titled-matrices/{file}")
    assert (reading.wavelength_nm, reading.quantity) == (450, Quantity.RAW)
    assert holds(reading, AT_450)
    assert len(tables_of(cases, f"12-kc4-titled-matrices/{file}")) == 1


@pytest.mark.parametrize(
    "file",
    ["chinese", "pocillo", "well_id", "well_id_underscore", "well_location", "well_name", "wellposition"],
)
def test_the_column_of_wells_in_many_words(cases: Path, file: str) -> None:
    """孔, Pocillo, Well ID, well_name, WellPosition."""
    (reading,) = only_plate(cases, f"14-words-for-well/{file}.csv")
    assert holds(reading, AT_450)


@pytest.mark.parametrize(
    ("file", "name", "facts"),
    [
        ("time.csv", "", {"date": "24 Jan 2026", "time": "12:59 pm"}),
        ("operator.csv", "P0042", {"operator": "OP-3"}),
        ("sep.csv", "", {}),
    ],
)
def test_a_plate_is_named_by_a_line_that_says_so(
    cases: Path, file: str, name: str, facts: dict[str, str]
) -> None:
    """``Plate ID: P0042``, never ``Time: 12:59 pm``, the operator, or Excel's ``sep=``."""
    (plate,) = read(cases, f"16-plate-name-from-any-line/{file}").plates
    assert plate.name == name
    assert {key: plate.metadata.get(key) for key in facts} == facts
    assert not any("sep=" in reading.label for reading in plate.reads)


def test_light_has_no_wavelength(cases: Path) -> None:
    """0 in the list of wavelengths says that there is none."""
    (reading,) = only_plate(cases, "21-luminescence-0-nm/plate.txt")
    assert (reading.kind, reading.wavelength_nm) == (Kind.LUMINESCENCE, None)


def test_fluorescence_is_never_spoken_of_as_absorbance(cases: Path) -> None:
    """The column says RFU: nothing was assumed."""
    (plate,) = read(cases, "22-rfu-taken-as-absorbance-remark/rfu.csv").plates
    assert [reading.kind for reading in plate.reads] == [Kind.FLUORESCENCE]
    assert "absorbance" not in str(plate.metadata)


def test_renamed_sheets_name_their_plates(cases: Path) -> None:
    """The export states no plate; the user named the sheets."""
    plates = read(cases, "25-renamed-sheets-lose-their-name/two_sheets.xlsx").plates
    assert [plate.name for plate in plates] == ["spike rerun", "RBD old lot"]


def test_two_titled_plates_on_one_sheet(cases: Path) -> None:
    """Both by their titles, and nothing of their headers is left over."""
    first, second = read(cases, "27-second-header-not-understood/two.xlsx").plates
    assert (first.name, second.name) == ("Plate 1", "Plate 2")
    assert holds(first.reads[0], AT_450)
    assert first.cells_not_understood == second.cells_not_understood == ()


@pytest.fixture
def one_controlled_dilution(cases: Path, root: Path, tmp_path: Path) -> AssayDefinition:
    """The shipped assay with a layout that gives each serum one antigen-negative well."""
    shutil.copytree(root / "plate_layouts", tmp_path / "assays")
    folder = tmp_path / "assays" / "anti_mag_igm"
    shutil.copyfile(cases / "23-one-antigen-negative-well-a-serum" / "layout.csv", folder / "layout.csv")
    return load_definition(folder)


PLATE_23 = "23-one-antigen-negative-well-a-serum/plate.csv"


def test_a_layout_whose_dilutions_cannot_confirm_each_other_is_remarked(
    one_controlled_dilution: AssayDefinition,
) -> None:
    """The check of the layout says which dilutions have no such well, what follows, and what would help."""
    definition = one_controlled_dilution
    said = remarks(definition.layout, definition.assay)[0]
    for part in ("1:3000, 1:9000, 1:27000", "no serum can become positive", 'missing = "neighbour"'):
        assert part in said


def test_the_next_step_names_the_missing_antigen_negative_wells(
    cases: Path, one_controlled_dilution: AssayDefinition
) -> None:
    """Closer dilutions would not help where the wells beside are not controlled."""
    record = processed(cases, PLATE_23, one_controlled_dilution)
    assert isinstance(record, RunRecord)
    steps = {sample.sample_id: sample.next_steps for sample in record.samples}
    assert all(NextStep.REPEAT_EACH_WITH_ANTIGEN_NEGATIVE in steps[name] for name in FLAGSHIP)


def test_neighbouring_antigen_negative_wells_give_the_titers(
    cases: Path, one_controlled_dilution: AssayDefinition
) -> None:
    """Where the assay allows it, the one well a serum serves all its dilutions."""
    assay = one_controlled_dilution.assay
    assert assay.antigen_negative is not None
    borrowed = assay.antigen_negative.model_copy(update={"missing": "neighbour"})
    definition = dataclasses.replace(
        one_controlled_dilution, assay=assay.model_copy(update={"antigen_negative": borrowed})
    )
    assert_titers(processed(cases, PLATE_23, definition), {"S1": 44_100.0, "S2": 9_550.0, "S3": 16_600.0})
