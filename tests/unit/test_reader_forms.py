"""Forms of exports that laboratories send and the collection of real files lacks; shapes by the vendors."""

from __future__ import annotations

import pytest

from pipeline.domain.plate import Export, Kind
from pipeline.domain.wells import Well
from pipeline.errors import InputError
from pipeline.readers import read_export

ROWS = "ABCDEFGH"


def od(row: int, column: int) -> float:
    """A different OD in every well."""
    return round(0.061 + 0.3 * row + 0.021 * column, 4)


def lines(sign: str = ",", *, comma: bool = False, factor: float = 1.0, behind: str = "") -> list[str]:
    """Rows A to H with twelve ODs each."""
    found = []
    for row, letter in enumerate(ROWS):
        ods = [f"{factor * od(row, column):.4f}" for column in range(12)]
        text = sign.join([letter, *(text.replace(".", ",") if comma else text for text in ods)])
        found.append(text + (sign + behind if behind else ""))
    return found


def head(corner: str = "", sign: str = ",") -> str:
    """Column numbers 1 to 12."""
    return sign.join([corner, *map(str, range(1, 13))])


def read(*rows: str, encoding: str = "utf-8") -> Export:
    """Read an export of these lines."""
    return read_export("\r\n".join([*rows, ""]).encode(encoding), "plate.txt")


def code_of(*rows: str) -> str:
    """The code with which these lines are refused."""
    with pytest.raises(InputError) as caught:
        read(*rows)
    return caught.value.code


@pytest.mark.parametrize(
    ("opening", "wavelength", "plate", "sample"),
    [
        ("Résultats de mesure", "Longueur d'onde: 450 nm", "Plaque 1", "Échantillon"),
        ("Messergebnisse", "Wellenlänge: 450 nm", "Platte 1", "Probe"),
    ],
)
def test_skanit_in_french_and_german(opening: str, wavelength: str, plate: str, sample: str) -> None:
    """Decimal commas, semicolons and Windows-1252; the sample matrix is no read."""
    names = [";".join([letter, *["Blanc1"] * 12]) for letter in ROWS]
    export = read(
        opening, "essai.skax", "", "Absorbance 1", wavelength, "", plate, "",
        head("Abs", ";"), *lines(";", comma=True), "", head(sample, ";"), *names,
        encoding="cp1252",
    )  # fmt: skip
    (found,) = export.plates
    (reading,) = found.reads
    assert export.reader == "Thermo SkanIt"
    assert (found.name, reading.wavelength_nm) == (plate, 450)
    assert reading.values[Well(7, 11)] == od(7, 11)
    assert len(found.metadata["tables"]) == 1  # type: ignore[arg-type]


def test_icontrol_kinetics_with_a_line_for_each_well() -> None:
    """``Cycle Nr.`` counts across; times and temperatures stand above the wells."""
    wells = [f"{letter}{column}" for letter in ROWS for column in range(1, 13)]
    export = read(
        "Application: Tecan i-control\t\t\t\tTecan i-control , 2.0.10.0",
        "Device: infinite 200Pro\t\t\t\tSerial number: 1",
        "Label: Label1",
        "Kinetic Measurement",
        "Mode\t\t\t\tAbsorbance",
        "Wavelength\t\t\t\t450\tnm",
        "Cycle Nr.\t1\t2\t3",
        "Time [s]\t0\t60.5\t121",
        "Temp. [°C]\t25\t25.1\t25.2",
        *(f"{name}\t0.1\t0.2\t0.3" for name in wells),
        "",
        "End Time:\t6/17/2021 6:16:47 PM",
    )
    (plate,) = export.plates
    assert [reading.time_s for reading in plate.reads] == [0, 60.5, 121]
    assert all(len(reading.values) == 96 for reading in plate.reads)
    assert plate.reads[2].values[Well(0, 0)] == 0.3
    assert plate.metadata["read_mode"] == "kinetic"


def test_gen5_reads_only_what_was_measured() -> None:
    """``Blank 450:450``, delta and concentration lines stand between the raw ones, in any order."""
    body = []
    for raw, blank, reference in zip(
        lines("\t", behind="450"),
        lines("\t", factor=0.9, behind="Blank 450"),
        lines("\t", factor=0.1, behind="630"),
        strict=True,
    ):
        body += [raw, blank[1:], reference[1:]]
    export = read(
        "Software Version\t3.11.19", "Plate Number\tPlate 7", "Date\t3/26/2026", "Reader Type:\tELx808",
        "Procedure Details", "Read\tAbsorbance Endpoint", "\tFull Plate", "\tWavelengths:  450, 630",
        "Results", head("", "\t"), *body,
    )  # fmt: skip
    (plate,) = export.plates
    assert [reading.wavelength_nm for reading in plate.reads] == [450, 630]
    assert plate.reads[0].values[Well(3, 4)] == od(3, 4)
    assert plate.metadata["day"] == "2026-03-26"
    assert plate.name == "Plate 7"


def test_gen5_without_its_last_rows_is_incomplete() -> None:
    """The copy stopped: no well is left out in silence."""
    start = ["Software Version\t3.11", "Reader Type:\tELx808", "Procedure Details", "Results", head("", "\t")]
    assert code_of(*start, *lines("\t", behind="450")[:6]) == "FILE_INCOMPLETE"


def test_gen5_luminescence_is_no_absorbance() -> None:
    """``RLU:Lum`` is measured light."""
    start = [
        "Software Version\t3.11",
        "Reader Type:\tSynergy",
        "Procedure Details",
        "Results",
        head("", "\t"),
    ]
    (reading,) = read(*start, *lines("\t", factor=100, behind="RLU:Lum")).plates[0].reads
    assert reading.kind is Kind.LUMINESCENCE


def test_mars_with_several_wavelengths_names_each() -> None:
    """``Raw Data (450 1)`` and ``(620 2)`` are 450 and 620 nm, not 1 and 2; blank-corrected is kept aside."""
    start = [
        "User: X,Path: C:\\BMG,Test run no.: 1",
        "Test name: T,Date: 1/2/2026,Time: 1:00:00 PM",
        "ID1: P9,",
        "",
    ]
    body = ["Absorbance", ""]
    for title, factor in (
        ("Raw Data (450 1)", 1.0),
        ("Raw Data (620 2)", 0.1),
        ("Blank corrected (450 1)", 0.9),
    ):
        body += [title, "", head(), *lines(factor=factor), ""]
    (plate,) = read(*start, *body).plates
    assert [reading.wavelength_nm for reading in plate.reads] == [450, 620]
    assert plate.name == "P9"
    assert [table["title"] for table in plate.metadata["tables"]] == ["Blank corrected (450 1)"]  # type: ignore[attr-defined]


def test_mars_without_some_rows_is_remarked() -> None:
    """MARS leaves out rows without a measured well; a lost line looks the same, so a person is told."""
    start = [
        "User: X,Path: C:\\BMG,Test run no.: 1",
        "Test name: T,Date: 1/2/2026,Time: 1 PM",
        "Absorbance",
        "",
    ]
    (plate,) = read(*start, "Raw Data (450)", "", head(), *lines()[:7]).plates
    assert "ROWS_MISSING: the export has no rows H" in str(plate.metadata["remarks"])


def test_magellan_with_two_matrices_of_numbers_is_refused() -> None:
    """One of them may be calculated; the file does not say which."""
    two = [head("<>", "\t"), *lines("\t"), "", head("<>", "\t"), *lines("\t", factor=0.9)]
    assert code_of(*two) == "WHICH_SHEET"


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_grid_without_letters_and_numbers_is_a_plate(sign: str) -> None:
    """Eight lines of twelve numbers, nothing else."""
    bare = [line.split(sign, 1)[1] for line in lines(sign, comma=sign != ",")]
    (plate,) = read(*bare).plates
    assert plate.reads[0].values[Well(7, 11)] == od(7, 11)
    assert (plate.rows, plate.columns) == (8, 12)


def test_bare_grids_under_their_wavelengths_are_reads_of_one_plate() -> None:
    """A line above each names it."""
    bare = [line.split(",", 1)[1] for line in lines()]
    tenth = [line.split(",", 1)[1] for line in lines(factor=0.1)]
    (plate,) = read("450 nm", *bare, "", "620 nm", *tenth).plates
    assert [reading.wavelength_nm for reading in plate.reads] == [450, 620]


def test_a_bare_grid_of_whole_numbers_is_no_plate() -> None:
    """Concentrations have the shape of a plate too."""
    assert (
        code_of(*[",".join(str(1000 + 7 * r + c) for c in range(12)) for r in range(8)]) == "OD_IMPLAUSIBLE"
    )


@pytest.mark.parametrize(
    ("columns", "sign"), [(("Well", "OD 450", "OD 620"), ";"), (("OD 450", "OD 620", "Well"), "\t")]
)
def test_a_well_list_in_any_order_of_columns(columns: tuple[str, ...], sign: str) -> None:
    """Decimal commas, wells with leading zeros, two wavelengths."""
    rows = []
    for row, letter in enumerate(ROWS):
        for column in range(12):
            cells = {"Well": f"{letter}{column + 1:02d}"}
            cells["OD 450"] = f"{od(row, column):.4f}".replace(".", ",")
            cells["OD 620"] = f"{od(row, column) / 10:.4f}".replace(".", ",")
            rows.append(sign.join(cells[name] for name in columns))
    export = read(sign.join(columns), *rows)
    (plate,) = export.plates
    assert export.reader == "generic well list"
    by_wavelength = {reading.wavelength_nm: reading for reading in plate.reads}
    assert by_wavelength[450].values[Well(7, 11)] == od(7, 11)
    assert set(by_wavelength) == {450, 620}


def test_a_well_list_with_plates_is_several_plates() -> None:
    """A column ``Plate`` tells them apart; other columns are kept beside the reads."""
    rows = [f"{p},{w}{c},S{c},{0.1 * c:.1f}" for p in ("P1", "P2") for w in ROWS for c in range(1, 13)]
    plates = read("Plate,Well,Sample,OD", *rows).plates
    assert [plate.name for plate in plates] == ["P1", "P2"]
    assert all(len(plate.reads[0].values) == 96 for plate in plates)
    assert plates[0].metadata["tables"][0]["title"] == "Sample"  # type: ignore[index]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [(("C5,", "C55x,"), "WELL_UNKNOWN"), (("C5,", "C4,"), "WELL_TWICE"), (("C5,0.5", "C5"), "ROW_LENGTH")],
)
def test_a_broken_line_of_a_well_list_is_refused(spoil: tuple[str, str], code: str) -> None:
    """A list never ends early in silence."""
    rows = [f"{w}{c},{0.1 * c:.1f}" for w in ROWS for c in range(1, 13)]
    assert code_of("Well,OD", *(line.replace(*spoil) for line in rows)) == code


def test_concentrations_in_a_well_list_are_no_reads() -> None:
    """Only the measured column is read where its name says so."""
    rows = [f"{w}{c},{0.1 * c:.1f},{100 * c}" for w in ROWS for c in range(1, 13)]
    (plate,) = read("Well,OD 450,Conc. (ng/mL)", *rows).plates
    assert [reading.label for reading in plate.reads] == ["OD 450"]


def test_a_broken_header_never_hides_a_plate() -> None:
    """Rows under no column numbers are refused, not passed over."""
    two = [head("P1"), *lines(), head("P2").replace(",1,", ",x,"), *lines()]
    assert code_of(*two) == "HEADER_UNKNOWN"
