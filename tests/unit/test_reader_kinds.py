"""Kinds of exports that laboratories send, each in several words, arrangements and languages."""

from __future__ import annotations

from typing import Any

import pytest
from plate_files import (
    NUMBERS,
    ROWS,
    WELLS,
    beside,
    book,
    grid,
    is_plate,
    listed,
    od,
    plate_of,
    read,
    reading_of,
    refusal,
    tables,
    text,
    words,
)

from pipeline.domain.plate import Kind, Quantity
from pipeline.domain.wells import Well

REDUCED = [
    "OD corrected", "ODcorr", "Corrected OD450", "delta OD", "ΔOD", "Δ450", "NetOD", "net absorbance",
    "OD diff", "Difference", "OD450 minus OD620", "OD450-OD620", "450-620", "450 \u2013 650 nm", "450/620",
    "A450 - A570",
    "Abs (450nm-570nm)", "OD - Blank", "OD-blk", "blank subtracted", "Background corrected OD", "OD bkg sub",
    "OD_450_620", "reduced", "normalized OD", "OD450 (ref 620)",
    "OD korrigiert", "Korrigierte OD", "Netto-OD", "Differenz", "OD abzüglich Leerwert", "OD minus Blindwert",
    "bereinigte OD", "Hintergrund abgezogen", "OD reduziert",
    "DO corrigée", "DO nette", "différence", "DO moins blanc", "DO - blanc", "bruit de fond soustrait",
    "DO corregida", "DO neta", "diferencia", "DO menos blanco", "fondo restado", "absorbancia corregida",
]  # fmt: skip
RAW = [
    "OD", "OD450", "OD 450", "OD_450", "Abs", "A450", "Absorbance", "Absorbance (450 nm)", "450", "450 nm",
    "450:450", "Raw OD", "OD uncorrected", "OD (not blank corrected)", "Extinktion", "Messwert", "Rohwert",
    "OD unkorrigiert", "Absorption 450", "DO", "DO450", "Densité optique", "absorbance non corrigée",
    "Valeur",
    "Absorbancia", "Densidad óptica", "DO sin corregir", "Valor", "吸光度", "OD值", "value", "Signal",
    "Reading",
]  # fmt: skip


@pytest.mark.parametrize("name", REDUCED)
def test_a_column_that_says_so_is_reduced(name: str) -> None:
    """In four languages: nothing may be subtracted from it again."""
    reading = reading_of(text(listed([name], 1.0), ";"))
    assert reading.quantity is Quantity.REDUCED
    assert is_plate(reading)


@pytest.mark.parametrize("name", RAW)
def test_a_column_of_measured_values_is_raw(name: str) -> None:
    """Names of measurements, and those that say that nothing was corrected."""
    reading = reading_of(text(listed([name], 1.0), ";"))
    assert reading.quantity is Quantity.RAW
    assert reading.wavelength_nm in {None, 450}
    assert ("450" in name) == (reading.wavelength_nm == 450)


@pytest.mark.parametrize("name", REDUCED[::3])
def test_a_grid_is_reduced_by_its_corner_its_title_and_its_sheet(name: str) -> None:
    """Wherever the words stand."""
    by_corner = reading_of(text(grid(corner=name), "\t"))
    by_title = reading_of(text([[name], *grid()], "\t"))
    by_sheet = reading_of(book((name.replace("/", "-"), grid())))
    assert {r.quantity for r in (by_corner, by_title, by_sheet)} == {Quantity.REDUCED}


@pytest.mark.parametrize("name", REDUCED[1::3])
def test_a_reduced_grid_beside_a_raw_one_is_a_table(name: str) -> None:
    """Below it, beside it, or on a sheet of its own."""
    below = plate_of(text([["450 nm"], *grid(), [], [name], *grid(0.9)], "\t"))
    aside = plate_of(book(("Sheet1", beside(grid(), grid(0.9, corner=name)))))
    other = plate_of(book(("Sheet1", grid()), (name.replace("/", "-")[:31], grid(0.9))))
    for plate in (below, aside, other):
        (reading,) = plate.reads
        assert is_plate(reading)
        assert reading.quantity is Quantity.RAW
        assert len(tables(plate)) == 1


def test_a_raw_column_wins_over_its_corrected_twin() -> None:
    """In any order; the corrected one is kept."""
    for names, factors in ((("OD", "OD corr"), (1.0, 0.9)), (("Differenz", "OD 450"), (0.9, 1.0))):
        plate = plate_of(text(listed(names, *factors)))
        (reading,) = plate.reads
        assert is_plate(reading)
        assert len(tables(plate)) == 1


@pytest.mark.parametrize(
    "name", ["Wavelength", "wavelength_nm", "Wavelength (nm)", "nm", "Wellenlänge", "Longueur d'onde", "λ",
             "Longitud de onda (nm)", "Filter", "Meas. Wavelength", "波长"],
)  # fmt: skip
@pytest.mark.parametrize("unit", ["", " nm"])
def test_a_column_of_wavelengths(name: str, unit: str) -> None:
    """Several in a list are several reads, sorted by well or by wavelength."""
    lines = [[well, f"{nm}{unit}", od(well, f)] for well in WELLS for nm, f in ((450, 1.0), (620, 0.1))]
    for rows in (lines, sorted(lines, key=lambda line: str(line[1]))):
        first, second = plate_of(text([["Well", name, "OD"], *rows], ";")).reads
        assert (first.wavelength_nm, second.wavelength_nm) == (450, 620)
        assert is_plate(first)
        assert is_plate(second, 0.1)


def test_a_column_of_reads_tells_them_apart() -> None:
    """``OD450`` and ``OD620`` as names of reads; ``450-620`` among them is reduced and kept."""
    names = (("OD450", 1.0), ("OD620", 0.1), ("OD450-620", 0.9))
    rows = [[well, label, od(well, f)] for well in WELLS for label, f in names]
    plate = plate_of(text([["Well", "Label", "Value"], *rows]))
    assert [reading.wavelength_nm for reading in plate.reads] == [450, 620]
    assert any("450-620" in title for title in tables(plate))


def test_the_same_well_twice_in_a_read_is_refused() -> None:
    """A wavelength column does not hide a doubled line."""
    rows = [["Well", "Wavelength", "OD"], *([well, 450, od(well)] for well in WELLS), ["A1", 450, 0.5]]
    assert refusal(text(rows)).code == "WELL_TWICE"


def test_a_wavelength_that_cannot_be_is_refused() -> None:
    """It is not passed over; 0 and -1 say that there is none."""
    rows = [["Well", "Wavelength", "OD"], *([well, 4500, od(well)] for well in WELLS)]
    assert refusal(text(rows)).code == "EXPORT_NOT_UNDERSTOOD"
    for none in (0, -1, ""):
        rows = [["Well", "Wavelength", "OD"], *([well, none, od(well)] for well in WELLS)]
        assert reading_of(text(rows)).wavelength_nm is None


@pytest.mark.parametrize(
    "name",
    ["Well", "Wells", "WELL", "Well ID", "well_id", "WellID", "Well-ID", "WellPosition", "Well Position",
    "Well Pos.",
     "Well Location", "Well Name", "well_name", "Well No.", "Position", "Pos", "Plate Position", "Vertiefung",
     "Kavität", "Puits", "Position du puits", "Pocillo", "Pozo", "Posición", "Pozzetto", "Poço", "孔",
     "孔位", "ウェル",
     "Лунка", "Dołek"],
)  # fmt: skip
def test_words_for_a_well(name: str) -> None:
    """As a text in UTF-8, with the wells in any column."""
    rows = listed(["OD"], 1.0, first=name)
    assert is_plate(reading_of(text(rows)))
    assert is_plate(reading_of(text([row[::-1] for row in rows], ";")))


def test_a_column_with_all_wells_needs_no_known_name() -> None:
    """96 different wells are wells, whatever stands above them."""
    assert is_plate(reading_of(text(listed(["OD"], 1.0, first="Brunnen"))))
    assert refusal(text(listed(["OD"], 1.0, first="Brunnen")[:60])).code == "FORMAT_UNKNOWN"


@pytest.mark.parametrize(
    ("row", "column"),
    [("Row", "Column"), ("row", "col"), ("Zeile", "Spalte"), ("Ligne", "Colonne"), ("Fila", "Columna")],
)
@pytest.mark.parametrize("counted", [False, True])
def test_wells_in_two_columns(row: str, column: str, counted: bool) -> None:  # noqa: FBT001
    """Rows as letters or numbers."""
    lines = []
    for well in WELLS:
        at = Well.parse(well)
        lines.append([at.row + 1 if counted else ROWS[at.row], at.column + 1, od(well)])
    assert is_plate(reading_of(text([[row, column, "OD 450"], *lines], "\t")))


def test_a_mean_beside_its_reads_is_the_read() -> None:
    """Three reads a well and their mean; a column that is not their mean is refused."""
    rows = [[w, od(w) - 0.01, od(w), od(w) + 0.01, od(w)] for w in WELLS]
    head = ["Well", "OD1", "OD2", "OD3", "Mean"]
    plate = plate_of(text([head, *rows]))
    (reading,) = plate.reads
    assert is_plate(reading)
    assert tables(plate) == ["OD1", "OD2", "OD3"]
    rows[40][4] += 0.2
    assert refusal(text([head, *rows])).code == "SEVERAL_READS"


def test_a_table_of_times_is_no_plate_and_says_so() -> None:
    """Nobody is told to rename a column to OD."""
    error = refusal(
        text([["Well", "Time [s]", "Conc (ng/mL)"], *([w, n, n * 2] for n, w in enumerate(WELLS))])
    )
    assert error.code == "HEADER_UNKNOWN"
    assert "OD'" not in str(error.action)
    assert "Time [s]" in str(error.found)


def test_a_list_with_times_is_a_kinetic() -> None:
    """The same wells at several times, in minutes."""
    rows = [[well, minute, od(well, 1 + minute / 10)] for minute in (0, 5, 10) for well in WELLS]
    plate = plate_of(text([["Well", "Time (min)", "OD"], *rows]))
    assert [reading.time_s for reading in plate.reads] == [0, 300, 600]
    assert plate.metadata["read_mode"] == "kinetic"


LAYOUTS = {
    "names": words(),
    "empty": [[None, *NUMBERS], *([row, *[None] * 12] for row in ROWS)],
    "concentrations": [["ng/mL", *NUMBERS], *([row, *(1000 / 2**c for c in range(12))] for row in ROWS)],
    "dilutions": [["Dilution", *NUMBERS], *([row, *(100 * 3**c for c in range(12))] for row in ROWS)],
    "template": [["Template", *NUMBERS], *([row, *["STD1", "STD1", *["SPL"] * 10]] for row in ROWS)],
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_other_grids_beside_one_of_readings_are_tables(layout: list[list[Any]]) -> None:
    """Above, below, to the left, to the right, on a sheet before or behind."""
    files = [
        text([*layout, [], ["OD 450"], *grid()], "\t"),
        text([["OD 450"], *grid(), [], *layout], "\t"),
        book(("Sheet1", beside(layout, grid(corner="450 nm")))),
        book(("Sheet1", beside(grid(corner="450 nm"), layout))),
        book(("Layout", layout), ("450", grid())),
        book(("450", grid()), ("Layout", layout)),
    ]
    for data in files:
        plate = plate_of(data)
        (reading,) = plate.reads
        assert is_plate(reading)
        assert reading.wavelength_nm == 450
        assert len(tables(plate)) == 1
        assert plate.cells_not_understood == ()


def test_a_plate_of_impossible_numbers_never_becomes_a_table() -> None:
    """It says that it is a plate: a damaged one is refused, not kept aside."""
    spoiled = [["Plate 2", *NUMBERS], *([row, *(1000 + c for c in NUMBERS)] for row in ROWS)]
    assert refusal(text([*grid(corner="Plate 1"), *spoiled])).code == "OD_IMPLAUSIBLE"
    one_cell = grid(corner="Plate 2")
    one_cell[3][5] = 12.7
    assert refusal(text([*grid(corner="Plate 1"), *one_cell])).code == "OD_IMPLAUSIBLE"


def test_two_grids_of_readings_without_names_are_refused() -> None:
    """Nothing says whether they are two plates or two wavelengths."""
    assert refusal(text([*grid(), [], *grid(0.1)])).code == "WHICH_SHEET"


ARRANGED = {
    "corner": [*grid(corner=450), [], *grid(0.1, corner=620)],
    "corner, one cell further left": [
        *([None, *row] if n else [450, *row] for n, row in enumerate(grid())),
        *([None, *row] if n else ["620nm", *row] for n, row in enumerate(grid(0.1))),
    ],
    "behind the lines": [*grid(behind=450), [], *grid(0.1, behind=620)],
    "behind the lines, name and wavelength": [*grid(behind="450nm:450"), [], *grid(0.1, behind="620nm:620")],
    "above": [["450 nm"], *grid(), [], ["620 nm"], *grid(0.1)],
    "above, with a word": [["Absorbance @ 450"], *grid(), [], ["Absorbance @ 620"], *grid(0.1)],
    "above, as a label": [["Wavelength: 450 nm"], *grid(), [], ["Wavelength: 620 nm"], *grid(0.1)],
    "above, as two cells": [["Wellenlänge", 450], *grid(), [], ["Wellenlänge", 620], *grid(0.1)],
    "above, counted": [["Measurement 1: 450"], *grid(), [], ["Measurement 2: 620"], *grid(0.1)],
    "below": [*grid(), ["Wavelength: 450"], [], *grid(0.1), ["Wavelength: 620"]],
    "below, alone": [*grid(), ["450 nm"], [], *grid(0.1), ["620 nm"]],
}


@pytest.mark.parametrize("rows", ARRANGED.values(), ids=ARRANGED)
def test_two_wavelengths_are_two_reads_of_one_plate(rows: list[list[Any]]) -> None:
    """Wherever a printed plate names them."""
    for data in (text(rows, ";"), book(("Sheet1", rows))):
        first, second = plate_of(data).reads
        assert (first.wavelength_nm, second.wavelength_nm) == (450, 620)
        assert is_plate(first)
        assert is_plate(second, 0.1)


def test_stacked_lines_with_their_wavelengths_behind() -> None:
    """One letter for two lines."""
    rows = [[None, *NUMBERS, None]]
    for one, other in zip(grid(behind=450)[1:], grid(0.1, behind=620)[1:], strict=True):
        rows += [one, [None, *other[1:]]]
    first, second = plate_of(text(rows, "\t")).reads
    assert (first.wavelength_nm, second.wavelength_nm) == (450, 620)
    assert is_plate(second, 0.1)


@pytest.mark.parametrize(
    "names", [("450", "620"), ("450 nm", "620 nm"), ("OD450", "OD620"), ("Abs 450", "Abs 620")]
)
def test_a_sheet_for_each_wavelength_is_one_plate(names: tuple[str, str]) -> None:
    """With a layout sheet beside."""
    plate = plate_of(book((names[0], grid()), (names[1], grid(0.1)), ("Layout", words())))
    assert [reading.wavelength_nm for reading in plate.reads] == [450, 620]
    assert plate.name == ""


def test_sheets_of_two_plates_and_two_wavelengths() -> None:
    """Their names without the wavelength tell the plates apart."""
    sheets = [(f"P{p}_{nm}", grid(p * f)) for p in (1, 2) for nm, f in ((450, 1.0), (620, 0.1))]
    plates = read(book(*sheets)).plates
    assert [plate.name for plate in plates] == ["P1", "P2"]
    assert all([r.wavelength_nm for r in plate.reads] == [450, 620] for plate in plates)


def test_titled_plates_on_one_sheet() -> None:
    """With two wavelengths each, in any order of lines."""
    rows: list[list[Any]] = []
    for number in (1, 2):
        rows += [[f"Plate {number}"], ["450 nm"], *grid(number), [], ["620 nm"], *grid(number / 10), []]
    plates = read(text(rows, "\t")).plates
    assert [plate.name for plate in plates] == ["Plate 1", "Plate 2"]
    assert is_plate(plates[1].reads[0], 2)
    assert [r.wavelength_nm for r in plates[1].reads] == [450, 620]


def test_each_plate_has_its_own_facts() -> None:
    """The date of plate 1 is not that of plate 2; the reader above both is."""
    rows: list[list[Any]] = [["Reader: Sunrise"]]
    for number in (1, 2):
        rows += [
            [f"Plate ID: P{number}"],
            [f"Date: 0{number}.03.2026"],
            [f"Operator: OP-{number}"],
            *grid(number),
            [],
        ]
    first, second = read(text(rows, "\t")).plates
    assert (first.name, second.name) == ("P1", "P2")
    assert (first.metadata["day"], second.metadata["day"]) == ("2026-03-01", "2026-03-02")
    assert (first.metadata["operator"], second.metadata["operator"]) == ("OP-1", "OP-2")
    assert "Sunrise" in str(first.metadata)
    assert "Sunrise" in str(second.metadata)


def test_facts_below_their_plates() -> None:
    """Footers, where nothing stands above the first plate."""
    rows: list[list[Any]] = []
    for number in (1, 2):
        rows += [*grid(number, corner=f"Plate {number}"), [f"Date: 0{number}.03.2026"], []]
    first, second = read(text(rows, "\t")).plates
    assert (first.metadata["day"], second.metadata["day"]) == ("2026-03-01", "2026-03-02")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Plate ID: P0042", "P0042"), ("Plate name: MAG 7", "MAG 7"), ("Plattenname: P7", "P7"),
        ("Plate 7", "Plate 7"),
        ("Time: 12:59 pm", ""), ("24 Jan 2026", ""), ("12:59", ""), ("Operator: OP-3", ""), ("sep=,", ""),
        ("Temperature: 25.1", ""), ("ELISA results", ""), ("Absorbance 450 nm", ""),
        ("Plate type: 96 well", ""),
        ("P1 IgM", "P1 IgM"), ("Comments:", ""), ("Protocol: anti-MAG", ""),
    ],
)  # fmt: skip
def test_what_names_a_plate(line: str, name: str) -> None:
    """A line that says so, or a title; no other fact."""
    assert plate_of(text([[line], *grid()], ";")).name == name


@pytest.mark.parametrize(
    ("sheets", "names"),
    [
        (("spike", "RBD old lot"), ["spike", "RBD old lot"]),
        (("Sheet1", "Sheet2"), ["Sheet1", "Sheet2"]),
        (("Plate 7",), ["Plate 7"]),
        (("Tabelle1",), [""]),
        (("Results",), [""]),
    ],
)
def test_sheets_that_people_named(sheets: tuple[str, ...], names: list[str]) -> None:
    """A name that the program did not give."""
    assert [plate.name for plate in read(book(*((name, grid()) for name in sheets))).plates] == names


@pytest.mark.parametrize(
    ("label", "kind"),
    [("RFU", Kind.FLUORESCENCE), ("Fluoreszenz", Kind.FLUORESCENCE), ("RLU", Kind.LUMINESCENCE),
     ("Luminescence (cps)", Kind.LUMINESCENCE)],
)  # fmt: skip
def test_light_is_never_spoken_of_as_absorbance(label: str, kind: Kind) -> None:
    """In a list, in a corner and in a title; counts are no absorbances out of range."""
    counts = [[row, *(1000 + 37 * c for c in NUMBERS)] for row in ROWS]
    files = [
        text([["Well", label], *([well, 1000 + n] for n, well in enumerate(WELLS))]),
        text([[label, *NUMBERS], *counts]),
        text([[f"{label}"], [None, *NUMBERS], *counts]),
    ]
    for data in files:
        plate = plate_of(data)
        assert plate.reads[0].kind is kind
        assert plate.reads[0].wavelength_nm is None
        assert "assumed" not in plate.metadata


@pytest.mark.parametrize("sign", ["  ", "     "])
def test_columns_that_spaces_set_apart(sign: str) -> None:
    """As a printer writes them; the column numbers have no cell before them."""
    rows = [sign.join(["", *map(str, NUMBERS)])]
    rows += [sign.join([row, *(f"{od(f'{row}{c}'):.4f}" for c in NUMBERS)]) for row in ROWS]
    data = "\r\n".join(["Plate 4   450 nm", *rows]).encode()
    reading = reading_of(data)
    assert is_plate(reading)
    lost = data.replace(f"{od('C5'):.4f}".encode(), b"      ", 1)
    assert refusal(lost).code == "ROW_LENGTH"


@pytest.mark.parametrize("label", ["A", "a", "A:", "Row A", "Zeile A", " A "])
def test_labels_of_rows(label: str) -> None:
    """Letters as they are printed."""
    rows = grid()
    lettered = [[label.replace("A", row[0]).replace("a", row[0].lower()), *row[1:]] for row in rows[1:]]
    assert is_plate(reading_of(text([rows[0], *lettered], ";")))


def test_half_a_plate() -> None:
    """Columns 1 to 6, told as a remark; eleven columns are refused."""
    half = [row[:7] for row in grid(corner="450 nm")]
    plate = plate_of(text(half))
    assert len(plate.reads[0].values) == 48
    assert "COLUMNS_MISSING" in str(plate.metadata["remarks"])
    assert (plate.rows, plate.columns) == (8, 12)
    assert refusal(text([row[:12] for row in grid()])).code == "PLATE_SHAPE"


@pytest.mark.parametrize(
    ("encoding", "well", "value"),
    [("gb18030", "孔位", "吸光度"), ("big5", "孔位", "吸光度"), ("cp932", "ウェル", "吸光度"),
     ("cp1251", "Лунка", "OD 450"), ("cp1252", "Kavität", "Extinktion"), ("utf-16-le", "Well", "OD"),
     ("utf-16-be", "Well", "OD"), ("utf-8", "孔", "OD")],
)  # fmt: skip
def test_national_encodings_are_read_and_stated(encoding: str, well: str, value: str) -> None:
    """Without a byte-order mark; the encoding is in the facts."""
    rows = text(listed([value], 1.0, first=well), ";").decode()
    plate = plate_of(rows.encode(encoding))
    assert is_plate(plate.reads[0])
    assert plate.metadata["encoding"] == encoding


def test_excels_own_first_line_names_the_separator() -> None:
    """``sep=;`` is no title, and decimal commas may follow."""
    data = b"sep=;\r\n" + text(grid(), ";", comma=True)
    plate = plate_of(data)
    assert plate.name == ""
    assert is_plate(plate.reads[0])


def test_wells_across() -> None:
    """A line for each wavelength, or for each time; one line alone is an end point."""
    head = ["Wavelength", *WELLS]
    rows = [[450, *map(od, WELLS)], [620, *(od(well, 0.1) for well in WELLS)]]
    first, second = plate_of(text([head, *rows])).reads
    assert (first.wavelength_nm, second.wavelength_nm) == (450, 620)
    assert is_plate(first)
    assert is_plate(reading_of(text([WELLS, list(map(od, WELLS))], ";")))
    kinetic = plate_of(text([["Time", *WELLS], *([f"0:0{m}:00", *map(od, WELLS)] for m in range(3))]))
    assert [reading.time_s for reading in kinetic.reads] == [0, 60, 120]
    assert kinetic.metadata["read_mode"] == "kinetic"
    assert refusal(text([WELLS, list(map(od, WELLS)), list(map(od, WELLS))])).code == "WHICH_SHEET"


def test_a_list_of_samples_beside_a_grid_is_a_table() -> None:
    """On the same sheet or on another: the grid is the plate."""
    samples = [["Well", "Sample ID", "Conc"], *([well, f"S{n}", n] for n, well in enumerate(WELLS))]
    for data in (
        book(("OD", grid(corner="450 nm")), ("Samples", samples)),
        text([*grid(corner="450 nm"), [], *samples], "\t"),
    ):
        plate = plate_of(data)
        assert is_plate(plate.reads[0])
        assert tables(plate) == ["list of wells"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["Time", "Mean", "SD"], *([f"0:{n:02d}:00", 0.1 * n, 0.01] for n in range(30))], "table of times"),
        ([["Dear all"], ["please find attached"]], "no numbers"),
        ([["DYNEX Revelation 4.25"], *([n, n / 7, n / 3] for n in range(20))], "it names revelation"),
        ([row[:1] + row[1:] for row in grid()[1:]], "row A without column numbers"),
        ([[f"sample {n}", n / 7, n / 3] for n in range(20)], "names no wells"),
        ([[well, od(well)] for well in WELLS[:20]], "names of wells without a heading"),
    ],
)
def test_an_unknown_file_is_told_its_own_reason(rows: list[list[Any]], reason: str) -> None:
    """Never one sentence for all."""
    error = refusal(text(rows, "\t"))
    assert error.code == "FORMAT_UNKNOWN"
    assert reason in str(error.found)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_separators(sign: str) -> None:
    """Grids and lists."""
    assert is_plate(reading_of(text(grid(), sign)))
    assert is_plate(reading_of(text(listed(["OD"], 1.0), sign)))


def test_columns_with_words_before_their_numbers() -> None:
    """``C1`` above row A is column 1, not well C1."""
    for word in ("C", "Col ", "Column "):
        rows = [[None, *(f"{word}{n}" for n in NUMBERS)], *grid()[1:]]
        assert is_plate(reading_of(text(rows)))


def test_titles_of_plates_beside_each_other() -> None:
    """Each above its own columns, or in its own corner."""
    first, second = read(book(("Sheet1", beside(grid(corner="Plate 1"), grid(2.0, corner="Plate 2"))))).plates
    assert (first.name, second.name) == ("Plate 1", "Plate 2")
    titles = ["450 nm", *[None] * 14, "620 nm"]
    reads = plate_of(book(("Sheet1", [titles, *beside(grid(), grid(0.1))]))).reads
    assert [reading.wavelength_nm for reading in reads] == [450, 620]


def test_means_below_and_beside_a_plate() -> None:
    """Lines of calculations are kept; numbers beside the rows are listed."""
    below = plate_of(book(("Sheet1", [["OD 450"], *grid(), ["Mean", *[0.5] * 12], ["SD", *[0.01] * 12]])))
    assert tables(below) == ["Mean", "SD"]
    assert below.cells_not_understood == ()
    aside = [[*row, None, 0.5 + n if n else "Mean"] for n, row in enumerate(grid())]
    plate = plate_of(book(("Sheet1", [["OD 450"], *aside])))
    assert is_plate(plate.reads[0])
    assert len(plate.cells_not_understood) == 8


@pytest.mark.parametrize("names", [("Measurement", "Reference"), ("OD 450 run 1", "OD 450 run 2")])
def test_reads_that_nothing_tells_apart_are_no_two_plates(names: tuple[str, str]) -> None:
    """A measurement and its reference, or the same read again: refused, never evaluated one by one."""
    assert refusal(book((names[0], grid()), (names[1], grid(0.1)))).code == "WHICH_SHEET"
    assert refusal(text([[names[0]], *grid(), [], [names[1]], *grid(0.1)])).code == "WHICH_SHEET"


def test_a_stated_reference_beside_one_set_of_numbers() -> None:
    """They may be the difference already: reduced, in a grid and in a list."""
    for rows in (grid(), listed(["OD"], 1.0)):
        assert reading_of(text([["Reference wavelength: 630 nm"], *rows])).quantity is Quantity.REDUCED
        assert reading_of(text([["Reference wavelength: none"], *rows])).quantity is Quantity.RAW


def test_several_facts_in_one_line() -> None:
    """Older software prints them in one cell, or in cells beside each other."""
    bare = [row[1:] for row in grid()[1:]]
    for line in (["Measurement count: 1   Filter: 450"], ["Measurement count: 1", "Filter: 450"]):
        assert reading_of(text([line, *bare], "\t")).wavelength_nm == 450


def test_grids_of_a_kinetic() -> None:
    """A time above each; an assay with an end point refuses it."""
    rows = [row for time in (0, 60) for row in ([f"Time: {time} s"], *grid(1 + time / 100), [])]
    plate = plate_of(text(rows))
    assert [reading.time_s for reading in plate.reads] == [0, 60]
    assert plate.metadata["read_mode"] == "kinetic"
